package io.millrace.dispatcher.partition;

import java.util.concurrent.TimeUnit;

/**
 * Tells when a machine may have slept: its monotonic clock stands still then, and its time of day does not. That somebody set
 * the time of day looks the same. One thread.
 */
final class SleepDetector {

    /** By so much the two clocks may part in a second for other reasons. */
    private static final long TOLERANCE_MS = 250;

    private boolean begun;
    private long apartMs;

    /** @return whether the clocks have parted since the last call; the first one only begins */
    boolean suspected(long timeOfDayMs, long nanos) {
        long nowApartMs = timeOfDayMs - TimeUnit.NANOSECONDS.toMillis(nanos);
        boolean parted = begun && Math.abs(nowApartMs - apartMs) > TOLERANCE_MS;
        begun = true;
        apartMs = nowApartMs;
        return parted;
    }
}
