package io.millrace.proto.directory;

import java.util.Map;

/**
 * Settings of the directory.
 *
 * @param bootstrapServers Kafka, host:port separated by commas
 * @param seenIntervalMs how often a worker's sign of life is told to other nodes at the most, milliseconds
 * @param kafkaProps more settings for every Kafka client, security above all
 */
public record KafkaDirectoryConfig(String bootstrapServers, long seenIntervalMs, Map<String, Object> kafkaProps) {

    /** @return settings that fit everywhere */
    public static KafkaDirectoryConfig defaults(String bootstrapServers) {
        return new KafkaDirectoryConfig(bootstrapServers, 20_000, Map.of());
    }
}
