package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.codec.OutcomeDecoder;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogReader;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that the log tells of one execution, or of one task. Command by command: who asked for what, what came of it, and
 * how the execution stood before and after. That is worked out from its events alone, whatever else the log holds.
 * Immutable.
 */
public final class ExecutionTrace {

    private final int partition;
    private final UUID executionId;
    private final @Nullable UUID taskId;
    private final List<Step> steps;
    private final List<Applied> applied;
    private final PartitionState state;

    /**
     * One command that has to do with it.
     *
     * @param offset of the command, -1 where the log has none that belongs to the outcome
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     * @param command null where there is none, or it cannot be read
     * @param outcome null where there is none, or it cannot be read
     * @param events those of the outcome that are about it
     * @param before how it stood, null where it was not there
     * @param after how it stood then, null where it was not there, or not any more
     */
    public record Step(
            long offset,
            long appendedMs,
            @Nullable CommandRecord command,
            @Nullable OutcomeRecord outcome,
            List<EventRecord> events,
            @Nullable Map<String, Object> before,
            @Nullable Map<String, Object> after) {}

    /**
     * What was applied, also what is no step since it is about another task.
     *
     * @param step number of the last step by then
     */
    private record Applied(int step, OutcomeRecord outcome, List<EventRecord> events) {}

    private ExecutionTrace(
            int partition,
            UUID executionId,
            @Nullable UUID taskId,
            List<Step> steps,
            List<Applied> applied,
            PartitionState state) {
        this.partition = partition;
        this.executionId = executionId;
        this.taskId = taskId;
        this.steps = List.copyOf(steps);
        this.applied = List.copyOf(applied);
        this.state = state;
    }

