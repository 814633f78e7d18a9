package io.millrace.dispatcher.engine.command;

import org.jspecify.annotations.Nullable;

/**
 * How work of a subject may be handed out.
 *
 * @param version of what was said of the subject: later changes have higher ones; 0: nothing was said, or it is forgotten
 * @param pause nothing is handed out; null: it is
 * @param limit of a queue, not more than so much is handed out; null: however much
 */
public record WorkPolicy(
        long version, @Nullable Pause pause, @Nullable Limit limit) {

    /** Of what nothing is said: all work is handed out. */
    public static final WorkPolicy USUAL = new WorkPolicy(0, null, null);

    /**
     * Why nothing is handed out.
     *
     * @param sinceMs since when, milliseconds since the epoch, by the clock of the partition where that was decided
     * @param by who wanted it
     * @param reason empty: nobody said
     * @param untilMs when it ends by itself, by the clock of each partition; 0: never
     */
    public record Pause(long sinceMs, String by, String reason, long untilMs) {}

    /**
     * How much of a queue is handed out. Whoever hands out needs a <em>place</em> for each piece of work, which the partition of the
     * queue lends, unless neither work in flight nor the rate is limited.
     *
     * @param inFlight so many pieces of work workers have at once, at the most; 0: however many
     * @param rate so many are handed out in a second, at the most; 0: however many
     * @param burst so many are handed out at once after a lull; 0 without a rate
     * @param fairKey work is handed out in turn among the values that its metadata has of this key; empty: the oldest first
     * @param epoch version of the policy by which places began to be lent; 0: none are
     * @param partitions how many there are
     * @param sinceMs since when, milliseconds since the epoch, by the clock of the partition where that was decided
     * @param by who wanted it
     * @param reason empty: nobody said
     */
    public record Limit(
            int inFlight,
            int rate,
            int burst,
            String fairKey,
            long epoch,
            int partitions,
            long sinceMs,
            String by,
            String reason) {

        /** A partition wants so many places more than it has, at the most: what one does not use, others wait for. */
        private static final int MOST_ASKED = 32;

        /** @return whether each piece of work needs a place */
        public boolean places() {
            return inFlight > 0 || rate > 0;
        }

        /** @return how many places a partition may wait for */
        public int mostAsked() {
            int most = inFlight > 0 ? Math.min(inFlight, MOST_ASKED) : MOST_ASKED;
            return rate > 0 ? Math.min(burst, most) : most;
        }

        /** @return whether the other says the same, whoever says it and when */
        public boolean same(@Nullable Limit other) {
            return other != null
                    && inFlight == other.inFlight
                    && rate == other.rate
                    && burst == other.burst
                    && fairKey.equals(other.fairKey);
        }

        /** @return the same, whose places are of that epoch */
        public Limit of(long otherEpoch) {
            return new Limit(inFlight, rate, burst, fairKey, otherEpoch, partitions, sinceMs, by, reason);
        }

        /** @return the same, decided at that time */
        public Limit at(long timeMs) {
            return new Limit(inFlight, rate, burst, fairKey, epoch, partitions, timeMs, by, reason);
        }
    }

    /** @return whether it says nothing else than if there were none */
    public boolean usual() {
        return pause == null && limit == null;
    }

    /** @return the epoch of the places that are lent, 0 where none are */
    public long epoch() {
        return limit == null || !limit.places() ? 0 : limit.epoch();
    }

    /** @return the same policy with another pause, or none */
    public WorkPolicy with(@Nullable Pause other) {
        return new WorkPolicy(version, other, limit);
    }

    /** @return the same policy with another limit, or none */
    public WorkPolicy limited(@Nullable Limit other) {
        return new WorkPolicy(version, pause, other);
    }

    /** @return the same policy as a later one */
    public WorkPolicy as(long laterVersion) {
        return new WorkPolicy(laterVersion, pause, limit);
    }
}
