package io.millrace.ingest.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The event streams that are open on this node: no more than so many, and none whose client takes nothing. Safe from any
 * thread.
 */
final class OpenStreams implements AutoCloseable {

    /** How long a client may take nothing of what is sent to it. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int most;
    private final Semaphore free;
    private final Set<EventWriter> writers = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("event-streams-watchdog").factory());

    /**
     * @param most streams at a time
     * @param patience how long a client may take nothing of what is sent to it
     */
    OpenStreams(int most, Duration patience) {
        this.most = most;
        free = new Semaphore(most);
        long lookMs = Math.max(1, patience.toMillis() / 10);
        watchdog.scheduleWithFixedDelay(
                () -> writers.forEach(writer -> writer.endIfStuck(patience.toNanos())), lookMs, lookMs, TimeUnit.MILLISECONDS);
    }

    /** @return the most that may be open at a time */
    int most() {
        return most;
    }

    /** @return whether there is room for another; it has to {@link #leave} in the end */
    boolean enter() {
        return free.tryAcquire();
    }

    void leave() {
        free.release();
    }

    void watch(EventWriter writer) {
        writers.add(writer);
    }

    void forget(EventWriter writer) {
        writers.remove(writer);
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
    }
}
