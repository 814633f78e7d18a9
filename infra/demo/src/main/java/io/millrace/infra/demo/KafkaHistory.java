package io.millrace.infra.demo;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed part of an execution's history where it stands: on the events topic. */
final class KafkaHistory {

    /** An event and where it stands. */
    record Place(int partition, long offset, String command, EventRecord event) {}

    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final KafkaAccess kafka;

    KafkaHistory(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    /**
     * Reads the topic from its beginning until the execution's last event is committed.
     *
     * @param last sequence number of the last event
     * @return the history's events, in order
     * @throws IllegalStateException if they are not all there after 20 s
     */
    List<Place> read(String executionId, int last) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.client(Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.EVENTS).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            UUID id = UUID.fromString(executionId);
            List<Place> history = new ArrayList<>();
            long end = System.nanoTime() + LONGEST.toNanos();
            while (history.size() < last) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("expected " + last + " events of " + executionId
                            + " on Kafka, but found " + history.size() + " after " + LONGEST.toSeconds() + " s");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    take(record, id, history);
                }
            }
            return history;
        }
    }

    private static void take(ConsumerRecord<byte[], byte[]> record, UUID id, List<Place> history) {
        OutcomeRecord outcome;
        try {
            outcome = OutcomeRecord.parseFrom(record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "expected an outcome at " + record.topic() + "-" + record.partition() + " " + record.offset()
                            + ", but it cannot be decoded",
                    e);
        }
        for (EventRecord event : outcome.getEventsList()) {
            if (event.getHistorySequence() > 0
                    && Ids.fromBytes(event.getExecutionId()).equals(id)) {
                history.add(new Place(record.partition(), record.offset(), outcome.getCommand(), event));
            }
        }
    }
}
