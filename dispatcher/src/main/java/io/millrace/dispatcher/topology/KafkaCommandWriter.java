package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.CommandWriter;
import io.millrace.proto.Topics;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes the dispatcher's own commands by a plain producer, because a
 * transactional write would hide everything behind it from the commands topic's readers until the next commit. Any thread.
 */
final class KafkaCommandWriter implements CommandWriter, AutoCloseable {

    private final Producer<byte[], byte[]> producer;
    private final int partitions;

    KafkaCommandWriter(Map<String, Object> config) {
        Map<String, Object> settings = new java.util.HashMap<>(config);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        // Sent from stream threads, which must not wait for metadata: it is fetched below, before they run.
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, TimeUnit.DAYS.toMillis(1));
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, StreamsDispatcher.MAX_MESSAGE_BYTES);
        producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        partitions = producer.partitionsFor(Topics.COMMANDS).size();
    }

    /** Over a producer that is given, for tests. */
    KafkaCommandWriter(Producer<byte[], byte[]> producer, int partitions) {
        this.producer = producer;
        this.partitions = partitions;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public void write(int partition, byte[] key, byte[] value, Consumer<Exception> done) {
        try {
            producer.send(
                    new ProducerRecord<>(Topics.COMMANDS, partition, key, value),
                    (metadata, failure) -> done.accept(failure));
        } catch (RuntimeException e) {
            done.accept(e);
        }
    }

    @Override
    public void close() {
        producer.close(java.time.Duration.ofSeconds(2));
    }
}
