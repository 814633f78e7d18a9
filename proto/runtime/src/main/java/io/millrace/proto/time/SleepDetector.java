package io.millrace.proto.time;

import java.util.concurrent.TimeUnit;

/**
 * Tells when a machine may have slept: its monotonic clock stands still then, and its time of day does not. That somebody set
 * the time of day looks the same. One thread.
 */
public final class SleepDetector {

    /** By so much the two clocks may part for other reasons from one call to the next, which comes within seconds. */
    private static final long TOLERANCE_MS = 250;

    private boolean begun;
    private long apartMs;

    /**
     * @param timeOfDayMs as {@link System#currentTimeMillis}
     * @param nanos as {@link System#nanoTime}
     * @return whether the clocks have parted since the last call; the first one only begins
     */
    public boolean suspected(long timeOfDayMs, long nanos) {
        long nowApartMs = timeOfDayMs - TimeUnit.NANOSECONDS.toMillis(nanos);
        boolean parted = begun && Math.abs(nowApartMs - apartMs) > TOLERANCE_MS;
        begun = true;
        apartMs = nowApartMs;
        return parted;
    }
}
