package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.ExecutionEvicted;
import io.millrace.dispatcher.engine.event.Event.KeyReleased;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Event.TaskReady;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseTimedOut;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerFired;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.dispatcher.engine.state.PlaceStore.LimitedQueue;
import io.millrace.dispatcher.engine.state.Task;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** What happens when something falls due. Whatever is disarmed leaves the index, so what comes here is still wanted. */
public final class DueHandler {

    private DueHandler() {}

    /**
     * Lets one due thing happen.
     *
     * @param keys what leaves its bucket, where it is one
     * @param unservedUntilMs until when Kafka did not answer the owner, by the partition's time; 0: it always did
     */
    public static Decision fire(Draft draft, Due due, List<byte[]> keys, long unservedUntilMs) {
        UUID executionId = due.executionId();
        switch (due.type()) {
            case WORKFLOW_LEASE -> LeaseHandler.due(draft, draft.state().present(executionId), unservedUntilMs);
            case WORKFLOW_RETRY -> draft.event(new WorkflowReady(executionId, Cause.RETRY, draft.now()));
            case WORKFLOW_CANCEL -> {
                Execution execution = draft.state().present(executionId);
                Closing.cancel(draft, execution, execution.cancelReason());
            }
            case TIMER -> append(draft, due, new TimerFired(due.reference()));
            case PROMISE_TIMEOUT ->
                append(
                        draft,
                        due,
                        new PromiseTimedOut(
                                Objects.requireNonNull(
                                                draft.state()
                                                        .present(executionId)
                                                        .promise(due.reference()),
                                                "promise")
                                        .id(),
                                due.reference()));
            case TASK_READY -> draft.event(new TaskReady(executionId, UUID.fromString(due.reference()), Cause.RETRY));
            case TASK_LEASE -> LeaseHandler.due(draft, task(draft, due), unservedUntilMs);
            case TASK_DEADLINE -> {
                Task task = task(draft, due);
                TaskHandler.end(draft, task, "Task timed out: expected it to end within " + task.timeoutMs() + " ms");
            }
            case SCHEDULE -> ScheduleHandler.due(draft, due);
            case POLICY -> PolicyHandler.ended(draft, due);
            case PLACES_SPARE -> PlaceHandler.unused(draft, new LimitedQueue(executionId, due.reference()));
            case PLACES_NEXT -> PlaceHandler.next(draft, new LimitedQueue(executionId, due.reference()));
            case KEY_EXPIRY ->
                keys.forEach(key ->
                        release(draft, Objects.requireNonNull(draft.state().expiring(key), "key")));
            // For the keys of before the execution id is the organisation.
            case WORKFLOW_KEY_EXPIRY ->
                release(draft, draft.state().present(KeyUse.WORKFLOW, executionId, due.reference()));
            case TASK_KEY_EXPIRY -> release(draft, draft.state().present(KeyUse.TASK, executionId, due.reference()));
            case PROMISE_KEY_EXPIRY ->
                release(draft, draft.state().present(KeyUse.PROMISE, executionId, due.reference()));
            case RETENTION ->
                keys.forEach(
                        key -> draft.event(new ExecutionEvicted(draft.state().closed(key))));
        }
        return draft.answer(new Answer.Accepted(true));
    }

    private static void append(Draft draft, Due due, HistoryEntry entry) {
        Execution execution = draft.state().present(due.executionId());
        Closing.append(draft, execution, entry, HistoryLimit.bytes(due.reference()));
    }

    private static Task task(Draft draft, Due due) {
        return draft.state().present(due.executionId(), UUID.fromString(due.reference()));
    }

    /** An open execution is still found by its key, and releases it when it closes. */
    private static void release(Draft draft, KeyBinding binding) {
        if (binding.use() == KeyUse.WORKFLOW) {
            Execution target = draft.state().execution(binding.targetId());
            if (target != null && !target.status().terminal()) {
                return;
            }
        }
        draft.event(new KeyReleased(null, binding.use(), binding.orgId(), binding.key()));
    }
}
