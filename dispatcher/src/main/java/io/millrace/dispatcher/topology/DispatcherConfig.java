package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.Lease;
import io.millrace.proto.mac.CommandMacs;
import java.nio.file.Path;
import java.util.Map;

/**
 * Settings of a dispatcher. None of them changes what the engine decides, unless it is written into a command.
 *
 * @param bootstrapServers Kafka, host:port separated by commas
 * @param applicationId of Kafka Streams: consumer group, and prefix of changelog topics
 * @param node id of this node, the same after a restart, different from every other's
 * @param stateDir folder of the stores; safe to lose
 * @param onlyNode whether it is known that there is no other dispatcher, so that nobody else can own a partition
 * @param threads stream threads
 * @param replicationFactor of the changelog topics
 * @param minInSyncReplicas copies of them that must stand before a record counts as written
 * @param commitIntervalMs how often events become visible, milliseconds
 * @param memoryBytes what executions may take in the memory of the node, about
 * @param repeatMs how often levels of unclaimed work are repeated, milliseconds
 * @param readLeaseMs how long reads are answered after the group of the dispatchers was asked, milliseconds
 * @param maxHistoryBytes size beyond which histories must not grow, written into the dispatcher's own commands
 * @param host address at which other nodes reach this one's reads
 * @param readsPort port of the same
 * @param macs put MACs on its own commands, and look at those of all
 * @param kafkaProps more settings for every Kafka client, security above all
 */
public record DispatcherConfig(
        String bootstrapServers,
        String applicationId,
        String node,
        Path stateDir,
        boolean onlyNode,
        int threads,
        int replicationFactor,
        int minInSyncReplicas,
        long commitIntervalMs,
        long memoryBytes,
        long repeatMs,
        long readLeaseMs,
        long maxHistoryBytes,
        String host,
        int readsPort,
        CommandMacs macs,
        Map<String, Object> kafkaProps) {

    /** @return the same in nanoseconds. The only node needs none, and keeps the usual one in case that it meets another */
    long readLeaseNanos() {
        return onlyNode ? Lease.LENGTH_NANOS : readLeaseMs * 1_000_000;
    }
}
