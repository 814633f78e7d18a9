package io.millrace.infra.embedded;

import io.millrace.proto.kafka.ClientSettings;
import java.util.HashMap;
import java.util.Map;

/**
 * What a client needs to use a Kafka.
 *
 * @param bootstrapServers brokers to begin with, host:port separated by commas
 * @param properties settings with which the client shows who it is; there may be a password in them
 */
public record KafkaAccess(String bootstrapServers, Map<String, Object> properties) {

    /** Copies the properties. */
    public KafkaAccess {
        properties = Map.copyOf(properties);
    }

    /** @return settings of a client, with the given ones on top */
    public Map<String, Object> client(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("bootstrap.servers", bootstrapServers);
        all.putAll(more);
        return all;
    }

    /** @return what all clients have in common, for the parts of a node */
    public ClientSettings clients() {
        return new ClientSettings(bootstrapServers, properties);
    }

    /** Leaves the properties out. */
    @Override
    public String toString() {
        return "KafkaAccess[" + bootstrapServers + "]";
    }
}
