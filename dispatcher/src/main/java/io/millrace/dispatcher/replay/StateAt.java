package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.partition.PartitionStoppedException;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogReader;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.proto.v1.MacVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of a whole installation, or of a queue in it, as it was at moments of the log. That takes all commands before them to
 * be carried out again, as many partitions at once as there are processors. One thread at a time.
 */
public final class StateAt {

    /** Name of the form that docs/reference/history.md describes. */
    public static final String FORMAT = "millrace.state";

    /** Version of the form: fields may come to be in it, and none changes its meaning or goes. */
    public static final int VERSION = 1;

    private final RecordedLog log;
    private final @Nullable String queue;
    private final LongConsumer progress;

    /**
     * @param queue of which the state is wanted, in whichever organisation; null: of all
     * @param progress hears some times a second how many commands were carried out
     */
    public StateAt(RecordedLog log, @Nullable String queue, LongConsumer progress) {
        this.log = log;
        this.queue = queue;
        this.progress = progress;
    }

    /**
     * Works the states out.
     *
     * @param partitions which to look at
     * @param ends of each moment, by partition, the offset of the first command that does not count any more; earlier moments first
     * @return a tree for each moment
     * @throws LogUnreadableException the beginning of the log was deleted, its rules are newer than this code, or there is no room for the
     *     state
     */
    public List<Map<String, Object>> at(List<Integer> partitions, List<Map<Integer, Long>> ends)
            throws InterruptedException {
        partitions.forEach(log::expectBeginning);
        List<Collected> moments = ends.stream().map(each -> new Collected()).toList();
        LongAdder done = new LongAdder();
        List<List<Collected>> ofPartitions = EachPartition.run(
                partitions,
                (partition, memoryBytes, stop) -> at(partition, ends, memoryBytes, done, stop),
                () -> progress.accept(done.sum()));
        for (List<Collected> one : ofPartitions) {
            for (int i = 0; i < moments.size(); i++) {
                moments.get(i).add(one.get(i));
            }
        }
        return moments.stream().map(Collected::tree).toList();
    }

    private List<Collected> at(
            int partition, List<Map<Integer, Long>> ends, long memoryBytes, LongAdder done, BooleanSupplier stop) {
        List<Collected> moments = new ArrayList<>();
        try (LogReader reader = log.read(partition);
                PartitionReplay replay = new PartitionReplay(new Home(partition, log.partitions()), memoryBytes)) {
            Decided next = next(reader);
            for (Map<Integer, Long> each : ends) {
                long end = Objects.requireNonNull(each.get(partition), "where a partition ends");
                for (; next != null && next.command().offset() < end && !stop.getAsBoolean(); next = next(reader)) {
                    replay.carryOut(next.command(), next.verdict());
                    done.increment();
                }
                if (stop.getAsBoolean()) {
                    return moments; // nobody looks at them
                }
                Collected moment = new Collected();
                collect(partition, replay, moment);
                moments.add(moment);
            }
        } catch (PartitionStoppedException | StorageException e) {
            throw new LogUnreadableException(String.valueOf(e.getMessage()), e);
        }
        return moments;
    }

    /** A command, and what its MAC proved when it was decided. */
    private record Decided(LoggedCommand command, MacVerdict verdict) {}

    private static @Nullable Decided next(LogReader reader) {
        for (LogEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (entry.command() != null) {
                return new Decided(entry.command(), entry.verdict());
            }
        }
        return null;
    }

    /** What of one moment was gathered so far. */
    static final class Collected {
        private final List<Map<String, Object>> partitions = new ArrayList<>();
        private final List<Map<String, Object>> policies = new ArrayList<>();
        private final List<Work> work = new ArrayList<>();
        private final List<Map<String, Object>> executions = new ArrayList<>();
        private long closed;

        private void add(Collected other) {
            partitions.addAll(other.partitions);
            policies.addAll(other.policies);
            work.addAll(other.work);
            executions.addAll(other.executions);
            closed += other.closed;
        }

        Map<String, Object> tree() {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("format", FORMAT);
            tree.put("version", VERSION);
            tree.put("partitions", partitions);
            tree.put("policies", policies);
            work.sort(Comparator.comparing(Work::queue)
                    .thenComparing(Work::type)
                    .thenComparing(Work::organisation)
                    .thenComparingLong(Work::orderMs)
                    .thenComparing(Work::id));
            tree.put(
                    "ready",
                    work.stream()
                            .filter(each -> each.worker.isEmpty())
                            .map(Work::tree)
                            .toList());
            tree.put(
                    "held",
                    work.stream()
                            .filter(each -> !each.worker.isEmpty())
                            .map(Work::tree)
                            .toList());
            tree.put("open", executions);
            tree.put("closedAndKept", closed);
            return tree;
        }
    }

