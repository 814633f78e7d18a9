package io.millrace.notifier.call;

import io.millrace.notifier.connection.WorkerId;
import io.millrace.proto.v1.WorkType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells serial pollers from parallel ones. A worker that polls workflows and tasks, but never both at once, waits with
 * its only thread. While one poll is held it can do nothing else. SDKs with a single thread poll by the UUID that the
 * server gave them, for both types of work, whatever they registered. Whoever polls so counts as serial from its first
 * poll on. It is parallel once it had both open at a time, or polled one type in vain for some rounds and never the
 * other. Anyone else is serial when it was seen to take turns. Times are milliseconds of any one clock. Safe from any
 * thread.
 */
final class Sightings {

    /** Polls that end empty after which a worker that polled one type alone is parallel. */
    static final int LONE_ROUNDS = 3;

    /** Changes from one type to the other, one poll at a time, after which a worker was seen to take turns. */
    static final int MANY_TURNS = 6;

    private final ConcurrentHashMap<WorkerId, Sighting> workers = new ConcurrentHashMap<>();
    private final long windowMs;
    private final AtomicLong nextSweep = new AtomicLong(Long.MIN_VALUE);

    /** @param windowMs how long what was seen counts */
    Sightings(long windowMs) {
        this.windowMs = windowMs;
    }

    /**
     * What is known of a worker that polls.
     *
     * @param serial whether it may be a serial poller
     * @param idleMs how long ago it polled for the first time after it had got work
     * @param turns whether it is not only taken for one, but was seen to take turns again and again
     */
    record Seen(boolean serial, long idleMs, boolean turns) {}

    /**
     * A poll begins.
     *
     * @param presumed whether the worker counts as serial until it is known better
     */
    Seen begin(WorkerId worker, WorkType type, boolean presumed, long nowMs) {
        sweep(nowMs);
        Seen[] seen = new Seen[1];
        workers.compute(worker, (id, known) -> {
            Sighting sighting = known == null ? new Sighting() : known;
            boolean serial = sighting.begin(type == WorkType.TASK ? 1 : 0, presumed, nowMs);
            seen[0] = new Seen(serial, nowMs - sighting.idleSince, serial && sighting.turns >= MANY_TURNS);
            return sighting;
        });
        return seen[0];
    }

    /**
     * A poll is over.
     *
     * @param how only one that was answered with nothing says something of what comes next
     */
    void end(WorkerId worker, WorkType type, PollCall.Ending how, long nowMs) {
        workers.computeIfPresent(worker, (id, sighting) -> {
            sighting.end(type == WorkType.TASK ? 1 : 0, how, nowMs);
            return sighting;
        });
    }

    /** @return workers remembered */
    int size() {
        return workers.size();
    }

    private void sweep(long nowMs) {
        long due = nextSweep.get();
        if (nowMs >= due && nextSweep.compareAndSet(due, nowMs + windowMs)) {
            workers.keySet()
                    .forEach(worker -> workers.computeIfPresent(
                            worker, (id, sighting) -> sighting.isForgotten(nowMs) ? null : sighting));
        }
    }

    private final class Sighting {
        private static final long NEVER = Long.MIN_VALUE / 2;

        private final int[] open = new int[2];
        private final long[] seenAt = {NEVER, NEVER};
        private long bothAt = NEVER;
        private int inVain;
        private int turns;
        private int last = -1;
        private boolean worked;
        private long idleSince = NEVER;

        boolean begin(int type, boolean presumed, long now) {
            int other = 1 - type;
            if (worked) {
                worked = false;
                idleSince = now;
            }
            boolean seenOther = isSeen(other, now);
            if (seenOther || !isSeen(type, now)) {
                inVain = 0;
            }
            // Two polls open at once, of whatever type, are two threads, where no two workers call themselves the same.
            boolean company = open[other] > 0 || presumed && open[type] > 0;
            if (last >= 0 && last != type) {
                turns = seenOther ? turns + 1 : 0;
            }
            last = type;
            open[type]++;
            seenAt[type] = now;
            if (company) {
                together(now);
            }
            if (now - bothAt < windowMs) {
                return false;
            }
            return seenOther || presumed && inVain < LONE_ROUNDS;
        }

        void end(int type, PollCall.Ending how, long now) {
            if (open[1 - type] > 0) {
                together(now);
            }
            open[type]--;
            seenAt[type] = now;
            inVain += how == PollCall.Ending.EMPTY ? 1 : 0;
            worked |= how == PollCall.Ending.WORK;
        }

        private void together(long now) {
            bothAt = now;
            turns = 0;
        }

        private boolean isSeen(int type, long now) {
            return open[type] > 0 || now - seenAt[type] < windowMs;
        }

        boolean isForgotten(long now) {
            return open[0] == 0 && open[1] == 0 && !isSeen(0, now) && !isSeen(1, now);
        }
    }
}
