package io.millrace.infra.door;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a thread of gRPC does its work: it runs what it is given, and has the memory for an answer. Without that
 * memory every call on it fails, though connections are still accepted. Safe from any thread.
 */
final class LoopHealth {

    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int ANSWER_BYTES = 256 << 10;

    private final EventExecutor loop;
    private final Supplier<ByteBufAllocator> memory;
    private volatile boolean waiting;
    private volatile boolean failed;
    private volatile long askedNanos;

    /** @param memory allocates answers; gives null until there has been a connection */
    LoopHealth(EventExecutor loop, Supplier<@Nullable ByteBufAllocator> memory) {
        this.loop = loop;
        this.memory = memory;
    }

    /** @return whether the thread served when it was last asked; asks it again */
    synchronized boolean serves() {
        long now = System.nanoTime();
        if (waiting) {
            return !failed && now - askedNanos < LATE_NANOS;
        }
        waiting = true;
        askedNanos = now;
        try {
            loop.execute(this::look);
        } catch (RejectedExecutionException closed) {
            failed = true;
        }
        return !failed;
    }

    private void look() {
        boolean lacking = false;
        try {
            ByteBufAllocator known = memory.get();
            if (known != null) {
                known.directBuffer(ANSWER_BYTES).release();
            }
        } catch (OutOfMemoryError e) {
            lacking = true; // memory outside the heap is lacking; later there may be enough again
        }
        failed = lacking;
        waiting = false;
    }
}
