package io.millrace.ingest.audit.notary;

import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.kafka.ClientSettings;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka's clients as the notary needs them: what is not committed is not seen. */
final class NotaryConsumers {

    /** Leaves of one transaction, at the most. */
    private static final int BATCH = 10_000;

    private NotaryConsumers() {}

    /** @param more settings on top */
    static KafkaConsumer<byte[], byte[]> reading(ReadModelConfig config, Map<String, Object> more) {
        Map<String, Object> settings = new ClientSettings(config.bootstrapServers(), config.kafkaProps()).reading("none");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 200);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static KafkaProducer<byte[], byte[]> writing(ReadModelConfig config) {
        return new KafkaProducer<>(
                new ClientSettings(config.bootstrapServers(), config.kafkaProps()).lasting(),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
