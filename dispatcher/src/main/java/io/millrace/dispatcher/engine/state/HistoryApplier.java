package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.Event.HistoryAppended;
import io.millrace.dispatcher.engine.event.Event.WorkflowContinuedAsNew;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.*;
import io.millrace.dispatcher.engine.state.StateMachines.ChildState;
import io.millrace.dispatcher.engine.state.StateMachines.PromiseState;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Applies history entries: what workflows did, and what came to them from outside. */
final class HistoryApplier {

    private final PartitionState state;
    private final WorkflowApplier workflows;
    private final TaskApplier tasks;

    HistoryApplier(PartitionState state, WorkflowApplier workflows, TaskApplier tasks) {
        this.state = state;
        this.workflows = workflows;
        this.tasks = tasks;
    }

    void apply(HistoryAppended event) {
        if (event.entry() instanceof WorkflowStarted started) {
            state.create(new Execution(header(event, started)));
        }
        Execution e = state.present(event.executionId());
        e.lastSequence = event.sequence();
        if (event.entry().external()) {
            e.lastExternalSequence = event.sequence();
        }
        change(e, event.entry());
        state.touch(e);
    }

    private void change(Execution e, HistoryEntry entry) {
        switch (entry) {
            case WorkflowStarted h -> {}
            case OperationCompleted h -> {}
            case StateSet h -> {
                e.values.put(h.key(), h.value());
                e.dirtyValues.add(h.key());
            }
            case StateCleared h -> {
                e.values.remove(h.key());
                e.dirtyValues.add(h.key());
            }
            case TaskScheduled h -> tasks.scheduled(e, h);
            case TaskCompleted h -> tasks.end(e.id(), h.taskId(), "TASK_COMPLETED", h.output(), null);
            case TaskFailed h -> tasks.end(e.id(), h.taskId(), "TASK_FAILED", null, h.error());
            case PromiseCreated h -> {
                long timeoutAt = h.timeoutMs() > 0 ? since(h.sinceMs()) + h.timeoutMs() : 0;
                e.promises.put(h.name(), new Promise(h.promiseId(), h.name(), timeoutAt, h.idempotencyKey(), false));
                state.promiseHome(h.promiseId(), e.id());
                if (timeoutAt > 0) {
                    state.dues().add(timeout(e, Objects.requireNonNull(e.promise(h.name()), "promise")));
                }
            }
            case PromiseResolved h -> settle(e, h.name(), "PROMISE_RESOLVED");
            case PromiseRejected h -> settle(e, h.name(), "PROMISE_REJECTED");
            case PromiseTimedOut h -> settle(e, h.name(), "PROMISE_TIMEOUT");
            case TimerStarted h -> {
                long dueMs = since(h.sinceMs()) + Math.max(0, h.durationMs());
                e.timers.put(h.timerId(), dueMs);
                state.dues().add(timer(e, h.timerId(), dueMs));
            }
            case TimerFired h -> disarmTimer(e, h.timerId());
            case TimerCancelled h -> disarmTimer(e, h.timerId());
            case ChildInitiated h -> e.children.put(h.childId(), new Child(h.childId(), h.name(), false));
            case ChildCompleted h -> closeChild(e, h.childId(), "CHILD_WORKFLOW_COMPLETED");
            case ChildFailed h -> closeChild(e, h.childId(), "CHILD_WORKFLOW_FAILED");
            case SignalReceived h -> e.signals++;
            case WorkflowSuspended h -> {
                workflows.endClaim(e, "WORKFLOW_SUSPENDED");
                e.deliveries = 0;
                e.staleRounds = 0;
                e.refusedRounds = 0;
                e.refusal = null;
                e.status = StateMachines.WORKFLOW.after(e.status, "WORKFLOW_SUSPENDED");
            }
            case CancellationRequested h -> {
                if (h.forceAtMs() > 0) {
                    workflows.disarmCancellation(e);
                    e.cancelAtMs = h.forceAtMs();
                    e.cancelReason = h.reason();
                    state.dues().add(WorkflowApplier.cancellation(e));
                }
            }
            case WorkflowCompleted h -> close(e, "WORKFLOW_COMPLETED", h.output(), null);
            case WorkflowExecutionFailed h -> {
                // Behind another end it only tells clients that look for nothing else.
                if (!e.status.terminal()) {
                    close(e, "WORKFLOW_EXECUTION_FAILED", null, h.error());
                }
            }
            case WorkflowFailed h -> {}
            case WorkflowCancelled h -> {
                e.terminatedBy = h.terminatedBy();
                close(e, "WORKFLOW_CANCELLED", null, h.reason());
            }
        }
    }

