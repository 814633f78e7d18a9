package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.event.HistoryEntry.*;
import org.jspecify.annotations.NullUnmarked;

/** Reads history entries back from their wire form: the other way round than {@link HistoryEntryJson}. */
@NullUnmarked // what stands in a log is believed as it stands, and only compared
final class HistoryEntryParser {

    private HistoryEntryParser() {}

    static HistoryEntry parse(String type, JsonReader json) {
        return switch (type) {
            case "WORKFLOW_STARTED" ->
                new WorkflowStarted(
                        json.text("kind"),
                        json.raw("input"),
                        json.texts("metadata"),
                        json.text("queue"),
                        (int) json.number("prioritySeconds"),
                        json.optional("workflowVersion"),
                        json.optional("workflowDefinitionId"),
                        json.optional("idempotencyKey"),
                        json.number("retentionMs", 0),
                        json.optionalId("parentExecutionId"),
                        json.optional("childExecutionName"),
                        json.optionalId("resetFrom"),
                        json.optionalId("firstRun"),
                        origin(json),
                        json.optional("traceparent"));
            case "OPERATION_COMPLETED" -> new OperationCompleted(json.text("operationName"), json.raw("result"));
            case "STATE_SET" -> new StateSet(json.text("key"), json.raw("value"));
            case "STATE_CLEARED" -> new StateCleared(json.text("key"));
            case "TASK_SCHEDULED" ->
                new TaskScheduled(
                        json.id("taskExecutionId"),
                        json.text("kind"),
                        json.raw("input"),
                        json.text("queue"),
                        (int) json.number("maxRetries"),
                        json.number("timeoutMs"),
                        json.texts("metadata"));
            case "TASK_COMPLETED" -> new TaskCompleted(json.id("taskExecutionId"), json.raw("output"));
            case "TASK_FAILED" -> new TaskFailed(json.id("taskExecutionId"), json.text("error"), false);
            case "PROMISE_CREATED" ->
                new PromiseCreated(
                        json.id("promiseId"),
                        json.text("promiseName"),
                        json.number("timeoutMs", 0),
                        json.optional("idempotencyKey"),
                        json.number("sinceMs", 0));
            case "PROMISE_RESOLVED" ->
                new PromiseResolved(json.id("promiseId"), json.text("promiseName"), json.raw("value"));
            case "PROMISE_REJECTED" ->
                new PromiseRejected(json.id("promiseId"), json.text("promiseName"), json.text("error"));
            case "PROMISE_TIMEOUT" -> new PromiseTimedOut(json.id("promiseId"), json.text("promiseName"));
            case "TIMER_STARTED" ->
                new TimerStarted(json.text("timerId"), json.number("durationMs"), json.number("sinceMs", 0));
            case "TIMER_FIRED" -> new TimerFired(json.text("timerId"));
            case "TIMER_CANCELLED" -> new TimerCancelled(json.text("timerId"));
            case "CHILD_WORKFLOW_INITIATED" ->
                new ChildInitiated(
                        json.text("childExecutionName"),
                        json.text("childWorkflowKind"),
                        json.id("childExecutionId"),
                        json.raw("input"));
            case "CHILD_WORKFLOW_COMPLETED" ->
                new ChildCompleted(json.text("childExecutionName"), json.id("childExecutionId"), json.raw("output"));
            case "CHILD_WORKFLOW_FAILED" ->
                new ChildFailed(json.text("childExecutionName"), json.id("childExecutionId"), json.text("error"));
            case "SIGNAL_RECEIVED" -> new SignalReceived(json.text("signalName"), json.raw("signalValue"));
            case "WORKFLOW_SUSPENDED" -> new WorkflowSuspended(json.text("reason"));
            case "CANCELLATION_REQUESTED" ->
                new CancellationRequested(json.text("reason"), json.text("requestedBy"), json.number("forceAtMs", 0));
            case "WORKFLOW_COMPLETED" -> new WorkflowCompleted(json.raw("output"));
            case "WORKFLOW_EXECUTION_FAILED" ->
                new WorkflowExecutionFailed(json.text("error"), json.text("stackTrace"), json.text("failureType"));
            case "WORKFLOW_FAILED" -> new WorkflowFailed(json.text("error"));
            case "WORKFLOW_CANCELLED" -> new WorkflowCancelled(json.text("reason"), json.optional("terminatedBy"));
            default ->
                throw new IllegalArgumentException(
                        "expected an entry of a history of a type that is known, but it is " + type);
        };
    }

    private static ScheduleDefinition.Origin origin(JsonReader json) {
        return json.has("scheduledRun")
                ? new ScheduleDefinition.Origin(
                        json.text("schedule"),
                        json.id("scheduleId"),
                        json.id("scheduledRun"),
                        json.number("dueMs"),
                        json.bool("awaited"))
                : null;
    }
}
