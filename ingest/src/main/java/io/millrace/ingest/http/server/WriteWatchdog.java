package io.millrace.ingest.http.server;

import io.millrace.proto.timer.Recurring;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Cuts off clients that take nothing of the answers that are written to them. Safe from any thread. */
final class WriteWatchdog implements AutoCloseable {

    private final Set<WatchedOutput> watched = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-write-watchdog").factory());

    /** @param patience how long a client may take nothing of what is sent to it */
    WriteWatchdog(Duration patience) {
        Duration pause = Duration.ofMillis(Math.max(1, patience.toMillis() / 10));
        Recurring.start(
                timer, pause, pause, "could not look for clients that take nothing of what is sent to them",
                () -> watched.forEach(output -> output.endIfStuck(patience.toNanos())));
    }

    /**
     * @param end closes the connection, from any thread
     * @return all that is sent through a connection, watched until {@link #forget}
     */
    WatchedOutput watch(OutputStream sent, Runnable end) {
        WatchedOutput output = new WatchedOutput(sent, end);
        watched.add(output);
        return output;
    }

    void forget(WatchedOutput output) {
        watched.remove(output);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
