package io.millrace.ingest.readmodel;

/**
 * How long the projector rests between two batches. What is written in one batch is written once: a workflow that starts and
 * ends in it costs one row instead of a row and its changes, in every index. So a projector that keeps up takes one part in
 * four of the time and lets more come together in the other three, which callers have to themselves. One that is behind
 * does not rest. Safe for any thread.
 */
final class Pace {

    /** A batch of so many records, or more, says that there is more to come. */
    static final int FULL = 8_000;

    /**
     * The longest rest. A row is seen later by two of them at the most: the fetch that is under way during one brings what there
     * was when it began.
     */
    static final long LONGEST_NANOS = 250_000_000L;

    private static final int REST_FOR_WORK = 3;

    private Pace() {}

    /**
     * @param records that the last batch took in
     * @param workNanos how long that took
     * @return nanoseconds to rest before the next batch, 0 for none
     */
    static long restNanos(int records, long workNanos) {
        return records == 0 || records >= FULL ? 0 : Math.min(REST_FOR_WORK * workNanos, LONGEST_NANOS);
    }
}
