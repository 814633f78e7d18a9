package io.millrace.dispatcher.topology.group;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The main consumer of a stream thread, which says after each poll what it is in the group. */
final class MemberConsumer extends KafkaConsumer<byte[], byte[]> {

    private final Consumer<ConsumerGroupMetadata> polled;

    MemberConsumer(Map<String, Object> settings, Consumer<ConsumerGroupMetadata> polled) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.polled = polled;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
        polled.accept(groupMetadata());
        return records;
    }
}
