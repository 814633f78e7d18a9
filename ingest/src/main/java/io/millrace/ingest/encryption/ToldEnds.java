package io.millrace.ingest.encryption;

import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a topic ended when Kafka was asked. Who has read up to there knows all that stood in it then, however much has been
 * written since: under load nobody is ever at the end. One thread.
 */
final class ToldEnds {

    private Map<TopicPartition, Long> ends = Map.of();
    private long askedNanos;

    /** @return whether none are awaited */
    boolean none() {
        return ends.isEmpty();
    }

    /** @param askedNanos when Kafka was asked, before it answered */
    void told(Map<TopicPartition, Long> now, long askedNanos) {
        ends = Map.copyOf(now);
        this.askedNanos = askedNanos;
    }

    /** Awaits none any more. */
    void forget() {
        ends = Map.of();
    }

    /**
     * @param positions how far each partition has been read
     * @return when Kafka was asked, once all ends are reached; they are awaited no more then
     */
    OptionalLong reached(ToLongFunction<TopicPartition> positions) {
        boolean all = !none()
                && ends.entrySet().stream().allMatch(end -> positions.applyAsLong(end.getKey()) >= end.getValue());
        if (!all) {
            return OptionalLong.empty();
        }
        forget();
        return OptionalLong.of(askedNanos);
    }
}
