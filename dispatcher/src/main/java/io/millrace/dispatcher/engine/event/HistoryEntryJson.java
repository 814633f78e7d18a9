package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.event.HistoryEntry.*;

/** The wire form of history entries: event_type and event_data as the SDKs read them. */
public final class HistoryEntryJson {

    private HistoryEntryJson() {}

    /** @return event_type */
    public static String type(HistoryEntry entry) {
        return switch (entry) {
            case WorkflowStarted e -> "WORKFLOW_STARTED";
            case OperationCompleted e -> "OPERATION_COMPLETED";
            case StateSet e -> "STATE_SET";
            case StateCleared e -> "STATE_CLEARED";
            case TaskScheduled e -> "TASK_SCHEDULED";
            case TaskCompleted e -> "TASK_COMPLETED";
            case TaskFailed e -> "TASK_FAILED";
            case PromiseCreated e -> "PROMISE_CREATED";
            case PromiseResolved e -> "PROMISE_RESOLVED";
            case PromiseRejected e -> "PROMISE_REJECTED";
            case PromiseTimedOut e -> "PROMISE_TIMEOUT";
            case TimerStarted e -> "TIMER_STARTED";
            case TimerFired e -> "TIMER_FIRED";
            case TimerCancelled e -> "TIMER_CANCELLED";
            case ChildInitiated e -> "CHILD_WORKFLOW_INITIATED";
            case ChildCompleted e -> "CHILD_WORKFLOW_COMPLETED";
            case ChildFailed e -> "CHILD_WORKFLOW_FAILED";
            case SignalReceived e -> "SIGNAL_RECEIVED";
            case WorkflowSuspended e -> "WORKFLOW_SUSPENDED";
            case CancellationRequested e -> "CANCELLATION_REQUESTED";
            case WorkflowCompleted e -> "WORKFLOW_COMPLETED";
            case WorkflowExecutionFailed e -> "WORKFLOW_EXECUTION_FAILED";
            case WorkflowFailed e -> "WORKFLOW_FAILED";
            case WorkflowCancelled e -> "WORKFLOW_CANCELLED";
        };
    }

    /**
     * @param rules version of the rules that decide: newer ones tell more
     * @return event_data, a JSON object
     */
    public static byte[] data(HistoryEntry entry, int rules) {
        boolean all = rules >= Rules.EVENTS_TELL_ALL;
        JsonWriter json = new JsonWriter();
        switch (entry) {
            case WorkflowStarted e -> {
                json.raw("input", e.input())
                        .text("kind", e.kind())
                        .text("queue", e.queue())
                        .optional("workflowVersion", e.workflowVersion())
                        .optional("workflowDefinitionId", e.workflowDefinitionId())
                        .texts("metadata", e.metadata())
                        .number("prioritySeconds", e.prioritySeconds())
                        .optional("idempotencyKey", e.idempotencyKey())
                        .id("parentExecutionId", e.parentExecutionId())
                        .optional("childExecutionName", e.childExecutionName())
                        .id("resetFrom", e.resetFrom())
                        .id("firstRun", e.firstRun());
                if (e.origin() != null) {
                    origin(json, e.origin());
                }
                if (all) {
                    json.number("retentionMs", e.retentionMs());
                }
                if (rules >= Rules.TRACES) {
                    json.optional("traceparent", e.traceparent());
                }
            }
            case OperationCompleted e -> json.text("operationName", e.name()).raw("result", e.result());
            case StateSet e -> json.text("key", e.key()).raw("value", e.value());
            case StateCleared e -> json.text("key", e.key());
            case TaskScheduled e -> {
                json.text("kind", e.kind())
                        .text("taskType", e.kind())
                        .id("taskExecutionId", e.taskId())
                        .raw("input", e.input())
                        .text("queue", e.queue())
                        .number("maxRetries", e.maxRetries())
                        .number("timeoutMs", e.timeoutMs());
                if (all && !e.metadata().isEmpty()) {
                    json.texts("metadata", e.metadata());
                }
            }
            case TaskCompleted e -> json.id("taskExecutionId", e.taskId()).raw("output", e.output());
            case TaskFailed e ->
                json.id("taskExecutionId", e.taskId()).text("error", e.error()).bool("retryable", false);
            case PromiseCreated e -> {
                json.text("promiseName", e.name()).id("promiseId", e.promiseId());
                if (e.timeoutMs() > 0) {
                    json.number("timeoutMs", e.timeoutMs());
                }
                json.optional("idempotencyKey", e.idempotencyKey());
                since(json, e.sinceMs());
            }
            case PromiseResolved e ->
                json.id("promiseId", e.promiseId())
                        .text("promiseName", e.name())
                        .raw("value", e.value());
            case PromiseRejected e ->
                json.id("promiseId", e.promiseId())
                        .text("promiseName", e.name())
                        .text("error", e.error());
            case PromiseTimedOut e -> json.id("promiseId", e.promiseId()).text("promiseName", e.name());
            case TimerStarted e ->
                since(json.text("timerId", e.timerId()).number("durationMs", e.durationMs()), e.sinceMs());
            case TimerFired e -> json.text("timerId", e.timerId());
            case TimerCancelled e -> json.text("timerId", e.timerId());
            case ChildInitiated e ->
                json.text("childExecutionName", e.name())
                        .text("childWorkflowKind", e.kind())
                        .id("childExecutionId", e.childId())
                        .id("childWorkflowExecutionId", e.childId())
                        .raw("input", e.input());
            case ChildCompleted e ->
                json.text("childExecutionName", e.name())
                        .id("childExecutionId", e.childId())
                        .raw("output", e.output());
            case ChildFailed e ->
                json.text("childExecutionName", e.name())
                        .id("childworkflowExecutionId", e.childId())
                        .id("childExecutionId", e.childId())
                        .text("error", e.error());
            case SignalReceived e -> json.text("signalName", e.name()).raw("signalValue", e.value());
            case WorkflowSuspended e -> json.text("reason", e.reason());
            case CancellationRequested e -> {
                json.text("reason", e.reason()).text("requestedBy", e.requestedBy());
                if (e.forceAtMs() > 0) {
                    json.number("forceAtMs", e.forceAtMs());
                }
            }
            case WorkflowCompleted e -> json.raw("output", e.output());
            case WorkflowExecutionFailed e ->
                json.text("error", e.error()).text("stackTrace", e.stackTrace()).text("failureType", e.failureType());
            case WorkflowFailed e -> json.text("error", e.error());
            case WorkflowCancelled e -> {
                json.text("reason", e.reason());
                if (!e.terminatedBy().isEmpty()) {
                    json.text("terminatedBy", e.terminatedBy());
                }
            }
        }
        return json.finish();
    }

    private static void origin(JsonWriter json, ScheduleDefinition.Origin origin) {
        json.text("schedule", origin.schedule())
                .id("scheduleId", origin.scheduleId())
                .id("scheduledRun", origin.runId())
                .number("dueMs", origin.dueMs())
                .bool("awaited", origin.awaited());
    }

    private static void since(JsonWriter json, long sinceMs) {
        if (sinceMs > 0) {
            json.number("sinceMs", sinceMs);
        }
    }
}
