package io.millrace.ingest.audit.notary;

import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.CommittedReader;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka's clients as the notary needs them: what is not committed is not seen. */
final class NotaryConsumers {

    private NotaryConsumers() {}

    /** @param more settings on top */
    static KafkaConsumer<byte[], byte[]> reading(ReadModelConfig config, Map<String, Object> more) {
        return CommittedReader.open(new ClientSettings(config.bootstrapServers(), config.kafkaProps()), more);
    }

    static KafkaProducer<byte[], byte[]> writing(ReadModelConfig config) {
        return new KafkaProducer<>(
                new ClientSettings(config.bootstrapServers(), config.kafkaProps()).lasting(),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
