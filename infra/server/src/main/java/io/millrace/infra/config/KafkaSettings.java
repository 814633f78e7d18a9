package io.millrace.infra.config;

import io.millrace.proto.kafka.ClientSettings;
import java.time.Duration;
import java.util.Map;

/**
 * How to reach Kafka.
 *
 * @param bootstrapServers brokers to begin with, as host:port, separated by commas
 * @param answerTimeout how long a request waits for its command to be written and answered
 * @param reportTimeout the same, for a worker's report of the end of its work
 * @param properties handed to all clients unchanged, such as credentials
 */
public record KafkaSettings(
        String bootstrapServers, Duration answerTimeout, Duration reportTimeout, Map<String, Object> properties) {

    /** Copies the properties. */
    public KafkaSettings {
        properties = Map.copyOf(properties);
    }

    /** @return what all clients have in common */
    public ClientSettings clients() {
        return new ClientSettings(bootstrapServers, properties);
    }

    /** Leaves the properties out: there may be passwords in them. */
    @Override
    public String toString() {
        return "KafkaSettings[" + bootstrapServers + "]";
    }
}
