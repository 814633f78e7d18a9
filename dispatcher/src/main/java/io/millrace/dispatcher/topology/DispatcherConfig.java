package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.Lease;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of a dispatcher. None of them changes what the engine decides, unless it is written into a command.
 *
 * @param kafka where the log is
 * @param applicationId of Kafka Streams: consumer group, and prefix of changelog topics
 * @param node this node among the dispatchers
 * @param threads stream threads
 * @param stateDir folder of the stores; safe to lose
 * @param changelog how the changelog topics are kept
 * @param memoryBytes what executions may take in the memory of the node, about
 * @param maxHistoryBytes size beyond which histories must not grow, written into the dispatcher's own commands
 * @param periods how often things are done
 * @param kindFigures kinds of work that have figures of their own, at the most; 0: none
 * @param macs put MACs on its own commands, and look at those of all
 */
public record DispatcherConfig(
        ClientSettings kafka,
        String applicationId,
        Node node,
        int threads,
        Path stateDir,
        Changelog changelog,
        long memoryBytes,
        long maxHistoryBytes,
        Periods periods,
        int kindFigures,
        CommandMacs macs) {

    /**
     * A node among the dispatchers.
     *
     * @param name id of this node, the same after a restart, different from every other's
     * @param only whether it is known that there is no other dispatcher, so that nobody else can own a partition
     * @param host address at which other nodes reach this one's reads
     * @param readsPort port of the same
     */
    public record Node(String name, boolean only, String host, int readsPort) {}

    /**
     * How the changelog topics are kept.
     *
     * @param replicationFactor copies of every record
     * @param minInSyncReplicas copies that must stand before a record counts as written
     */
    public record Changelog(int replicationFactor, int minInSyncReplicas) {}

    /**
     * How often things are done.
     *
     * @param commit how often events become visible, at the least
     * @param levelRepeat how often levels of unclaimed work are repeated
     * @param readLease how long reads are answered after the group of the dispatchers was asked
     */
    public record Periods(Duration commit, Duration levelRepeat, Duration readLease) {}

    /** @return the same in nanoseconds. The only node needs none, and keeps the usual one in case that it meets another */
    long readLeaseNanos() {
        return node.only() ? Lease.LENGTH_NANOS : periods.readLease().toNanos();
    }
}
