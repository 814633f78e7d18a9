package io.millrace.dispatcher.partition;

import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.log.ReplySink;
import io.millrace.proto.trace.Spans;

/**
 * What the partitions of a node share.
 *
 * @param node id of the node
 * @param memoryBytes what the executions of all its partitions together may take in memory
 * @param maxHistoryBytes size beyond which histories must not grow
 * @param writers says who wrote a command
 * @param spans where spans of what is done go
 * @param tenures how the node comes to own partitions
 */
public record NodeContext(
        String node,
        long memoryBytes,
        long maxHistoryBytes,
        Partitions partitions,
        CommandWriter writer,
        DueClock clock,
        SchedulePlanner planner,
        Repeater repeater,
        ReplySink replies,
        LevelSink levels,
        IdleDetector idle,
        PartitionMetrics metrics,
        WriterCheck writers,
        FailedParts failedParts,
        DamagedRecords damagedRecords,
        Spans spans,
        TenureContext tenures) {}
