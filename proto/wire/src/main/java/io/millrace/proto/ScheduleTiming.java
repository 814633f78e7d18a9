package io.millrace.proto;

/**
 * When a schedule is due, as it was asked for. Times are milliseconds since the epoch, durations milliseconds.
 *
 * @param form which of the three next ones counts
 * @param cron expression of 5 fields, or of 6 with seconds in front; empty for other forms
 * @param everyMs interval, counted from the anchor; 0 for other forms
 * @param atMs the only time; 0 for other forms
 * @param timeZone of the expression; empty for other forms
 * @param anchorMs a time from which intervals are counted
 * @param startMs not before this time; 0: no such bound
 * @param endMs not after this time; 0: no such bound
 * @param jitterMs each run starts so much later, at the most
 */
public record ScheduleTiming(
        Form form,
        String cron,
        long everyMs,
        long atMs,
        String timeZone,
        long anchorMs,
        long startMs,
        long endMs,
        long jitterMs) {

    /**
     * @return whether it is due at the times of the other. An interval for which nobody said a start counts from when it was asked
     *     for; asked for again, it counts on
     */
    public boolean dueAs(ScheduleTiming other) {
        boolean countsOn = startsWhenAsked() && other.startsWhenAsked();
        return equals(
                countsOn
                        ? new ScheduleTiming(
                                other.form,
                                other.cron,
                                other.everyMs,
                                other.atMs,
                                other.timeZone,
                                anchorMs,
                                startMs,
                                other.endMs,
                                other.jitterMs)
                        : other);
    }

    /** Where somebody says a start, the two are the same. */
    private boolean startsWhenAsked() {
        return form == Form.INTERVAL && startMs == anchorMs + 1;
    }

    /** How the times are told. The order of the constants is part of stored forms. */
    public enum Form {
        CRON,
        INTERVAL,
        ONCE
    }
}
