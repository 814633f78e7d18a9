package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.codec.OutcomeDecoder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.event.Event.HistoryAppended;
import io.millrace.dispatcher.engine.event.Event.WorkflowClaimed;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.ChildInitiated;
import io.millrace.dispatcher.engine.event.HistoryEntry.OperationCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseCreated;
import io.millrace.dispatcher.engine.event.HistoryEntry.StateCleared;
import io.millrace.dispatcher.engine.event.HistoryEntry.StateSet;
import io.millrace.dispatcher.engine.event.HistoryEntry.TaskScheduled;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerStarted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowExecutionFailed;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowStarted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowSuspended;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.EventRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The history of a workflow in the form that replay tests of the public SDKs read, as docs/reference/history.md describes it. What
 * those do not read, they pass over.
 */
public final class SdkHistory {

    /** Name of the form. */
    public static final String FORMAT = "millrace.sdk-history";

    /** Version of the form: fields may come to be in it, and none changes its meaning or goes. */
    public static final int VERSION = 1;

    /** Who waits for the end reads these; replay tests of the SDKs know no such types. */
    private static final Set<String> FOR_CLIENTS = Set.of("WORKFLOW_FAILED", "WORKFLOW_CANCELLED");

    private final List<Object> events = new ArrayList<>();
    private final List<Object> commands = new ArrayList<>();
    private final List<Object> activations = new ArrayList<>();
    private @Nullable WorkflowStarted started;
    private @Nullable UUID organisation;
    private @Nullable String suspended;
    private boolean ended;
    private int length;
    private int claimedAt;
    private long taskTimeMs;

    private SdkHistory() {}

    /**
     * @return the whole
     * @throws LogUnreadableException it is no workflow, so that no worker replays it
     */
    public static Map<String, Object> of(ExecutionTrace trace) {
        if (trace.taskId().isPresent()) {
            throw new LogUnreadableException("expected a workflow execution, whose history workers replay, but "
                    + trace.taskId().get() + " is a task of workflow " + trace.executionId());
        }
        SdkHistory history = new SdkHistory();
        trace.steps().forEach(step -> history.take(trace.executionId(), step));
        return history.tree(trace.executionId());
    }

    private Map<String, Object> tree(UUID execution) {
        if (started == null || organisation == null) {
            throw new LogUnreadableException(
                    "expected a workflow execution, whose history workers replay, but " + execution + " has none");
        }
        if (!ended && suspended != null) {
            commands.add(command("SuspendWorkflow", "reason", suspended));
        }
        String what = started.kind() + " " + execution + " as it was recorded";
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("format", FORMAT);
        tree.put("version", VERSION);
        tree.put("name", execution.toString());
        tree.put("description", what);
        tree.put("workflow_execution_id", execution.toString());
        tree.put("org_id", organisation.toString());
        // An earlier name of the same, which older versions of the SDKs read.
        tree.put("tenant_id", organisation.toString());
        tree.put("workflow_kind", started.kind());
        tree.put("input", started.input());
        tree.put("events", events);
        tree.put("expected_commands", commands);
        tree.put("activations", activations);
        Map<String, Object> test = new LinkedHashMap<>();
        test.put("type", "valid_replay");
        test.put("description", "The code asks for what it asked for then");
        tree.put("determinism_test", test);
        return tree;
    }

    private void take(UUID execution, ExecutionTrace.Step step) {
        // What begins a new run is a submission too, but of the run before it.
        boolean submission = step.command() != null
                && step.command().getBodyCase() == BodyCase.SUBMIT_COMMANDS
                && Ids.toByteString(execution)
                        .equals(step.command().getSubmitCommands().getExecutionId());
        int before = length;
        int shownTo = claimedAt;
        long clockMs = taskTimeMs;
        for (EventRecord record : step.events()) {
            switch (EventParser.parse(OutcomeDecoder.event(record))) {
                case HistoryAppended appended -> take(record, appended.entry());
                case WorkflowReady ready ->
                    taskTimeMs = ready.taskTimeMs() == 0 ? record.getTimeMs() : ready.taskTimeMs();
                case WorkflowClaimed claimed -> claimedAt = length;
                default -> {
                    // No worker replays it.
                }
            }
        }
        if (submission && length > before) {
            Map<String, Object> activation = new LinkedHashMap<>();
            activation.put("time_ms", clockMs);
            activation.put("claimed_behind", shownTo);
            activation.put("submitted_behind", before);
            activation.put("ends_with", length);
            activations.add(activation);
        }
    }

    private void take(EventRecord record, HistoryEntry entry) {
        length = record.getHistorySequence();
        if (entry instanceof WorkflowStarted start) {
            started = start;
            organisation = Ids.fromBytes(record.getOrgId());
        }
        if (FOR_CLIENTS.contains(record.getType())) {
            return;
        }
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("sequence_number", record.getHistorySequence());
        event.put("event_type", pascal(record.getType()));
        event.put("data", Payload.of(record.getData().toByteArray()));
        event.put("timestamp_ms", record.getTimeMs());
        events.add(event);
        Map<String, Object> command = command(entry);
        if (command != null) {
            commands.add(command);
        }
        suspended = entry instanceof WorkflowSuspended waits ? waits.reason() : null;
        ended |= entry instanceof WorkflowCompleted || entry instanceof WorkflowExecutionFailed;
    }

    /** @return what the code asked for when that was recorded; null where it asked for nothing */
    private static @Nullable Map<String, Object> command(HistoryEntry entry) {
        return switch (entry) {
            case OperationCompleted e -> command("RecordOperation", "name", e.name(), "result", e.result());
            case StateSet e -> command("SetState", "key", e.key(), "value", e.value());
            case StateCleared e -> command("ClearState", "key", e.key());
            case TaskScheduled e -> command("ScheduleTask", "kind", e.kind(), "input", e.input());
            case TimerStarted e -> command("StartTimer", "timerId", e.timerId(), "duration", e.durationMs());
            case PromiseCreated e -> command("CreatePromise", "promiseName", e.name());
            case ChildInitiated e ->
                command(
                        "ScheduleChildWorkflow",
                        "workflowName",
                        e.name(),
                        "workflowKind",
                        e.kind(),
                        "input",
                        e.input());
            case WorkflowCompleted e -> command("CompleteWorkflow", "output", e.output());
            case WorkflowExecutionFailed e
            when e.failureType().equals(Closing.CONTINUED_AS_NEW) -> command("ContinueAsNew");
            case WorkflowExecutionFailed e -> command("FailWorkflow", "error", e.error());
            default -> null;
        };
    }

    private static Map<String, Object> command(String type, Object... fields) {
        Map<String, Object> command = new LinkedHashMap<>();
        command.put("type", type);
        for (int i = 0; i < fields.length; i += 2) {
            command.put((String) fields[i], fields[i + 1]);
        }
        return command;
    }

    /** @return TaskScheduled for TASK_SCHEDULED */
    private static String pascal(String type) {
        StringBuilder name = new StringBuilder();
        for (String word : type.split("_")) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
