package io.millrace.dispatcher.partition;

import java.util.concurrent.TimeUnit;

/**
 * What a node knows of a partition's time between two commands. That is the time after the last one, and how long ago
 * that was by this machine's monotonic clock. So it does not matter what the machine believes the time of day to be. A
 * reading is late by as long as the command took to get here, and never early while the broker's clock goes evenly.
 * Immutable.
 *
 * @param timeMs time of the partition, milliseconds since the epoch
 * @param nanos {@link System#nanoTime} of then
 * @param ahead whether the partition's time has run ahead, and so goes at half speed
 * @param sure false: no command of this owner has told the time yet, or the machine may have slept since
 */
record TimeReading(long timeMs, long nanos, boolean ahead, boolean sure) {

    /** @return time of the partition at the {@link System#nanoTime}, as far as is known */
    long at(long nowNanos) {
        long elapsedMs = TimeUnit.NANOSECONDS.toMillis(nowNanos - nanos);
        return timeMs + (ahead ? elapsedMs / 2 : elapsedMs);
    }

    /** @return nanoseconds from then until the time is due; 0 or less: it is, or a command is needed to know */
    long nanosUntil(long dueMs, long nowNanos) {
        if (!sure) {
            return 0;
        }
        long leftMs = Math.min(dueMs - timeMs, TimeUnit.DAYS.toMillis(10_000)); // nanoseconds of more do not fit a long
        return TimeUnit.MILLISECONDS.toNanos(ahead ? 2 * leftMs : leftMs) - (nowNanos - nanos);
    }

    TimeReading doubted() {
        return new TimeReading(timeMs, nanos, ahead, false);
    }
}
