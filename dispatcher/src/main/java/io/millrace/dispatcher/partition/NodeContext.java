package io.millrace.dispatcher.partition;

import io.millrace.proto.hints.HintSink;
import io.millrace.proto.log.ReplySink;

/**
 * What the partitions of a node share.
 *
 * @param node id of the node
 * @param memoryBytes what the executions of all its partitions together may take in memory
 * @param repeatMs how often levels of unclaimed work are repeated, milliseconds
 * @param maxHistoryBytes size beyond which histories must not grow
 * @param tenures how the node comes to own partitions
 */
public record NodeContext(
        String node,
        long memoryBytes,
        long repeatMs,
        long maxHistoryBytes,
        Partitions partitions,
        CommandWriter writer,
        DueClock clock,
        ReplySink replies,
        HintSink hints,
        IdleDetector idle,
        PartitionMetrics metrics,
        FailedParts failedParts,
        TenureContext tenures) {}
