package io.millrace.proto.log;

import io.millrace.proto.Topics;
import io.millrace.proto.v1.ReplyRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings answers to whoever waits: in memory when that is this very node, through {@code millrace.replies} otherwise. Called
 * on stream threads; never blocks for long. An answer that gets lost is a caller that hears UNAVAILABLE; its command stands.
 */
public final class ReplyRouter implements ReplySink, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyRouter.class);

    private final String localNode;
    private final ReplySink local;
    private final Producer<byte[], byte[]> producer;
    private final int partitions;

    /**
     * @param localNode id of this node
     * @param local takes answers for this node; null where nothing of this process asks
     */
    public ReplyRouter(String bootstrapServers, Map<String, Object> kafkaProps, String localNode, ReplySink local) {
        this(producer(bootstrapServers, kafkaProps), localNode, local);
    }

    ReplyRouter(Producer<byte[], byte[]> producer, String localNode, ReplySink local) {
        this.localNode = localNode;
        this.local = local;
        this.producer = producer;
        this.partitions = producer.partitionsFor(Topics.REPLIES).size();
    }

    private static Producer<byte[], byte[]> producer(String bootstrapServers, Map<String, Object> kafkaProps) {
        Map<String, Object> settings = new HashMap<>(kafkaProps);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, TimeUnit.DAYS.toMillis(1));
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 * 1024 * 1024);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void deliver(ReplyRecord reply) {
        if (local != null && reply.getNode().equals(localNode)) {
            local.deliver(reply);
            return;
        }
        byte[] key = reply.getNode().getBytes(StandardCharsets.UTF_8);
        int partition = ReplyConsumer.partitionOf(reply.getNode(), partitions);
        try {
            producer.send(
                    new ProducerRecord<>(Topics.REPLIES, partition, key, reply.toByteArray()),
                    (metadata, failure) -> lost(reply, failure));
        } catch (RuntimeException e) {
            lost(reply, e);
        }
    }

    private static void lost(ReplyRecord reply, Exception failure) {
        if (failure != null) {
            LOG.warn("could not bring an answer to node {}; its caller will hear UNAVAILABLE", reply.getNode(), failure);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
