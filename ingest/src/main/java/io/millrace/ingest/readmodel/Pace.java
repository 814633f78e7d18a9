package io.millrace.ingest.readmodel;

/**
 * How long the projector rests between two batches. What is written in one batch is written once: a workflow that starts and
 * ends in it costs one row instead of a row and its changes, in every index. So a projector that keeps up takes one part in
 * four of the time and lets more come together in the other three, which callers have to themselves. One that is behind
 * does not rest. Safe for any thread.
 */
final class Pace {

    /**
     * With so many records left in the log, or more, a projector is behind. One that keeps up has taken in all that was there when its
     * last fetch began.
     */
    static final long BEHIND = 100;

    /**
     * The longest rest. A row is seen later by two of them at the most: the fetch that is under way during one brings what there
     * was when it began.
     */
    static final long LONGEST_NANOS = 250_000_000L;

    private static final int REST_FOR_WORK = 3;

    private Pace() {}

    /**
     * @param left records that the log had behind the last batch
     * @param workNanos how long that took, 0 if nothing came
     * @return nanoseconds to rest before the next batch, 0 for none
     */
    static long restNanos(long left, long workNanos) {
        return left >= BEHIND ? 0 : Math.min(REST_FOR_WORK * workNanos, LONGEST_NANOS);
    }
}
