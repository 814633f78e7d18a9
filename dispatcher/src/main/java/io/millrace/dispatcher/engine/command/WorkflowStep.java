package io.millrace.dispatcher.engine.command;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The commands of one submission, in the order in which the worker issued them. Durations are milliseconds. */
public sealed interface WorkflowStep {

    /** Keeps the result of a side effect. */
    record RecordOperation(String name, Payload result) implements WorkflowStep {}

    /** Sets a key of the workflow's queryable state. */
    record SetState(String key, Payload value) implements WorkflowStep {}

    /** Clears a key of the workflow's queryable state; an absent key is fine. */
    record ClearState(String key) implements WorkflowStep {}

    /** Schedules a task; queue empty: the workflow's. timeoutMs 0: none. */
    record ScheduleTask(String kind, Payload input, UUID taskId, int maxRetries, long timeoutMs, String queue)
            implements WorkflowStep {}

    /** Ends the workflow with a result. */
    record CompleteWorkflow(Payload output) implements WorkflowStep {}

    /** Ends the workflow with an error; failureType CANCELLED: as cancelled. */
    record FailWorkflow(String error, String stackTrace, String failureType) implements WorkflowStep {}

    /** The activation ended waiting for something. */
    record SuspendWorkflow(String reason) implements WorkflowStep {}

    /** Ends the workflow as cancelled. */
    record CancelWorkflow(String reason) implements WorkflowStep {}

    /**
     * Ends the run, and begins a new one with the input.
     *
     * @param newExecutionId of the new run
     * @param keyTtlMs how long the idempotency key stands that is bound to the new run
     * @param takenSignals how many signals of each name the run has taken, the first of that name; the new run gets the others
     */
    record ContinueAsNew(UUID newExecutionId, Payload input, long keyTtlMs, Map<String, Integer> takenSignals)
            implements WorkflowStep {}

    /** Creates a promise; timeoutMs 0: none; key empty: none. */
    record CreatePromise(String name, long timeoutMs, String idempotencyKey, long idempotencyKeyTtlMs)
            implements WorkflowStep {}

    /** Resolves a promise of this workflow by its name. */
    record ResolvePromise(String name, Payload value) implements WorkflowStep {}

    /** Starts a child workflow; childId: by which its parent's worker knows it. queue empty: the parent's. */
    record ScheduleChildWorkflow(
            String name,
            String kind,
            String definitionId,
            UUID childId,
            Payload input,
            String queue,
            int prioritySeconds)
            implements WorkflowStep {}

    /** Starts a timer; zero or less fires at once. */
    record StartTimer(String timerId, long durationMs) implements WorkflowStep {}

    /** Disarms a timer. */
    record CancelTimer(String timerId) implements WorkflowStep {}

    /** Cancels a child, found by id or else by name. */
    record RequestCancelChild(String name, @Nullable UUID childId, String reason) implements WorkflowStep {}

    /** Something the SDK could not express: skipped, because SDKs send such placeholders. */
    record Unspecified() implements WorkflowStep {}
}
