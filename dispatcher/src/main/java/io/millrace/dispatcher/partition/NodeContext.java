package io.millrace.dispatcher.partition;

import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.log.ReplySink;
import io.millrace.proto.trace.Spans;

/**
 * What the partitions of a node share.
 *
 * @param node id of the node
 * @param partitions those that are open
 * @param writers says who wrote a command
 * @param tenures how the node comes to own partitions
 */
public record NodeContext(
        String node,
        Limits limits,
        Partitions partitions,
        Outputs outputs,
        Background background,
        Faults faults,
        PartitionMetrics metrics,
        WriterCheck writers,
        TenureContext tenures) {

    /**
     * How much there may be.
     *
     * @param memoryBytes what the executions of all partitions of the node together may take in memory
     * @param maxHistoryBytes size beyond which histories must not grow
     */
    public record Limits(long memoryBytes, long maxHistoryBytes) {}

    /**
     * Where what comes of commands goes, but for outcomes.
     *
     * @param writer takes commands to partitions
     * @param replies takes answers to those who wait for them
     * @param levels takes how much is ready
     * @param spans takes spans of what is done
     */
    public record Outputs(CommandWriter writer, ReplySink replies, LevelSink levels, Spans spans) {}

    /**
     * What is done besides commands, on other threads.
     *
     * @param clock lets happen what is due
     * @param planner plans when schedules are due
     * @param repeater says again what may have been lost
     * @param idle knows whether commands wait
     */
    public record Background(DueClock clock, SchedulePlanner planner, Repeater repeater, IdleDetector idle) {}

    /**
     * What went wrong before, and is remembered for as long as the process lives.
     *
     * @param failedParts parts of commands that failed while they were applied
     * @param damagedRecords records of stores that could not be read
     */
    public record Faults(FailedParts failedParts, DamagedRecords damagedRecords) {

        /** Of a process that has just begun. */
        public static Faults none() {
            return new Faults(new FailedParts(), new DamagedRecords());
        }
    }
}
