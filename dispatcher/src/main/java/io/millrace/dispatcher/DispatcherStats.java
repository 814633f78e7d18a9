package io.millrace.dispatcher;

import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.partition.DurationCounts;
import io.millrace.dispatcher.partition.KindFigures;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.dispatcher.partition.PartitionMetrics;
import io.millrace.dispatcher.partition.QueueDepth;
import io.millrace.dispatcher.partition.TenureState;
import io.millrace.dispatcher.topology.StreamsDispatcher;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.WorkType;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What the dispatcher of a node has done since it was made, and how it stands.
 *
 * @param commands commands carried out or refused, by type such as {@code start_workflow}
 * @param refusals commands refused, by reason such as {@code not_found}
 * @param notByNodes commands that no node of the installation wrote, as far as their MACs tell, by what is wrong with them,
 *     and those that somebody copied or may have copied
 * @param events events that came of commands
 * @param happened what became of work, by the type of the event such as {@code TASK_CLAIMED}
 * @param startWaits from the start of workflows until a worker had them for the first time
 * @param taskWaits from when tasks stood ready until a worker had them
 * @param taskRuns from when a worker had tasks until they ended
 * @param kinds what became of work, by organisation, type and kind; as many as are wanted
 * @param longHistories histories that have come near their limit
 * @param partitions partitions that the node owns
 * @param tenures partitions that the node has, by how it stands to them, such as {@code catching_up}
 * @param readyWorkflows workflows that stand ready in these partitions, as of a moment ago
 * @param readyTasks tasks that stand ready, likewise
 * @param queues work that stands ready by queue, the most first
 * @param oldestReadyMs how long the oldest of this work stands ready, milliseconds; 0: there is none
 * @param undeliveredMs how long Kafka has not taken commands to other partitions, of those that have waited longest, milliseconds; 0: it
 *     takes all
 * @param commandLag commands in the partition that is furthest behind that are still to be carried out; NaN: not known
 * @param commitMs time that a commit takes, milliseconds, average of the last half minute or so; NaN: there was none
 * @param longestCommitMs the longest of these
 */
public record DispatcherStats(
        Map<String, Long> commands,
        Map<String, Long> refusals,
        Map<String, Long> notByNodes,
        long events,
        Map<String, Long> happened,
        DurationCounts.Counted startWaits,
        DurationCounts.Counted taskWaits,
        DurationCounts.Counted taskRuns,
        Map<KindFigures.Of, KindFigures.Counted> kinds,
        long longHistories,
        int partitions,
        Map<String, Long> tenures,
        long readyWorkflows,
        long readyTasks,
        List<QueueReady> queues,
        long oldestReadyMs,
        long undeliveredMs,
        double commandLag,
        double commitMs,
        double longestCommitMs) {

    private static final String CONSUMER = "consumer-fetch-manager-metrics";
    private static final String THREAD = "stream-thread-metrics";

    /**
     * Work of a queue that stands ready in the partitions of the node.
     *
     * @param orgId whose it is
     * @param work {@code workflow} or {@code task}
     * @param oldestMs how long the oldest of it does, milliseconds
     */
    public record QueueReady(UUID orgId, String queue, String work, long ready, long oldestMs) {

        private QueueReady and(QueueReady other) {
            return new QueueReady(orgId, queue, work, ready + other.ready, Math.max(oldestMs, other.oldestMs));
        }
    }

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
        for (MacVerdict verdict : List.of(
                MacVerdict.MAC_MISSING,
                MacVerdict.MAC_OF_UNKNOWN_KEY,
                MacVerdict.MAC_WRONG,
                MacVerdict.MAC_COPIED,
                MacVerdict.MAC_WITHOUT_NUMBER,
                MacVerdict.MAC_OF_FORGOTTEN_WRITER)) {
            notByNodes.put(verdict.name().toLowerCase(Locale.ROOT), metrics.notByNodes(verdict));
        }
        Map<String, Long> tenures = new TreeMap<>();
        for (TenureState state : TenureState.values()) {
            tenures.put(state.name().toLowerCase(Locale.ROOT), 0L);
        }
        streams.partitions()
                .tenures()
                .forEach((partition, state) -> tenures.merge(state.name().toLowerCase(Locale.ROOT), 1L, Long::sum));
        List<QueueReady> queues = queues(streams);
        return new DispatcherStats(
                commands,
                refusals,
                notByNodes,
                metrics.events(),
                metrics.happened(),
                metrics.startWaits().counted(),
                metrics.taskWaits().counted(),
                metrics.taskRuns().counted(),
                metrics.kinds().counted(),
                metrics.longHistories(),
                Math.toIntExact(tenures.getOrDefault("owning", 0L)),
                tenures,
                ready(queues, "workflow"),
                ready(queues, "task"),
                queues,
                queues.stream().mapToLong(QueueReady::oldestMs).max().orElse(0),
                metrics.blockedLanes().longestMs(),
                streams.figure("records-lag-max", CONSUMER),
                streams.figure("commit-latency-avg", THREAD),
                streams.figure("commit-latency-max", THREAD));
    }

    private static List<QueueReady> queues(StreamsDispatcher streams) {
        long now = System.currentTimeMillis();
        Map<List<Object>, QueueReady> queues = new HashMap<>();
        for (Partition partition : streams.partitions().all()) {
            for (QueueDepth queue : partition.queues()) {
                if (queue.view().getReady() > 0) {
                    String work = queue.view().getWorkType() == WorkType.TASK ? "task" : "workflow";
                    queues.merge(
                            List.of(queue.orgId(), queue.view().getQueue(), work),
                            new QueueReady(
                                    queue.orgId(),
                                    queue.view().getQueue(),
                                    work,
                                    queue.view().getReady(),
                                    Math.max(0, now - queue.view().getOldestReadyAtMs())),
                            QueueReady::and);
                }
            }
        }
        return queues.values().stream()
                .sorted(Comparator.comparingLong(QueueReady::ready)
                        .reversed()
                        .thenComparing(QueueReady::orgId)
                        .thenComparing(QueueReady::queue)
                        .thenComparing(QueueReady::work))
                .toList();
    }

    private static long ready(List<QueueReady> queues, String work) {
        return queues.stream()
                .filter(queue -> queue.work().equals(work))
                .mapToLong(QueueReady::ready)
                .sum();
    }
}
