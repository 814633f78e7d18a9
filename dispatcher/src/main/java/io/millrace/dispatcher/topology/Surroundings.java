package io.millrace.dispatcher.topology;

import io.millrace.proto.hints.HintSink;
import io.millrace.proto.log.ReplySink;

/**
 * What the processors of a node share.
 *
 * @param node id of the node
 * @param residents executions that a partition keeps in memory
 * @param repeatMs how often levels of unclaimed work are repeated, milliseconds
 * @param maxHistoryBytes size beyond which histories must not grow
 */
record Surroundings(
        String node,
        int residents,
        long repeatMs,
        long maxHistoryBytes,
        Partitions partitions,
        CommandWriter writer,
        DueClock clock,
        ReplySink replies,
        HintSink hints,
        Lull lull,
        Tally tally) {}
