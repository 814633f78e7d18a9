package io.millrace.ingest.http;

import io.millrace.proto.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets two calls of strangers from one address go on at once, so that nobody alone takes what all share; the next ones
 * wait for a while. Safe from any thread.
 */
final class OriginTurns {

    private static final int AT_ONCE = 2;
    private static final Duration WAIT = Duration.ofSeconds(2);

    private final Duration wait;
    private final Map<String, Origin> origins = new ConcurrentHashMap<>();

    /** @param inside calls that go on or wait */
    private record Origin(Semaphore free, int inside) {}

    /** A call that may go on. */
    interface Granted extends AutoCloseable {

        /** To be called once. */
        @Override
        void close();
    }

    OriginTurns() {
        this(WAIT);
    }

    /** @param wait how long a call waits for others of its address to end */
    OriginTurns(Duration wait) {
        this.wait = wait;
    }

    /**
     * Waits until the call may go on.
     *
     * @param host address that it comes from, without a port
     * @throws UnavailableException if it may not in time
     */
    Granted take(String host) {
        Semaphore free = origins.compute(
                        host,
                        (same, there) -> there == null
                                ? new Origin(new Semaphore(AT_ONCE), 1)
                                : new Origin(there.free(), there.inside() + 1))
                .free();
        if (!acquired(free)) {
            leave(host);
            throw new UnavailableException("expected at most " + AT_ONCE
                    + " log-ins from one address at the same moment, but there are more: try again soon");
        }
        return () -> {
            free.release();
            leave(host);
        };
    }

    private boolean acquired(Semaphore free) {
        try {
            return free.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void leave(String host) {
        origins.computeIfPresent(host, (same, there) -> left(there));
    }

    private static @Nullable Origin left(Origin there) {
        return there.inside() == 1 ? null : new Origin(there.free(), there.inside() - 1);
    }

    /** @return addresses of which a call goes on or waits */
    int known() {
        return origins.size();
    }
}
