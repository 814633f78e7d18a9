package io.millrace.proto.log;

import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;

/**
 * Settings of the command log.
 *
 * @param clients what all Kafka clients of the node have in common
 * @param node id of this node; answers find their way back by it
 * @param answerTimeout how long a caller waits for the engine's answer
 * @param reportTimeout how long a worker that reports the end of its work waits for the answer. A report that fails
 *     counts as lost, and the work is done again
 * @param requestsInFlight produce requests under way to one broker at a time. If they are few, records that come while
 *     a request is under way travel together in the next one
 * @param maxHistoryBytes size beyond which a history must not grow, written into every command; 0: the engine's default
 * @param macs puts MACs on commands
 */
public record KafkaCommandLogConfig(
        ClientSettings clients,
        String node,
        Duration answerTimeout,
        Duration reportTimeout,
        int requestsInFlight,
        long maxHistoryBytes,
        CommandMacs macs) {

    /** @return settings that fit everywhere */
    public static KafkaCommandLogConfig defaults(ClientSettings clients, String node) {
        return new KafkaCommandLogConfig(
                clients, node, Duration.ofSeconds(10), Duration.ofSeconds(60), 1, 0, CommandMacs.OFF);
    }

    /** @return the same, but callers wait so long for an answer */
    public KafkaCommandLogConfig withAnswerTimeout(Duration timeout) {
        return new KafkaCommandLogConfig(
                clients, node, timeout, reportTimeout, requestsInFlight, maxHistoryBytes, macs);
    }

    /** @return the same with MACs */
    public KafkaCommandLogConfig withMacs(CommandMacs others) {
        return new KafkaCommandLogConfig(
                clients, node, answerTimeout, reportTimeout, requestsInFlight, maxHistoryBytes, others);
    }
}
