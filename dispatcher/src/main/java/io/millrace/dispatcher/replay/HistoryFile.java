package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Subject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A history that {@code millrace history ID --json} wrote, read back as the part of a log that it was made of. How the execution stood
 * before and after each step is worked out anew, whatever the file says of it. Immutable.
 */
public final class HistoryFile {

    /** What the file does not have of an event, and nothing but a chain needs. */
    private static final ByteString NO_HASH = ByteString.copyFrom(new byte[32]);

    private final int partition;
    private final UUID execution;
    private final List<LogEntry> entries;

    private HistoryFile(int partition, UUID execution, List<LogEntry> entries) {
        this.partition = partition;
        this.execution = execution;
        this.entries = List.copyOf(entries);
    }

    /**
     * Reads a file's text.
     *
     * @throws LogUnreadableException it is no such history, only a part of one, or of a newer version; the text tells which
     */
    public static HistoryFile read(String text) {
        Object tree;
        try {
            tree = JsonTreeReader.read(text, Set.of("data"));
        } catch (IllegalArgumentException e) {
            throw new LogUnreadableException(
                    "expected what `millrace history ID --json` writes, whole, but it is not JSON, or only a part of it: "
                            + e.getMessage(),
                    e);
        }
        if (!(tree instanceof Map<?, ?> history) || !HistoryTree.FORMAT.equals(history.get("format"))) {
            throw new LogUnreadableException("expected what `millrace history ID --json` writes, with the format "
                    + HistoryTree.FORMAT + ", but "
                    + (tree instanceof Map<?, ?> other && other.get("format") != null
                            ? "its format is " + other.get("format")
                            : "it says no format"));
        }
        if (!(history.get("version") instanceof Long version) || version < 1 || version > HistoryTree.VERSION) {
            throw new LogUnreadableException(
                    "expected version 1 to " + HistoryTree.VERSION + " of " + HistoryTree.FORMAT
                            + ", which this Millrace knows, but the file has version " + history.get("version"));
        }
        if (history.get("task") != null) {
            throw new LogUnreadableException("expected the history of a whole execution, but this is that of the task "
                    + history.get("task") + " alone; write that of its workflow " + history.get("execution"));
        }
        try {
            return read(history);
        } catch (IllegalArgumentException e) {
            throw new LogUnreadableException("expected a history that is as it was written, but: " + e.getMessage(), e);
        }
    }

    private static HistoryFile read(Map<?, ?> history) {
        UUID execution = id(history, "execution");
        List<?> steps = list(history, "steps");
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("it has no steps");
        }
        List<LogEntry> entries = new ArrayList<>();
        for (Object step : steps) {
            if (!(step instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("step " + (entries.size() + 1) + " is no object");
            }
            try {
                entries.add(entry(map, execution));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("step " + (entries.size() + 1) + ": " + e.getMessage(), e);
            }
        }
        return new HistoryFile((int) number(history, "partition"), execution, entries);
    }

    private static LogEntry entry(Map<?, ?> step, UUID execution) {
        long offset = number(step, "offset");
        long appendedMs = step.get("takenIn") instanceof String time ? CommandTree.ms(time) : 0;
        CommandRecord command = step.get("command") instanceof Map<?, ?> tree
                ? CommandTree.read(tree, CommandRecord.getDefaultInstance())
                : null;
        LoggedCommand logged = command == null && offset < 0
                ? null
                : new LoggedCommand(offset, appendedMs, command == null ? null : command.toByteArray());
        if (!step.containsKey("decision")) {
            if (!list(step, "events").isEmpty()) {
                throw new IllegalArgumentException("expected a decision, since there are events, but it has none");
            }
            return new LogEntry(logged, null);
        }
        OutcomeRecord outcome = outcome(step, execution, command, offset);
        return new LogEntry(logged, LoggedOutcome.of(offset, outcome.toByteArray()));
    }

