package io.millrace.dispatcher.topology;

import io.millrace.proto.FailureTrace;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a stream thread that fails: another takes its place, and does again what was not committed. The first
 * time it is soon, and then after longer and longer pauses. What fails again and again must not turn into a loop that
 * does nothing else. While the failed thread waits it keeps its place in the group, and what it has of other partitions
 * can be read. But the group moves no partition before it has heard of all its members. So where it waits for this one, the pause is over
 * at once. Called on stream threads; the rest is safe on any.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadFailures.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 30_000;
    /** After so long without a failure the next one is a first one. */
    private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final LongSupplier nanoTime;
    private final Pause pause;
    /** Ends the pauses that have begun. Written under the lock. */
    private volatile CountDownLatch over = new CountDownLatch(1);

    private boolean closed;
    /** When pauses were ended before their time; null: never. */
    private @Nullable Long hurriedNanos;

    private @Nullable FailureKind lastKind;
    private @Nullable String lastFailure;
    private long lastNanos;
    private int times;
    /** What each thread that failed waits for. */
    private final Map<Thread, String> troubles = new ConcurrentHashMap<>();

    /** How a thread waits. */
    interface Pause {

        /** @param over ends the pause before its time */
        void of(long millis, CountDownLatch over) throws InterruptedException;
    }

    ThreadFailures() {
        nanoTime = System::nanoTime;
        pause = (millis, over) -> over.await(millis, TimeUnit.MILLISECONDS);
    }

    /** With another time, for tests. */
    ThreadFailures(LongSupplier nanoTime, Pause pause) {
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable failure) {
        FailureKind kind = FailureKind.of(failure);
        long pauseMs = note(kind, failure);
        Thread thread = Thread.currentThread();
        troubles.put(thread, "a stream thread failed (" + kind + "), and is replaced within " + pauseMs + " ms");
        try {
            pause.of(pauseMs, over);
        } catch (InterruptedException e) {
            thread.interrupt();
        } finally {
            troubles.remove(thread);
        }
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    private synchronized long note(FailureKind kind, Throwable failure) {
        long now = nanoTime.getAsLong();
        String text = text(kind, rootOf(failure));
        String whole = text + System.lineSeparator() + FailureTrace.of(failure);
        boolean again = lastKind == kind && now - lastNanos < FORGOTTEN_NANOS;
        times = again ? times + 1 : 1;
        long pauseMs =
                kind.slower() ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(times - 1, 20)) : FIRST_PAUSE_MS;
        if (again && whole.equals(lastFailure)) {
            LOG.warn(
                    "a stream thread failed in the same way, {} times now; the next try is in {} ms: {}",
                    times,
                    pauseMs,
                    text);
        } else {
            LOG.error(
                    "a stream thread failed ({}) and is replaced in {} ms; what it did since the last commit is done again. {} {}",
                    kind,
                    pauseMs,
                    kind.remedy(),
                    whole);
        }
        lastKind = kind;
        lastFailure = whole;
        // The pause itself is no time without failure.
        lastNanos = now + TimeUnit.MILLISECONDS.toNanos(pauseMs);
        return pauseMs;
    }

    /** Kafka and the disk say what is wrong with them; all else may quote the command that was at work. */
    private static String text(FailureKind kind, Throwable root) {
        return switch (kind) {
            case COMMAND, UNEXPECTED -> root.getClass().getName();
            case STORAGE, KAFKA_AWAY, FENCED, FORBIDDEN, CLOCK_SET_BACK -> root.toString();
        };
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    /** @return what keeps one of the threads from its work now, empty if nothing does */
    Optional<String> trouble() {
        return troubles.values().stream().findAny();
    }

    /**
     * The group waits for its members, so no thread of it must be in a pause. But each thread that takes the place of another makes the
     * group wait as well, so this does not happen more often than the longest pause lasts: two that fail again and again would keep each
     * other going.
     */
    synchronized void hurry() {
        long now = nanoTime.getAsLong();
        boolean lately = hurriedNanos != null && now - hurriedNanos < TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MS);
        if (closed || lately || troubles.isEmpty()) {
            return;
        }
        hurriedNanos = now;
        LOG.info("the group of the dispatchers waits for a stream thread that failed, so it is replaced at once");
        CountDownLatch begun = over;
        over = new CountDownLatch(1);
        begun.countDown();
    }

    /** No failure is waited out any more. */
    @Override
    public synchronized void close() {
        closed = true;
        over.countDown();
    }
}
