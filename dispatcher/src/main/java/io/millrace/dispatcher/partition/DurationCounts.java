package io.millrace.dispatcher.partition;

import java.util.concurrent.atomic.LongAdder;

/** Durations, counted by how long they were. Adding one costs two increments and a short search. Any thread. */
public final class DurationCounts {

    /** Upper bounds of the counts, milliseconds, ascending; what is longer is counted behind the last. */
    private static final long[] BOUNDS_MS = {
        5,
        10,
        25,
        50,
        100,
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        30_000,
        60_000,
        300_000,
        900_000,
        3_600_000,
        21_600_000,
        86_400_000
    };

    private final LongAdder[] counts = new LongAdder[BOUNDS_MS.length + 1];
    private final LongAdder sumMs = new LongAdder();

    DurationCounts() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    /** @param ms the duration; one below 0, as clocks may give, counts as 0 */
    void add(long ms) {
        long duration = Math.max(0, ms);
        int place = 0;
        while (place < BOUNDS_MS.length && duration > BOUNDS_MS[place]) {
            place++;
        }
        counts[place].increment();
        sumMs.add(duration);
    }

    /**
     * Durations as they were counted until a moment.
     *
     * @param boundsMs upper bounds, milliseconds, ascending; never to be changed
     * @param counts how many there were up to each bound and beyond the one before it, and last beyond all; never to be changed
     * @param sumMs all together, milliseconds
     */
    public record Counted(long[] boundsMs, long[] counts, long sumMs) {}

    /** @return what was counted until now */
    public Counted counted() {
        long[] now = new long[counts.length];
        for (int i = 0; i < now.length; i++) {
            now[i] = counts[i].sum();
        }
        return new Counted(BOUNDS_MS.clone(), now, sumMs.sum());
    }
}
