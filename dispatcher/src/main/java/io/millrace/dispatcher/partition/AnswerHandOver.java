package io.millrace.dispatcher.partition;

import io.millrace.proto.FailureTrace;
import io.millrace.proto.log.ReplySink;
import io.millrace.proto.v1.ReplyRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between the stream threads and those who hear answers, so that no answer holds partitions up. A small one is
 * given at once. Whoever takes it must not wait for anything, so this costs what its bytes cost, and less than waking
 * another thread. A large one is given by a thread of its own, and so are all behind it meanwhile: answers keep their
 * order. What fails in whoever is called is logged, and is no affair of the partition. Any thread.
 */
public final class AnswerHandOver implements ReplySink, AutoCloseable {

    /** Up to so many bytes an answer is small: copying and encoding it takes some 20 µs. */
    static final int SMALL_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(AnswerHandOver.class);
    /** Whoever takes so long with a small answer has waited for something. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** It is said no more often than that. */
    private static final long BETWEEN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ReplySink replies;
    private final Deque<ReplyRecord> waiting = new ArrayDeque<>();
    /** Whether the thread has anything to give; written under the lock of what waits. */
    private volatile boolean busy;

    private volatile long toldNanos = System.nanoTime() - BETWEEN_NANOS;
    private boolean closed;

    /** @param replies where they go; must not block */
    public AnswerHandOver(ReplySink replies) {
        this.replies = replies;
    }

    @Override
    public void deliver(ReplyRecord reply) {
        if (!busy && reply.getSerializedSize() <= SMALL_BYTES) {
            give(reply);
            return;
        }
        boolean giveHere = false;
        synchronized (waiting) {
            if (closed) {
                return; // nobody is left who could hear it
            }
            waiting.add(reply);
            if (!busy) {
                busy = true;
                giveHere = !started();
            }
        }
        if (giveHere) {
            giveAll();
        }
    }

    private boolean started() {
        try {
            Thread.ofPlatform().daemon().name("millrace-answers").start(this::giveAll);
            return true;
        } catch (OutOfMemoryError e) {
            LOG.error("expected a thread that gives large answers, but the machine has none left; gives them here", e);
            return false;
        }
    }

    /** Until nothing waits; {@link #give} lets nothing out that would end it sooner. */
    private void giveAll() {
        for (ReplyRecord next = next(); next != null; next = next()) {
            give(next);
        }
    }

    private ReplyRecord next() {
        synchronized (waiting) {
            busy = !waiting.isEmpty();
            return waiting.poll();
        }
    }

    private void give(ReplyRecord reply) {
        long beganNanos = System.nanoTime();
        try {
            replies.deliver(reply);
        } catch (Throwable e) {
            LOG.error(
                    "whoever heard the answer to a command of node {} failed: {}", reply.getNode(), FailureTrace.of(e));
        }
        long nowNanos = System.nanoTime();
        long tookNanos = nowNanos - beganNanos;
        if (tookNanos > SLOW_NANOS && nowNanos - toldNanos > BETWEEN_NANOS) {
            toldNanos = nowNanos;
            LOG.warn(
                    "expected whoever hears an answer to take it at once, but {} took {} ms",
                    reply.getBodyCase(),
                    TimeUnit.NANOSECONDS.toMillis(tookNanos));
        }
    }

    /** What waits is dropped: the node is stopping. */
    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
            waiting.clear();
        }
    }
}
