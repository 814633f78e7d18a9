package io.millrace.ingest.encryption;

import java.time.Duration;

/**
 * How soon an erased key is nowhere any more. All times follow from the one within which that has to be.
 *
 * @param within at the most; a minute at the least
 */
public record ErasureTimes(Duration within) {

    /** What Kafka takes by itself: its cleaner looks every 15 s, and deletes files a moment later. */
    private static final int PARTS = 4;

    private static final Duration LONGEST_IN_MEMORY = Duration.ofMinutes(5);

    /** @return how long Kafka may leave a segment open, and what stands in closed ones uncompacted, each */
    public Duration segment() {
        return within.dividedBy(PARTS);
    }

    /** @return how often nodes write something, so that Kafka closes segments */
    public Duration beat() {
        return within.dividedBy(2 * PARTS);
    }

    /** @return how long an unwrapped key stays in the memory of a node, unless it is erased before */
    Duration inMemory() {
        Duration quarter = within.dividedBy(PARTS);
        return quarter.compareTo(LONGEST_IN_MEMORY) < 0 ? quarter : LONGEST_IN_MEMORY;
    }
}
