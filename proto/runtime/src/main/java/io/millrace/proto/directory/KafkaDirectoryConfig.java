package io.millrace.proto.directory;

import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;
import java.util.Map;

/**
 * Settings of the directory.
 *
 * @param bootstrapServers Kafka, host:port separated by commas
 * @param seenIntervalMs shortest time between two records of a worker's signs of life for other nodes, milliseconds
 * @param silenceMs how long a worker counts as living after its last sign of life, milliseconds
 * @param forgetMs a registration is removed after so long without a sign of life, milliseconds. Must be much longer
 *     than all nodes, or a worker, may be away
 * @param patience how long a registration may take until it is on Kafka and read again
 * @param limits what one organisation may have
 * @param macs by which nodes know what other dispatchers said
 * @param kafkaProps more settings for every Kafka client, security above all
 */
public record KafkaDirectoryConfig(
        String bootstrapServers,
        long seenIntervalMs,
        long silenceMs,
        long forgetMs,
        Duration patience,
        RegistrationLimits limits,
        CommandMacs macs,
        Map<String, Object> kafkaProps) {

    /** @return settings that fit everywhere */
    public static KafkaDirectoryConfig defaults(String bootstrapServers) {
        return new KafkaDirectoryConfig(
                bootstrapServers,
                20_000,
                60_000,
                Duration.ofDays(7).toMillis(),
                Duration.ofSeconds(10),
                RegistrationLimits.defaults(),
                CommandMacs.OFF,
                Map.of());
    }
}