    private static OutcomeRecord outcome(Map<?, ?> step, UUID execution, @Nullable CommandRecord command, long offset) {
        OutcomeRecord.Builder outcome = OutcomeRecord.newBuilder()
                .setCommandOffset(offset)
                .setTimeMs(step.get("decided") instanceof String time ? CommandTree.ms(time) : 0)
                .setRulesVersion((int) number(step, "rules"))
                .setMac(named(MacVerdict.class, step.get("mac")));
        if (command != null) {
            outcome.setCommandId(command.getCommandId())
                    .setOrgId(command.getOrgId())
                    .setPrincipal(command.getPrincipal())
                    .setOrigin(command.getOrigin())
                    .setTraceparent(command.getTraceparent());
        }
        if (step.get("refusal") instanceof Map<?, ?> refusal) {
            outcome.setRefusal(Refusal.newBuilder()
                    .setReason(named(RefusalReason.class, refusal.get("reason")))
                    .setText(String.valueOf(refusal.get("text"))));
        }
        for (Object event : list(step, "events")) {
            if (!(event instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("an event is no object, but " + JsonTree.json(event));
            }
            outcome.addEvents(event(map, execution, command == null ? organisation(step) : command.getOrgId()));
        }
        return outcome.build();
    }

    /** @return whose execution it is where the log has no command that says so; empty where the step does not tell */
    private static ByteString organisation(Map<?, ?> step) {
        return Stream.of("after", "before")
                .map(step::get)
                .map(stood -> stood instanceof Map<?, ?> tree ? tree.get("organisation") : null)
                .filter(id -> id instanceof String)
                .map(id -> Ids.toByteString(UUID.fromString((String) id)))
                .findFirst()
                .orElse(ByteString.EMPTY);
    }

    private static EventRecord event(Map<?, ?> event, UUID execution, ByteString organisation) {
        if (!(event.get("type") instanceof String type)
                || !(event.get("data") instanceof Payload data)
                || !(event.get("time") instanceof String time)) {
            throw new IllegalArgumentException(
                    "expected an event with type, time and data, but got " + JsonTree.json(event));
        }
        EventRecord.Builder record = EventRecord.newBuilder()
                .setSubject(Subject.WORKFLOW_EXECUTION)
                .setExecutionId(Ids.toByteString(execution))
                .setOrgId(organisation)
                .setHistorySequence(event.get("inHistory") instanceof Long place ? place.intValue() : 0)
                .setChainSequence(number(event, "number"))
                .setType(type)
                .setData(ByteString.copyFrom(data.json()))
                .setTimeMs(CommandTree.ms(time))
                .setHash(NO_HASH);
        if (event.get("task") instanceof String task) {
            record.setTaskId(Ids.toByteString(UUID.fromString(task)));
            if (task.equals(execution.toString())) {
                record.setSubject(Subject.TASK_EXECUTION);
            }
        }
        if (event.get("status") != null) {
            record.setStatus(named(ExecutionStatus.class, event.get("status")));
        }
        return record.build();
    }

    private static UUID id(Map<?, ?> tree, String name) {
        try {
            return UUID.fromString(String.valueOf(tree.get(name)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected an id as " + name + ", but got " + JsonTree.json(tree.get(name)), e);
        }
    }

    private static long number(Map<?, ?> tree, String name) {
        if (tree.get(name) instanceof Long number) {
            return number;
        }
        throw new IllegalArgumentException(
                "expected a number as " + name + ", but got " + JsonTree.json(tree.get(name)));
    }

    private static List<?> list(Map<?, ?> tree, String name) {
        if (tree.get(name) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("expected a list of " + name + ", but got " + JsonTree.json(tree.get(name)));
    }

    private static <E extends Enum<E>> E named(Class<E> kind, @Nullable Object name) {
        for (E one : kind.getEnumConstants()) {
            if (one.name().equals(name)) {
                return one;
            }
        }
        throw new IllegalArgumentException("expected one of " + List.of(kind.getEnumConstants()) + ", but got " + name);
    }

    /** @return number of the partition that it comes from */
    int partition() {
        return partition;
    }

    /** @return the execution that it is about */
    public UUID execution() {
        return execution;
    }

    /** @return the commands with what came of them, in the order of the log */
    List<LogEntry> entries() {
        return entries;
    }

    /**
     * @param steps so many of the first steps count
     * @return what the log told of the execution up to there
     * @throws LogUnreadableException it has no such step, or an event does not follow from those before
     */
    public ExecutionTrace trace(int steps) {
        step(steps);
        Iterator<LogEntry> first = entries.subList(0, steps).iterator();
        return ExecutionTrace.of(
                partition, execution, null, () -> first.hasNext() ? first.next() : null, Long.MAX_VALUE);
    }

    /**
     * @param number from 1
     * @throws LogUnreadableException it has no such step
     */
    LogEntry step(int number) {
        if (number < 1 || number > entries.size()) {
            throw new LogUnreadableException("expected a step from 1 to " + entries.size() + ", but got " + number);
        }
        return entries.get(number - 1);
    }

    /** @return how many steps it has */
    public int steps() {
        return entries.size();
    }
}
