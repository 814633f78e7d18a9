package io.millrace.infra.system;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.DirectoryRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What stands in the directory on Kafka. */
final class DirectoryTopic {

    private DirectoryTopic() {}

    /** Reads all records that are there now, in their order. */
    static void read(KafkaAccess kafka, Consumer<DirectoryRecord> reader) {
        Map<String, Object> settings = new HashMap<>(kafka.properties());
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        TopicPartition only = new TopicPartition(Topics.DIRECTORY, 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            long end = consumer.endOffsets(List.of(only)).get(only);
            while (consumer.position(only) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() != null) {
                        reader.accept(DirectoryRecord.parseFrom(record.value()));
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
