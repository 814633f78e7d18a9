package io.millrace.dispatcher.reads;

import io.millrace.proto.reads.ReadsUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A few threads that may wait for a disk, for reads that memory cannot answer. Any thread. */
public final class Readers implements AutoCloseable {

    private static final int THREADS = 2;
    /** Reads that may wait; more come back later. */
    private static final int MAX_WAITING = 10_000;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("millrace-readers-", 0).factory());

    /** Makes ready; threads begin with the first reads, and end when there are none. */
    public Readers() {
        threads.allowCoreThreadTimeOut(true);
    }

    /** @return what was read, on a thread of these */
    <T> CompletableFuture<T> read(Supplier<T> read) {
        Waiting<T> waiting = new Waiting<>(read, new CompletableFuture<>());
        try {
            threads.execute(waiting);
        } catch (RejectedExecutionException e) {
            waiting.giveUp(
                    "expected a reader of the store, but " + threads.getQueue().size() + " reads wait for one");
        }
        return waiting.answer;
    }

    private record Waiting<T>(Supplier<T> read, CompletableFuture<T> answer) implements Runnable {

        @Override
        public void run() {
            try {
                answer.complete(read.get());
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        }

        void giveUp(String why) {
            answer.completeExceptionally(new ReadsUnavailableException(why));
        }
    }

    /** What waits is given up. */
    @Override
    public void close() {
        threads.shutdownNow()
                .forEach(waiting -> ((Waiting<?>) waiting)
                        .giveUp("expected a reader of the store, but this node is shutting down"));
    }
}
