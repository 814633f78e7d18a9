package io.millrace.proto.directory;

import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;

/**
 * Settings of the directory.
 *
 * @param clients what all Kafka clients of the node have in common
 * @param seenIntervalMs shortest time between two records of a worker's signs of life for other nodes, milliseconds
 * @param silenceMs how long a worker counts as living after its last sign of life, milliseconds
 * @param forgetMs a registration is removed after so long without a sign of life, milliseconds. Must be much longer
 *     than all nodes, or a worker, may be away
 * @param patience how long a registration may take until it is on Kafka and read again
 * @param limits what one organisation may have
 * @param macs by which nodes know what other dispatchers said
 */
public record KafkaDirectoryConfig(
        ClientSettings clients,
        long seenIntervalMs,
        long silenceMs,
        long forgetMs,
        Duration patience,
        RegistrationLimits limits,
        CommandMacs macs) {

    /** @return settings that fit everywhere */
    public static KafkaDirectoryConfig defaults(ClientSettings clients) {
        return new KafkaDirectoryConfig(
                clients,
                20_000,
                60_000,
                Duration.ofDays(7).toMillis(),
                Duration.ofSeconds(10),
                RegistrationLimits.defaults(),
                CommandMacs.OFF);
    }

    /** @return the same with MACs */
    public KafkaDirectoryConfig withMacs(CommandMacs others) {
        return new KafkaDirectoryConfig(clients, seenIntervalMs, silenceMs, forgetMs, patience, limits, others);
    }
}
