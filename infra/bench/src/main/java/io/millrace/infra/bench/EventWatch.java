package io.millrace.infra.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events topic as it is written, before the commits. Hands each event to one consumer on a thread of its own.
 */
final class EventWatch implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread reader;
    private volatile boolean running = true;
    private volatile @Nullable RuntimeException failure;

    EventWatch(KafkaAccess kafka, Consumer<EventRecord> events) {
        consumer = new KafkaConsumer<>(
                kafka.client(Map.of("isolation.level", "read_uncommitted")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        var partitions = consumer.partitionsFor(Topics.EVENTS).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        reader = Thread.ofPlatform().name("bench-events").daemon(true).start(() -> read(events));
    }

    private void read(Consumer<EventRecord> events) {
        try (consumer) {
            while (running) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    OutcomeRecord.parseFrom(record.value()).getEventsList().forEach(events);
                }
            }
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            failure = new IllegalStateException("expected outcomes on the events topic, but reading failed", e);
        }
    }

    void check() {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() throws InterruptedException {
        running = false;
        reader.join();
    }
}
