package io.millrace.dispatcher.replay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.codec.OutcomeDecoder;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.partition.FailedParts;
import io.millrace.dispatcher.partition.RecordExecutor;
import io.millrace.dispatcher.partition.RecordExecutor.Writers;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.NOPLogger;

/**
 * What would have come of an execution, had another command stood at a step of its history, or none. The steps before are applied as
 * they were recorded; from there on the engine decides, upon the execution alone. The recorded commands are decided once more in the
 * same way, so that what differs between the two differs for that command, and for nothing that the file does not tell.
 *
 * @param steps those of which something else comes, in their order
 * @param differences how the execution stands otherwise in the end, or before it leaves the state: lines of the record behind "- ", of the other one behind "+ "
 * @param why why it would stand where it would in the end
 * @param undecidable first step of which the engine does not make what was recorded although nothing was changed, as that hangs on more
 *     than the file tells; 0: none
 */
public record WhatIf(List<Step> steps, List<String> differences, String why, int undecidable) {

    /**
     * What comes of a command.
     *
     * @param step its number, from 1
     * @param command name of its body; empty where nothing is carried out
     * @param recorded what came of the recorded command, a line each
     * @param instead what would have come of it
     */
    public record Step(int step, String command, List<String> recorded, List<String> instead) {}

    /** Copies the lists. */
    public WhatIf {
        steps = List.copyOf(steps);
        differences = List.copyOf(differences);
    }

    /**
     * Works it out.
     *
     * @param step number of the step, from 1
     * @param command as JSON, in the form of the file; what it does not say is as in the step's command. Null: none
     * @throws LogUnreadableException the history has no such step, or that is no command
     */
    public static WhatIf of(HistoryFile history, int step, @Nullable String command) {
        LogEntry there = history.step(step);
        CommandRecord instead = command == null ? null : read(command, there);
        Run asRecorded = run(history, step, recorded(there));
        Run otherwise = run(history, step, instead);
        List<Step> steps = new ArrayList<>();
        int undecidable = 0;
        for (int i = step; i <= history.steps(); i++) {
            LogEntry entry = history.step(i);
            List<String> before = lines(asRecorded.outcomes.get(i - step), history.execution());
            List<String> after = lines(otherwise.outcomes.get(i - step), history.execution());
            if (!before.equals(after)) {
                steps.add(new Step(i, name(i == step ? instead : recorded(entry)), before, after));
            }
            OutcomeRecord known =
                    entry.outcome() == null ? null : entry.outcome().record();
            if (undecidable == 0 && known != null && !before.equals(lines(known, history.execution()))) {
                undecidable = i;
            }
        }
        return new WhatIf(
                steps,
                JsonTree.differences(asRecorded.tree(), otherwise.tree()),
                otherwise.why.sentence(),
                undecidable);
    }

    private static CommandRecord read(String json, LogEntry there) {
        try {
            if (JsonTreeReader.read(json, Set.of()) instanceof Map<?, ?> tree) {
                CommandRecord like = recorded(there);
                return CommandTree.read(tree, like == null ? CommandRecord.getDefaultInstance() : like);
            }
            throw new IllegalArgumentException("expected an object");
        } catch (IllegalArgumentException e) {
            throw new LogUnreadableException(
                    "expected a command such as {\"name\":\"cancel_workflow\",\"body\":{…}}, but: " + e.getMessage(),
                    e);
        }
    }

    private static @Nullable CommandRecord recorded(LogEntry entry) {
        try {
            return entry.command() == null || entry.command().value() == null
                    ? null
                    : CommandRecord.parseFrom(entry.command().value());
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static String name(@Nullable CommandRecord command) {
        return command == null ? "" : OutcomeEncoder.name(command);
    }

    /**
     * What came of the commands.
     *
     * @param last how the execution stood in the end, or before it left the state; null where it was never there
     * @param why why it stood there so
     */
    private record Run(
            List<OutcomeRecord> outcomes, @Nullable Map<String, Object> last, Why why) {

        private Map<String, Object> tree() {
            return last == null ? Map.of() : Map.of("execution", last);
        }
    }

    /** @return what comes of the step with this command, and of all steps behind it */
    private static Run run(HistoryFile history, int step, @Nullable CommandRecord command) {
        PartitionState state = new PartitionState(new MemoryTables(), Long.MAX_VALUE);
        EventFold fold = new EventFold(state);
        for (LogEntry entry : history.entries().subList(0, step - 1)) {
            if (entry.outcome() != null) {
                OutcomeRecord outcome = entry.outcome().record();
                fold.apply(
                        outcome.getRulesVersion(),
                        outcome.getTimeMs(),
                        outcome.getEventsList().stream()
                                .map(OutcomeDecoder::event)
                                .toList());
            }
        }
        fold.apply(rules(history, step), state.timeMs(), List.of());
        // A partition of its own for the shard of the execution: so whatever is at home beside it is so here.
        Home home = new Home(Shards.of(history.execution()), 1 << 16);
        RecordExecutor executor = new RecordExecutor(home, state, new FailedParts(), NOPLogger.NOP_LOGGER);
        List<OutcomeRecord> outcomes = new ArrayList<>();
        Map<String, Object> last = tree(state, history.execution());
        Why why = last == null ? Why.gone(List.of()) : why(state, history.execution());
        for (int i = step; i <= history.steps(); i++) {
            LogEntry entry = history.step(i);
            CommandRecord next = i == step ? command : recorded(entry);
            LoggedCommand at = entry.command();
            if (next == null || at == null) {
                outcomes.add(OutcomeRecord.getDefaultInstance());
                continue;
            }
            Writers asRecorded = (offset, record, read) -> entry.verdict();
            outcomes.add(executor.execute(at.offset(), at.appendedMs(), next.toByteArray(), asRecorded.knowingNumbers())
                    .record());
            Map<String, Object> now = tree(state, history.execution());
            if (now != null) {
                last = now;
                why = why(state, history.execution());
            }
        }
        return new Run(outcomes, last, why);
    }

    private static @Nullable Map<String, Object> tree(PartitionState state, UUID execution) {
        Execution one = state.execution(execution);
        return one == null ? null : ExecutionTree.of(one, id -> state.task(execution, id));
    }

    private static Why why(PartitionState state, UUID execution) {
        Execution one = Objects.requireNonNull(state.execution(execution), "an execution that is there");
        return Why.of(
                one,
                id -> state.task(execution, id),
                state.history(one),
                HeldBack.in(state, one.header().orgId()));
    }

    /** @return those that decided the step, or the next one of which it is known */
    private static int rules(HistoryFile history, int step) {
        for (LogEntry entry : history.entries().subList(step - 1, history.steps())) {
            if (entry.outcome() != null) {
                return entry.outcome().record().getRulesVersion();
            }
        }
        return Rules.VERSION;
    }

    /** @return what the outcome says of the execution, without numbers that hang on what was before */
    private static List<String> lines(OutcomeRecord outcome, UUID execution) {
        List<String> lines = new ArrayList<>();
        if (outcome.hasRefusal()) {
            lines.add("refused: " + outcome.getRefusal().getReason() + ", "
                    + outcome.getRefusal().getText());
        }
        for (EventRecord event : outcome.getEventsList()) {
            if (event.getExecutionId().equals(Ids.toByteString(execution))) {
                lines.add(HistoryText.event(event));
            }
        }
        return lines;
    }
}
