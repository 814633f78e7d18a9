package io.millrace.notifier.connection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The machine, or the proxy, that connections come from. It finds out which serial pollers lend their only thread to a
 * client. SDKs with one thread start and signal workflows on the thread that polls, over another connection of the same
 * process. Such a call never comes while a poll of that worker is held, so one that does tells of another thread.
 *
 * <p>Times are milliseconds of any one clock. Any thread.
 */
public final class Host {

    /** How long a client's call counts: whoever makes one is likely to make the next, or waits for the end of what it started. */
    static final long NEAR_MS = TimeUnit.SECONDS.toMillis(5);

    /** How long a call that came while a poll was held counts. */
    static final long APART_MS = TimeUnit.SECONDS.toMillis(60);

    /** Serial pollers that are looked at. Behind a proxy there may be any number, and then nothing can be told of them. */
    static final int MAX_POLLERS = 16;

    private final Map<WorkerId, Poller> pollers = new ConcurrentHashMap<>(2);

    private static final class Poller {
        private static final long NEVER = Long.MIN_VALUE / 2;

        private int open;
        private long seenAt = NEVER;
        private long nearAt = NEVER;
        private long apartAt = NEVER;

        boolean isForgotten(long now) {
            return open == 0 && now - seenAt >= APART_MS;
        }
    }

    /** A client's call came from here. */
    void clientCalled(long nowMs) {
        if (pollers.isEmpty()) {
            return;
        }
        pollers.keySet()
                .forEach(worker -> pollers.computeIfPresent(worker, (id, poller) -> {
                    if (poller.isForgotten(nowMs)) {
                        return null;
                    }
                    if (poller.open > 0) {
                        poller.apartAt = nowMs;
                    } else {
                        poller.nearAt = nowMs;
                    }
                    return poller;
                }));
    }

    /**
     * A poll of a serial poller begins.
     *
     * @return whether the thread that waits for it is likely to be wanted by a client
     */
    public boolean begins(WorkerId worker, long nowMs) {
        boolean[] wanted = new boolean[1];
        if (pollers.size() >= MAX_POLLERS) {
            pollers.values().removeIf(poller -> poller.isForgotten(nowMs));
        }
        boolean room = pollers.size() < MAX_POLLERS;
        pollers.compute(worker, (id, known) -> {
            if (known == null && !room) {
                return null;
            }
            Poller poller = known == null ? new Poller() : known;
            poller.open++;
            poller.seenAt = nowMs;
            wanted[0] = nowMs - poller.nearAt < NEAR_MS && nowMs - poller.apartAt >= APART_MS;
            return poller;
        });
        return wanted[0];
    }

    /** A poll whose begin was told is about to be answered, or its caller has gone. */
    public void ends(WorkerId worker, long nowMs) {
        pollers.computeIfPresent(worker, (id, poller) -> {
            poller.open = Math.max(0, poller.open - 1);
            poller.seenAt = nowMs;
            return poller;
        });
    }

    /** @return serial pollers that are looked at */
    int size() {
        return pollers.size();
    }
}