    /**
     * Reads what the log tells of an execution or a task.
     *
     * @param until of a partition, offset of the first command that does not count any more
     * @throws LogUnreadableException the log does not know the id, or lost what it told of it
     */
    public static ExecutionTrace read(RecordedLog log, UUID id, IntToLongFunction until) {
        int home = Shards.partition(id, log.partitions());
        ExecutionTrace own = read(log, home, id, null, until);
        if (own.happened()) {
            return own;
        }
        Set<String> uses = own.steps.stream()
                .map(Step::command)
                .flatMap(command -> IdUses.of(command, id).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        // A task lives with its workflow, wherever its own id would place it.
        for (int partition = 0; partition < log.partitions(); partition++) {
            Optional<UUID> workflow = workflowOf(log, partition, id, until.applyAsLong(partition), uses);
            if (workflow.isPresent()) {
                return read(log, partition, workflow.get(), id, until);
            }
        }
        if (!own.steps.isEmpty() && IdUses.ofExecution(uses)) {
            return own; // whatever was asked of it was refused
        }
        boolean unknown = uses.isEmpty() || IdUses.ofExecution(uses);
        throw new LogUnreadableException("expected an execution or a task that the log tells of, but "
                + (unknown
                        ? "nothing in it "
                                + (until.applyAsLong(home) == Long.MAX_VALUE ? "" : "before the moment ") + "is about "
                                + id + lost(log, home)
                        : id + " is the id of " + IdUses.named(uses)));
    }

    /** @return what to add where the log may have known more once */
    private static String lost(RecordedLog log, int home) {
        long begin = log.begin(home).command();
        return begin == 0
                ? ""
                : "; its partition " + home + " begins at offset " + begin + ", and what was before is deleted";
    }

    private static ExecutionTrace read(
            RecordedLog log, int partition, UUID execution, @Nullable UUID task, IntToLongFunction until) {
        long end = until.applyAsLong(partition);
        RecordedLog.Start begin = log.begin(partition);
        RecordedLog.Start from = log.before(partition, execution);
        boolean whole = from.command() <= begin.command() && from.outcome() <= begin.outcome();
        try {
            ExecutionTrace trace = read(log, partition, execution, task, from, end);
            if (whole || trace.begins()) {
                return trace.expectBeginning();
            }
        } catch (HalfKnownException e) {
            if (whole) {
                throw e;
            }
        }
        // A clock was far off when the id was made.
        return read(log, partition, execution, task, begin, end).expectBeginning();
    }

    /** @param uses told what the id is in commands, as long as that is not known */
    private static Optional<UUID> workflowOf(RecordedLog log, int partition, UUID task, long end, Set<String> uses) {
        byte[] id = Ids.toBytes(task);
        try (LogReader reader = log.read(partition, log.before(partition, task))) {
            for (LogEntry entry = reader.next(); entry != null && !isBehind(entry, end); entry = reader.next()) {
                if (uses.isEmpty()
                        && entry.command() != null
                        && Wanted.holds(entry.command().value(), id)) {
                    uses.addAll(IdUses.of(command(entry), task));
                }
                OutcomeRecord outcome =
                        entry.outcome() != null && Wanted.holds(entry.outcome().value(), id) ? outcome(entry) : null;
                if (outcome != null) {
                    for (EventRecord event : outcome.getEventsList()) {
                        if (id(event.getTaskId()).equals(Optional.of(task))
                                && !event.getExecutionId().isEmpty()) {
                            return id(event.getExecutionId());
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<UUID> id(ByteString bytes) {
        return bytes.size() == 16 ? Optional.of(Ids.fromBytes(bytes)) : Optional.empty();
    }

    private static boolean isBehind(LogEntry entry, long end) {
        return entry.command() != null && entry.command().offset() >= end;
    }

    private static ExecutionTrace read(
            RecordedLog log, int partition, UUID execution, @Nullable UUID task, RecordedLog.Start from, long end) {
        try (LogReader reader = log.read(partition, from)) {
            return of(partition, execution, task, reader::next, end);
        }
    }

    /**
     * @param task null where the execution is wanted as a whole
     * @param log gives one entry after the other, and null at its end
     * @param end offset of the first command that does not count any more
     */
    static ExecutionTrace of(
            int partition, UUID execution, @Nullable UUID task, Supplier<@Nullable LogEntry> log, long end) {
        PartitionState state = new PartitionState(new MemoryTables(), Long.MAX_VALUE);
        EventFold fold = new EventFold(state);
        Wanted wanted = new Wanted(execution, task);
        StepTree trees = new StepTree(state, execution, task);
        List<Step> steps = new ArrayList<>();
        List<Applied> applied = new ArrayList<>();
        Map<String, Object> before = null;
        Set<Long> decided = new HashSet<>();
        long begin = 0;
        for (LogEntry entry = log.get(); entry != null && !isBehind(entry, end); entry = log.get()) {
            if (!wanted.in(entry) || isSecond(entry, decided)) {
                continue;
            }
            OutcomeRecord outcome = outcome(entry);
            if (outcome != null) {
                decided.add(outcome.getCommandOffset());
            }
            List<EventRecord> events = wanted.events(outcome);
            if (outcome != null && !events.isEmpty()) {
                begin = begin == 0 ? events.getFirst().getChainSequence() : begin;
                try {
                    apply(fold, outcome, events, partition);
                } catch (HalfKnownException e) {
                    throw begin == 1 ? e : new HalfKnownException(beginsLater(partition, execution), e);
                }
            }
            Map<String, Object> after = events.isEmpty() ? before : JsonTree.shared(before, trees.after(events));
            boolean wentWithItsWorkflow = task != null && before != null && after == null;
            List<EventRecord> shown = task == null || wentWithItsWorkflow
                    ? events
                    : events.stream().filter(wanted::isAboutTask).toList();
            CommandRecord command = command(entry);
            if (!shown.isEmpty() || wanted.named(entry)) {
                steps.add(new Step(
                        entry.command() == null ? -1 : entry.command().offset(),
                        entry.command() == null ? 0 : entry.command().appendedMs(),
                        command,
                        outcome,
                        shown,
                        before,
                        after));
            }
            if (outcome != null && !events.isEmpty()) {
                applied.add(new Applied(steps.size(), outcome, events));
            }
            before = after;
        }
        return new ExecutionTrace(partition, execution, task, steps, applied, state);
    }

    private static void apply(EventFold fold, OutcomeRecord outcome, List<EventRecord> events, int partition) {
        try {
            fold.apply(
                    outcome.getRulesVersion(),
                    outcome.getTimeMs(),
                    events.stream().map(OutcomeDecoder::event).toList());
        } catch (RuntimeException e) {
            throw new HalfKnownException(
                    "expected the events of the command at offset " + outcome.getCommandOffset() + " of partition "
                            + partition + " to follow from those before, but the log does not have all of them",
                    e);
        }
    }

    /** Its beginning is not among what was read. */
    private static final class HalfKnownException extends LogUnreadableException {

        private HalfKnownException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * @param decided offsets of the commands that had an outcome: what was written between may say that its command stands behind all
     *     others, and must hide no outcome but those of that one
     * @return whether it is but another outcome of a command that had one already: verify tells of those. Of which command the outcomes
     *     in a file are nobody knows where the log had lost it
     */
    private static boolean isSecond(LogEntry entry, Set<Long> decided) {
        return entry.command() == null
                && entry.outcome() != null
                && entry.outcome().commandOffset() >= 0
                && decided.contains(entry.outcome().commandOffset());
    }

    /** @return null where there is none, also where the record is no outcome: whoever may write to Kafka may have put it there */
    private static @Nullable OutcomeRecord outcome(LogEntry entry) {
        if (entry.outcome() == null || entry.outcome().value() == null) {
            return null;
        }
        try {
            return OutcomeRecord.parseFrom(entry.outcome().value());
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static @Nullable CommandRecord command(LogEntry entry) {
        if (entry.command() == null || entry.command().value() == null) {
            return null;
        }
        try {
            return CommandRecord.parseFrom(entry.command().value());
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private boolean happened() {
        return steps.stream().anyMatch(step -> !step.events.isEmpty());
    }

    private boolean begins() {
        return taskId != null
                || steps.stream()
                        .flatMap(step -> step.events.stream())
                        .findFirst()
                        .map(first -> first.getChainSequence() == 1)
                        .orElse(false);
    }

    private ExecutionTrace expectBeginning() {
        if (happened() && !begins()) {
            throw new LogUnreadableException(beginsLater(partition, executionId));
        }
        return this;
    }

    private static String beginsLater(int partition, UUID execution) {
        return "expected the log of partition " + partition + " to tell of the beginning of " + execution
                + ", but it begins later: what was before is deleted";
    }

    /** @return the partition that it lives in */
    public int partition() {
        return partition;
    }

    /** @return the execution that it is, or that its task belongs to */
    public UUID executionId() {
        return executionId;
    }

    /** @return the task of a workflow, nothing where it is about an execution as a whole */
    public Optional<UUID> taskId() {
        return Optional.ofNullable(taskId);
    }

    /** @return in the order of the log */
    public List<Step> steps() {
        return steps;
    }

    /** @return how it stands in the end; nothing where it is not there, or not any more */
    public Optional<Map<String, Object>> last() {
        return steps.isEmpty() ? Optional.empty() : Optional.ofNullable(steps.getLast().after);
    }

    /** @return why it stands where it does in the end */
    public Why why() {
        return why(state, steps);
    }

    /**
     * @param number of a step, from 1
     * @return why it stood where it did behind that step
     */
    public Why why(int number) {
        PartitionState then = new PartitionState(new MemoryTables(), Long.MAX_VALUE);
        EventFold fold = new EventFold(then);
        for (Applied each : applied) {
            if (each.step <= number) {
                apply(fold, each.outcome, each.events, partition);
            }
        }
        return why(then, steps.subList(0, number));
    }

    private Why why(PartitionState then, List<Step> until) {
        Execution there = then.execution(executionId);
        Task task = there == null || taskId == null ? null : then.task(executionId, taskId);
        if (there == null || taskId != null && task == null) {
            return Why.gone(until.stream()
                    .map(Step::before)
                    .filter(before -> before != null)
                    .toList());
        }
        return task == null
                ? Why.of(there, id -> then.task(executionId, id), then.history(there), HeldBack.BY_NOTHING)
                : Why.of(task);
    }
}
