package io.millrace.notifier.queue;

/**
 * How long subscribers take from a wake-up to their poll, learnt from those that were seen. It keeps a mean that
 * follows slowly, and how far single ones are from it. Guarded by the entry's lock; nanoseconds.
 */
final class Reaction {

    /** Of a first sample nothing is known of others: they may well take half as long again. */
    private static final int FIRST_SPREAD = 8;

    private long mean = -1;
    private long spread;

    boolean isKnown() {
        return mean >= 0;
    }

    void learn(long sample) {
        if (mean < 0) {
            mean = sample;
            spread = sample / FIRST_SPREAD;
        } else {
            spread += (Math.abs(sample - mean) - spread) / 4;
            mean += (sample - mean) / 4;
        }
    }

    /** @return how long one that has not polled by then may still be believed to come */
    long doubtAfter() {
        return mean + Math.max(mean / 2, 4 * spread);
    }
}
