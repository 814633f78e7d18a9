package io.millrace.proto.log;

import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;
import java.util.Map;

/**
 * Settings of the command log.
 *
 * @param bootstrapServers Kafka, host:port separated by commas
 * @param node id of this node; answers find their way back by it
 * @param answerTimeout how long a caller waits for the engine's answer
 * @param reportTimeout how long a worker that reports the end of its work waits for the answer. A report that fails
 *     counts as lost, and the work is done again
 * @param requestsInFlight produce requests under way to one broker at a time. If they are few, records that come while
 *     a request is under way travel together in the next one
 * @param maxHistoryBytes size beyond which a history must not grow, written into every command; 0: the engine's default
 * @param macs puts MACs on commands
 * @param kafkaProps more settings for every Kafka client, security above all
 */
public record KafkaCommandLogConfig(
        String bootstrapServers,
        String node,
        Duration answerTimeout,
        Duration reportTimeout,
        int requestsInFlight,
        long maxHistoryBytes,
        CommandMacs macs,
        Map<String, Object> kafkaProps) {

    /** @return settings that fit everywhere */
    public static KafkaCommandLogConfig defaults(String bootstrapServers, String node) {
        return new KafkaCommandLogConfig(
                bootstrapServers,
                node,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                1,
                0,
                CommandMacs.OFF,
                Map.of());
    }
}