    /** What it had open is gone with it. What it has not taken in is in the history of the new run. */
    void continuedAsNew(WorkflowContinuedAsNew event) {
        Execution e = state.present(event.executionId());
        state.goOn(e, event.newExecutionId());
        close(e, "WORKFLOW_CONTINUED_AS_NEW", null, null);
    }

    private Header header(HistoryAppended event, WorkflowStarted started) {
        return new Header(
                event.executionId(),
                event.orgId(),
                false,
                new Header.Work(
                        started.kind(),
                        started.input(),
                        started.metadata(),
                        started.queue(),
                        started.prioritySeconds(),
                        started.workflowVersion(),
                        started.workflowDefinitionId()),
                started.idempotencyKey(),
                started.retentionMs(),
                new Header.Parent(started.parentExecutionId(), started.childExecutionName()),
                state.timeMs(),
                new Header.EarlierRuns(started.resetFrom(), started.firstRun()),
                started.origin(),
                started.traceparent());
    }

    private void close(Execution e, String event, @Nullable Payload output, @Nullable String error) {
        workflows.endClaim(e, event);
        workflows.unready(e);
        workflows.disarmRetry(e);
        workflows.disarmCancellation(e);
        workflows.unpause(e);
        new LinkedHashMap<>(e.timers.view()).forEach((timerId, dueMs) -> {
            if (dueMs != 0) {
                disarmTimer(e, timerId);
            }
        });
        for (Promise promise : e.promises.view().values()) {
            if (!promise.settled() && promise.timeoutAtMs() > 0) {
                state.dues().remove(timeout(e, promise));
            }
        }
        e.output = output;
        e.error = error;
        e.closedMs = state.timeMs();
        e.status = StateMachines.WORKFLOW.after(e.status, event);
        state.retain(e);
    }

    /** Of what a new run keeps, the time runs on. */
    private long since(long sinceMs) {
        return sinceMs > 0 ? sinceMs : state.timeMs();
    }

    private void settle(Execution e, String name, String event) {
        Promise promise = Objects.requireNonNull(e.promises.get(name), "promise");
        if (promise.timeoutAtMs() > 0) {
            state.dues().remove(timeout(e, promise));
        }
        PromiseState before = promise.settled() ? PromiseState.SETTLED : PromiseState.OPEN;
        e.promises.put(
                name, StateMachines.PROMISE.after(before, event) == PromiseState.SETTLED ? promise.settle() : promise);
    }

    private void disarmTimer(Execution e, String timerId) {
        long dueMs = Objects.requireNonNull(e.timers.put(timerId, 0L), "timer");
        state.dues().remove(timer(e, timerId, dueMs));
    }

    private void closeChild(Execution e, UUID childId, String event) {
        Child child = Objects.requireNonNull(e.children.get(childId), "child");
        ChildState before = child.closed() ? ChildState.CLOSED : ChildState.OPEN;
        boolean closed = StateMachines.CHILD.after(before, event) == ChildState.CLOSED;
        e.children.put(childId, new Child(childId, child.name(), closed));
    }

    private static Due timer(Execution e, String timerId, long dueMs) {
        return new Due(dueMs, Due.Type.TIMER, e.id(), timerId);
    }

    private static Due timeout(Execution e, Promise promise) {
        return new Due(promise.timeoutAtMs(), Due.Type.PROMISE_TIMEOUT, e.id(), promise.name());
    }
}
