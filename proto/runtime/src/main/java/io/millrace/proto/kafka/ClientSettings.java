package io.millrace.proto.kafka;

import io.millrace.proto.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * What all Kafka clients of a node have in common.
 *
 * @param bootstrapServers host:port separated by commas
 * @param more settings of the installation, security above all; the settings of this class win over them
 */
public record ClientSettings(String bootstrapServers, Map<String, Object> more) {

    /** @return settings of every client */
    public Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return settings;
    }

    /**
     * @return settings for records that must be neither lost nor doubled: all in-sync replicas have an acknowledged
     *     record
     */
    public Map<String, Object> lasting() {
        Map<String, Object> settings = producer();
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return settings;
    }

    /** @return settings for records whose loss costs only a moment: the leader alone acknowledges; the order is kept */
    public Map<String, Object> passing() {
        Map<String, Object> settings = producer();
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        // With more than one under way, a request that is sent again would arrive after later ones.
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        return settings;
    }

    private Map<String, Object> producer() {
        Map<String, Object> settings = client();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_MESSAGE_BYTES);
        // The producer keeps what it knows of the topic, even if it has nothing to send for long.
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, TimeUnit.DAYS.toMillis(1));
        return settings;
    }

    /**
     * @param reset where to begin if no offset is known: earliest, latest or none
     * @return settings of a consumer that commits nothing
     */
    public Map<String, Object> reading(String reset) {
        Map<String, Object> settings = client();
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, reset);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return settings;
    }

    /** @return the same, for a consumer that sees only what is committed */
    public Map<String, Object> readingCommitted(String reset) {
        Map<String, Object> settings = reading(reset);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return settings;
    }
}
