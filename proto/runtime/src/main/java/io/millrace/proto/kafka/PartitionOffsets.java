package io.millrace.proto.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Where a partition of a topic begins and ends now. Each asks Kafka, and blocks meanwhile. */
public final class PartitionOffsets {

    private PartitionOffsets() {}

    /** @return offset of the first record that is still there, or where the next will stand */
    public static long begin(Consumer<?, ?> consumer, TopicPartition place) {
        return of(place, consumer.beginningOffsets(List.of(place)));
    }

    /** @return offset of the next record, for who reads committed records only: of the first that is not known to be one */
    public static long end(Consumer<?, ?> consumer, TopicPartition place) {
        return of(place, consumer.endOffsets(List.of(place)));
    }

    /**
     * As {@link #begin(Consumer, TopicPartition)}.
     *
     * @throws org.apache.kafka.common.errors.TimeoutException if Kafka does not answer within the time, as for a partition without a leader
     */
    public static long begin(Consumer<?, ?> consumer, TopicPartition place, Duration longest) {
        return of(place, consumer.beginningOffsets(List.of(place), longest));
    }

    /**
     * As {@link #end(Consumer, TopicPartition)}.
     *
     * @throws org.apache.kafka.common.errors.TimeoutException if Kafka does not answer within the time, as for a partition without a leader
     */
    public static long end(Consumer<?, ?> consumer, TopicPartition place, Duration longest) {
        return of(place, consumer.endOffsets(List.of(place), longest));
    }

    /** @return what Kafka answered for the partition, which it was asked for */
    public static long of(TopicPartition place, Map<TopicPartition, Long> answer) {
        return Objects.requireNonNull(answer.get(place), "answer for a partition that was asked for");
    }
}
