package io.millrace.dispatcher.partition;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ways from the partitions of a node to others on which Kafka takes nothing, and since when. All that is behind on such a way waits, so
 * somebody has to look. Any thread.
 */
public final class BlockedLanes {

    private final LongSupplier nanoTime;
    private final Map<OutboxLane, Long> sinceNanos = new ConcurrentHashMap<>();

    BlockedLanes(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Kafka did not take the next command.
     *
     * @return since when it takes none, milliseconds
     */
    long blocked(OutboxLane lane) {
        long now = nanoTime.getAsLong();
        Long before = sinceNanos.putIfAbsent(lane, now);
        return before == null ? 0 : TimeUnit.NANOSECONDS.toMillis(now - before);
    }

    /** It took one, or nothing is to be sent any more. */
    void over(OutboxLane lane) {
        sinceNanos.remove(lane);
    }

    /** @return how long the one that has waited longest does, milliseconds; 0: none waits */
    public long longestMs() {
        long now = nanoTime.getAsLong();
        return sinceNanos.values().stream()
                .mapToLong(since -> TimeUnit.NANOSECONDS.toMillis(now - since))
                .max()
                .orElse(0);
    }
}
