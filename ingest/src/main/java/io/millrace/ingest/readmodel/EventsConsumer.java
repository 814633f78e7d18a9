package io.millrace.ingest.readmodel;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** How the events topic is read for the read model. */
final class EventsConsumer {

    private EventsConsumer() {}

    /** @return a consumer of no group that has all partitions of the topic */
    static KafkaConsumer<byte[], byte[]> ofAll(ReadModelConfig config) {
        KafkaConsumer<byte[], byte[]> consumer = CommittedReader.openForPortions(config.kafka(), Map.of());
        try {
            consumer.assign(consumer.partitionsFor(Topics.EVENTS).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList());
            return consumer;
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** @return by partition of the consumer, where the committed log ends */
    static Map<Integer, Long> ends(KafkaConsumer<byte[], byte[]> consumer) {
        return ends(consumer, consumer.assignment());
    }

    /** @return by partition of the consumer, where the commands topic ends */
    static Map<Integer, Long> commandEnds(KafkaConsumer<byte[], byte[]> consumer) {
        return ends(
                consumer,
                consumer.assignment().stream()
                        .map(place -> new TopicPartition(Topics.COMMANDS, place.partition()))
                        .toList());
    }

    private static Map<Integer, Long> ends(
            KafkaConsumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        Map<Integer, Long> ends = new HashMap<>();
        consumer.endOffsets(partitions).forEach((partition, end) -> ends.put(partition.partition(), end));
        return ends;
    }

    /** @return the next offset of each, behind the records of the last poll and the markers of transactions after them */
    static Map<Integer, Long> positions(KafkaConsumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        Map<Integer, Long> positions = new HashMap<>();
        partitions.forEach(partition -> positions.put(partition.partition(), consumer.position(partition)));
        return positions;
    }
}
