package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.event.Event.Cause;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the history that workers replay: exactly the types that every SDK knows, since an unknown one corrupts a
 * replay. {@link HistoryEntryJson} gives their form on the wire. Durations are milliseconds.
 */
public sealed interface HistoryEntry {

    /**
     * It began.
     *
     * @param resetFrom the run from which it goes on, null for a first one
     * @param firstRun the run by which its parent knows it, null where that is this one
     * @param origin the schedule that started it, or the run from which it goes on; null for all others
     * @param traceparent trace of the call that started it, as {@link io.millrace.proto.TraceContext} writes it; empty: none
     */
    record WorkflowStarted(
            String kind,
            Payload input,
            Map<String, String> metadata,
            String queue,
            int prioritySeconds,
            String workflowVersion,
            String workflowDefinitionId,
            String idempotencyKey,
            long retentionMs,
            @Nullable UUID parentExecutionId,
            String childExecutionName,
            @Nullable UUID resetFrom,
            @Nullable UUID firstRun,
            ScheduleDefinition.@Nullable Origin origin,
            String traceparent)
            implements HistoryEntry {}

    record OperationCompleted(String name, Payload result) implements HistoryEntry {}

    record StateSet(String key, Payload value) implements HistoryEntry {}

    record StateCleared(String key) implements HistoryEntry {}

    record TaskScheduled(
            UUID taskId,
            String kind,
            Payload input,
            String queue,
            int maxRetries,
            long timeoutMs,
            Map<String, String> metadata)
            implements HistoryEntry {}

    record TaskCompleted(UUID taskId, Payload output) implements HistoryEntry {}

    record TaskFailed(UUID taskId, String error, boolean cancelled) implements HistoryEntry {}

    /** @param sinceMs since when its time runs, milliseconds since the epoch; 0: since now */
    record PromiseCreated(UUID promiseId, String name, long timeoutMs, String idempotencyKey, long sinceMs)
            implements HistoryEntry {}

    record PromiseResolved(@Nullable UUID promiseId, String name, Payload value) implements HistoryEntry {}

    record PromiseRejected(UUID promiseId, String name, String error) implements HistoryEntry {}

    record PromiseTimedOut(UUID promiseId, String name) implements HistoryEntry {}

    /** @param sinceMs since when its time runs, milliseconds since the epoch; 0: since now */
    record TimerStarted(String timerId, long durationMs, long sinceMs) implements HistoryEntry {}

    record TimerFired(String timerId) implements HistoryEntry {}

    record TimerCancelled(String timerId) implements HistoryEntry {}

    record ChildInitiated(String name, String kind, UUID childId, Payload input) implements HistoryEntry {}

    record ChildCompleted(String name, UUID childId, Payload output) implements HistoryEntry {}

    record ChildFailed(String name, UUID childId, String error) implements HistoryEntry {}

    record SignalReceived(String name, Payload value) implements HistoryEntry {}

    record WorkflowSuspended(String reason) implements HistoryEntry {}

    /** @param forceAtMs when it is cancelled by force if it has not ended, milliseconds since the epoch; 0: with this */
    record CancellationRequested(String reason, String requestedBy, long forceAtMs) implements HistoryEntry {}

    record WorkflowCompleted(Payload output) implements HistoryEntry {}

    record WorkflowExecutionFailed(String error, String stackTrace, String failureType) implements HistoryEntry {}

    /** Follows {@link WorkflowExecutionFailed}: some clients wait for this one. */
    record WorkflowFailed(String error) implements HistoryEntry {}

    /** @param terminatedBy who ended it without asking it, empty where it was cancelled */
    record WorkflowCancelled(String reason, String terminatedBy) implements HistoryEntry {

        /** It was cancelled. */
        public WorkflowCancelled(String reason) {
            this(reason, "");
        }
    }

    /**
     * @return why a workflow that waits is woken by it, for what came from outside the workflow's own submissions; null for
     *     what the workflow did itself
     */
    default @Nullable Cause wakes() {
        return switch (this) {
            case TaskCompleted e -> Cause.TASK_COMPLETED;
            case TaskFailed e -> Cause.TASK_FAILED;
            case TimerFired e -> Cause.TIMER_FIRED;
            case PromiseResolved e -> Cause.PROMISE_SETTLED;
            case PromiseRejected e -> Cause.PROMISE_SETTLED;
            case PromiseTimedOut e -> Cause.PROMISE_SETTLED;
            case ChildCompleted e -> Cause.CHILD_CLOSED;
            case ChildFailed e -> Cause.CHILD_CLOSED;
            case SignalReceived e -> Cause.SIGNALLED;
            case CancellationRequested e -> Cause.CANCELLATION_REQUESTED;
            case WorkflowStarted e -> null;
            case OperationCompleted e -> null;
            case StateSet e -> null;
            case StateCleared e -> null;
            case TaskScheduled e -> null;
            case PromiseCreated e -> null;
            case TimerStarted e -> null;
            case TimerCancelled e -> null;
            case ChildInitiated e -> null;
            case WorkflowSuspended e -> null;
            case WorkflowCompleted e -> null;
            case WorkflowExecutionFailed e -> null;
            case WorkflowFailed e -> null;
            case WorkflowCancelled e -> null;
        };
    }

    /** @return whether it came from outside, so that a worker that has not seen it must be woken for it */
    default boolean external() {
        return wakes() != null;
    }
}
