package io.millrace.dispatcher;

import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.dispatcher.partition.PartitionMetrics;
import io.millrace.dispatcher.partition.QueueDepth;
import io.millrace.dispatcher.partition.TenureState;
import io.millrace.dispatcher.topology.StreamsDispatcher;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.WorkType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the dispatcher of a node has done since it was made, and how it stands.
 *
 * @param commands commands carried out or refused, by type such as {@code start_workflow}
 * @param refusals commands refused, by reason such as {@code not_found}
 * @param notByNodes commands that no node of the installation wrote, as far as their MACs tell, by what is wrong with them
 * @param events events that came of commands
 * @param longHistories histories that have come near their limit
 * @param partitions partitions that the node owns
 * @param tenures partitions that the node has, by how it stands to them, such as {@code catching_up}
 * @param readyWorkflows workflows that stand ready in these partitions, as of a moment ago
 * @param readyTasks tasks that stand ready, likewise
 * @param commandLag commands in the partition that is furthest behind that are still to be carried out; NaN: not known
 * @param commitMs time that a commit takes, milliseconds, average of the last half minute or so; NaN: there was none
 * @param longestCommitMs the longest of these
 */
public record DispatcherStats(
        Map<String, Long> commands,
        Map<String, Long> refusals,
        Map<String, Long> notByNodes,
        long events,
        long longHistories,
        int partitions,
        Map<String, Long> tenures,
        long readyWorkflows,
        long readyTasks,
        double commandLag,
        double commitMs,
        double longestCommitMs) {

    private static final String CONSUMER = "consumer-fetch-manager-metrics";
    private static final String THREAD = "stream-thread-metrics";

    static DispatcherStats of(StreamsDispatcher streams) {
        PartitionMetrics metrics = streams.metrics();
        Map<String, Long> commands = new TreeMap<>();
        for (BodyCase type : BodyCase.values()) {
            String name =
                    type == BodyCase.BODY_NOT_SET ? "unreadable" : type.name().toLowerCase(Locale.ROOT);
            commands.put(name, metrics.commands(type));
        }
        Map<String, Long> refusals = new TreeMap<>();
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            refusals.put(reason.name().toLowerCase(Locale.ROOT), metrics.refusals(reason));
        }
        Map<String, Long> notByNodes = new TreeMap<>();
        for (MacVerdict verdict :
                List.of(MacVerdict.MAC_MISSING, MacVerdict.MAC_OF_UNKNOWN_KEY, MacVerdict.MAC_WRONG)) {
            notByNodes.put(verdict.name().toLowerCase(Locale.ROOT), metrics.notByNodes(verdict));
        }
        Map<String, Long> tenures = new TreeMap<>();
        for (TenureState state : TenureState.values()) {
            tenures.put(state.name().toLowerCase(Locale.ROOT), 0L);
        }
        streams.partitions()
                .tenures()
                .forEach((partition, state) -> tenures.merge(state.name().toLowerCase(Locale.ROOT), 1L, Long::sum));
        return new DispatcherStats(
                commands,
                refusals,
                notByNodes,
                metrics.events(),
                metrics.longHistories(),
                Math.toIntExact(tenures.getOrDefault("owning", 0L)),
                tenures,
                ready(streams, WorkType.WORKFLOW),
                ready(streams, WorkType.TASK),
                streams.figure("records-lag-max", CONSUMER),
                streams.figure("commit-latency-avg", THREAD),
                streams.figure("commit-latency-max", THREAD));
    }

    private static long ready(StreamsDispatcher streams, WorkType type) {
        long sum = 0;
        for (Partition partition : streams.partitions().all()) {
            for (QueueDepth queue : partition.queues()) {
                if (queue.view().getWorkType() == type) {
                    sum += queue.view().getReady();
                }
            }
        }
        return sum;
    }
}
