package io.millrace.notifier.poll;

import io.millrace.proto.v1.WorkType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells serial pollers from parallel ones. A worker that polls workflows and tasks, but never both at once, waits with its
 * only thread: while one poll is held it can do nothing else. Times are milliseconds of any one clock. Safe from any thread.
 */
final class Sightings {

    private final ConcurrentHashMap<WorkerId, Sighting> workers = new ConcurrentHashMap<>();
    private final long windowMs;
    private final AtomicLong nextSweep = new AtomicLong(Long.MIN_VALUE);

    /** @param windowMs how long a poll counts as "polls this type too" */
    Sightings(long windowMs) {
        this.windowMs = windowMs;
    }

    /**
     * A poll begins.
     *
     * @param unified whether the worker registered kinds of both types: then its very first poll counts as serial until
     *     it is seen to hold both at once, so that a single-threaded worker is not stuck in it
     * @return whether the worker is a serial poller
     */
    boolean begin(WorkerId worker, WorkType type, boolean unified, long nowMs) {
        sweep(nowMs);
        boolean[] serial = new boolean[1];
        workers.compute(worker, (id, known) -> {
            Sighting sighting = known == null ? new Sighting() : known;
            serial[0] = sighting.begin(type == WorkType.TASK ? 1 : 0, unified, nowMs, windowMs);
            return sighting;
        });
        return serial[0];
    }

    /** A poll is over. */
    void end(WorkerId worker, WorkType type, long nowMs) {
        workers.computeIfPresent(worker, (id, sighting) -> {
            sighting.end(type == WorkType.TASK ? 1 : 0, nowMs);
            return sighting;
        });
    }

    /** @return whether a poll of the worker is open now */
    boolean polling(WorkerId worker) {
        boolean[] open = new boolean[1];
        workers.computeIfPresent(worker, (id, sighting) -> {
            open[0] = sighting.isPolling();
            return sighting;
        });
        return open[0];
    }

    /** @return workers remembered */
    int size() {
        return workers.size();
    }

    private void sweep(long nowMs) {
        long due = nextSweep.get();
        if (nowMs >= due && nextSweep.compareAndSet(due, nowMs + windowMs)) {
            workers.keySet().forEach(worker -> workers.computeIfPresent(
                    worker, (id, sighting) -> sighting.isForgotten(nowMs, windowMs) ? null : sighting));
        }
    }

    private static final class Sighting {
        private static final long NEVER = Long.MIN_VALUE / 2;

        private final int[] open = new int[2];
        private final long[] seenAt = {NEVER, NEVER};
        private long bothAt = NEVER;

        boolean begin(int type, boolean unified, long now, long window) {
            int other = 1 - type;
            boolean seenThis = open[type] > 0 || now - seenAt[type] < window;
            boolean seenOther = open[other] > 0 || now - seenAt[other] < window;
            open[type]++;
            seenAt[type] = now;
            if (open[other] > 0) {
                bothAt = now;
            }
            if (now - bothAt < window) {
                return false;
            }
            return seenOther || unified && !seenThis;
        }

        void end(int type, long now) {
            if (open[1 - type] > 0) {
                bothAt = now;
            }
            open[type]--;
            seenAt[type] = now;
        }

        boolean isPolling() {
            return open[0] > 0 || open[1] > 0;
        }

        boolean isForgotten(long now, long window) {
            return !isPolling() && now - Math.max(seenAt[0], seenAt[1]) >= window;
        }
    }
}