    /** A piece of work that is ready, in the order in which it is handed out, or that a worker has. */
    private record Work(
            String queue,
            String type,
            String organisation,
            String kind,
            String id,
            String execution,
            long orderMs,
            long sinceMs,
            String worker,
            long untilMs) {

        private Map<String, Object> tree() {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("id", id);
            tree.put("queue", queue);
            tree.put("type", type);
            tree.put("organisation", organisation);
            tree.put("kind", kind);
            JsonTree.put(tree, "execution", execution.equals(id) ? null : execution);
            JsonTree.put(tree, "readySince", worker.isEmpty() ? JsonTree.time(sinceMs) : null);
            JsonTree.put(tree, "worker", worker);
            JsonTree.put(tree, "until", worker.isEmpty() ? null : JsonTree.time(untilMs));
            return tree;
        }
    }

    void collect(int partition, PartitionReplay replay, Collected into) {
        replay.stored();
        PartitionState state = replay.state();
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("id", partition);
        one.put("behindOffset", state.offset());
        JsonTree.put(one, "time", JsonTree.time(state.timeMs()));
        one.put("rules", state.rules());
        JsonTree.put(one, "owner", state.lastTenure().node());
        into.partitions.add(one);
        state.policies().all((orgId, subject, policy) -> {
            if (queue == null || subject.equals(new WorkSubject(WorkSubject.Type.QUEUE, queue))) {
                into.policies.add(policy(partition, orgId, subject, policy, state.inFlight(orgId, subject.name())));
            }
        });
        state.executions(execution -> collect(state, execution, into));
    }

    private static Map<String, Object> policy(
            int partition, UUID orgId, WorkSubject subject, WorkPolicy policy, int inFlight) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", orgId + "/" + subject.homeKey() + "/" + partition);
        tree.put("partition", partition);
        tree.put("organisation", orgId.toString());
        tree.put("subject", subject.type().name());
        tree.put("name", subject.name());
        tree.put("policyVersion", policy.version());
        WorkPolicy.Pause pause = policy.pause();
        if (pause != null) {
            JsonTree.put(tree, "pausedSince", JsonTree.time(pause.sinceMs()));
            tree.put("pausedBy", pause.by());
            JsonTree.put(tree, "pauseReason", pause.reason());
        }
        WorkPolicy.Limit limit = policy.limit();
        if (limit != null) {
            tree.put("limit", HeldBack.limits(limit));
            JsonTree.put(tree, "limitedSince", JsonTree.time(limit.sinceMs()));
            tree.put("limitedBy", limit.by());
            JsonTree.put(tree, "limitReason", limit.reason());
        }
        if (limit != null && limit.places()) {
            tree.put("inFlight", inFlight);
        }
        return tree;
    }

    /** Work of a workflow that has ended is still to be done, or under way, where it has not ended by itself. */
    private void collect(PartitionState state, Execution execution, Collected into) {
        boolean closed = execution.closedMs() > 0;
        boolean concerned = queue == null || queue.equals(execution.header().queue());
        if (closed && concerned) {
            into.closed++;
        }
        if (!closed && !execution.header().standaloneTask() && concerned) {
            work(execution, into);
        }
        for (UUID id : execution.openTasks()) {
            Task task = state.viewTask(execution, id);
            if (task != null && (queue == null || queue.equals(task.queue()))) {
                concerned = true;
                work(execution, task, into);
            }
        }
        if (concerned && !closed) {
            into.executions.add(ExecutionTree.of(execution, id -> state.viewTask(execution, id)));
        }
    }

    private static void work(Execution e, Collected into) {
        if (e.ready() || e.claimId() != null) {
            into.work.add(new Work(
                    e.header().queue(),
                    "workflow",
                    e.header().orgId().toString(),
                    e.header().kind(),
                    e.id().toString(),
                    e.id().toString(),
                    e.header().orderMs(),
                    e.readySinceMs(),
                    e.workerId(),
                    e.leaseUntilMs()));
        }
    }

    private static void work(Execution e, Task task, Collected into) {
        if (task.ready() || task.claimId() != null) {
            into.work.add(new Work(
                    task.queue(),
                    "task",
                    e.header().orgId().toString(),
                    task.kind(),
                    task.id().toString(),
                    e.id().toString(),
                    task.orderMs(),
                    task.readySinceMs(),
                    task.claimId() == null ? "" : task.workerId(),
                    task.leaseUntilMs()));
        }
    }
}
