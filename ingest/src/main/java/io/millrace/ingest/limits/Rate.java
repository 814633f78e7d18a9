package io.millrace.ingest.limits;

import java.util.concurrent.atomic.AtomicLong;

/**
 * So much in a second, and so much at once after a time in which less came (generic cell rate algorithm). Keeps one
 * number: the time at which all that came would have come evenly. Safe from any thread, never waits.
 */
final class Rate {

    private static final long SECOND_NANOS = 1_000_000_000;

    private final long perSecond;
    private final long toleranceNanos;
    private final AtomicLong evenlyNanos;

    /**
     * @param perSecond 1 or more
     * @param atOnce 1 or more
     * @param nowNanos time, as all times here in nanoseconds of a clock that does not run backwards
     */
    Rate(long perSecond, long atOnce, long nowNanos) {
        this.perSecond = perSecond;
        this.toleranceNanos = nanos(atOnce);
        evenlyNanos = new AtomicLong(nowNanos);
    }

    private long nanos(long amount) {
        return amount <= Long.MAX_VALUE / SECOND_NANOS
                ? amount * SECOND_NANOS / perSecond
                : amount / perSecond * SECOND_NANOS;
    }

    /**
     * Takes so much if there is room for it.
     *
     * @return 0 if there was, otherwise in how many nanoseconds there will be
     */
    long take(long amount, long nowNanos) {
        return take(amount, nowNanos, toleranceNanos);
    }

    private long take(long amount, long nowNanos, long tolerated) {
        while (true) {
            long evenly = evenlyNanos.get();
            long after = Math.max(evenly, nowNanos) + nanos(amount);
            long early = after - nowNanos - tolerated;
            if (early > 0) {
                return early;
            }
            if (evenlyNanos.compareAndSet(evenly, after)) {
                return 0;
            }
        }
    }

    /** @return 0 if there is room for something, however large that is, otherwise in how many nanoseconds there will be */
    long untilRoom(long nowNanos) {
        return Math.max(0, evenlyNanos.get() - nowNanos - toleranceNanos + 1);
    }

    /**
     * Takes so much of what is to come, up to as much again as may come at once. So nobody owes more than that, and waits
     * no longer than that takes.
     *
     * @param amount what may come at once, at the most
     * @return 0 if it was taken, otherwise in how many nanoseconds it could be
     */
    long borrow(long amount, long nowNanos) {
        return take(amount, nowNanos, 2 * toleranceNanos);
    }

    /** Gives back what was taken a moment ago, and not used. */
    void give(long amount) {
        evenlyNanos.addAndGet(-nanos(amount));
    }

    /** @return whether it is as if nothing had come lately */
    boolean isFresh(long nowNanos) {
        return evenlyNanos.get() - nowNanos <= 0;
    }
}
