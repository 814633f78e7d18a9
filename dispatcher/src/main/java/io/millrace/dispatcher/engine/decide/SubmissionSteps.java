package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.*;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.TaskReady;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.ChildInitiated;
import io.millrace.dispatcher.engine.event.HistoryEntry.OperationCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseCreated;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseResolved;
import io.millrace.dispatcher.engine.event.HistoryEntry.StateCleared;
import io.millrace.dispatcher.engine.event.HistoryEntry.StateSet;
import io.millrace.dispatcher.engine.event.HistoryEntry.TaskScheduled;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerCancelled;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerFired;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerStarted;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Promise;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.Shards;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The commands of one submission, in list order. What the batch itself issues twice counts once. */
public final class SubmissionSteps {

    private final Draft draft;
    private final Execution execution;
    private final long retentionMs;
    private final Set<Object> issued = new HashSet<>();
    private final Map<String, UUID> newPromises = new HashMap<>();
    private final List<UUID> newTasks = new ArrayList<>();
    private final List<Child> newChildren = new ArrayList<>();
    private final Set<String> disarmed = new HashSet<>();
    private final Set<UUID> settled = new HashSet<>();

    /** @param retentionMs how long children are kept after their end, milliseconds */
    public SubmissionSteps(Draft draft, Execution execution, long retentionMs) {
        this.draft = draft;
        this.execution = execution;
        this.retentionMs = retentionMs;
    }

    /** @return what is wrong with a step that uses the id of a task for one of another kind, or null */
    public @Nullable String taskOfAnotherKind(List<WorkflowStep> steps) {
        Map<UUID, String> kinds = new HashMap<>();
        for (WorkflowStep step : steps) {
            if (step instanceof ScheduleTask s) {
                Task task = draft.state().task(execution.id(), s.taskId());
                String kind = task != null ? task.kind() : kinds.computeIfAbsent(s.taskId(), id -> s.kind());
                if (!kind.equals(s.kind())) {
                    return "expected task " + s.taskId() + " to be of kind " + kind
                            + ", as it was scheduled, but the batch schedules it as " + s.kind();
                }
            }
        }
        return null;
    }

    /** @return whether a step has an identity that this workflow knows already */
    public boolean issuesKnown(List<WorkflowStep> steps) {
        for (WorkflowStep step : steps) {
            boolean known = switch (step) {
                case ScheduleTask s -> draft.state().task(execution.id(), s.taskId()) != null;
                case ScheduleChildWorkflow s -> knowsChild(s.childId());
                case CreatePromise s -> execution.promise(s.name()) != null;
                case StartTimer s -> execution.knowsTimer(s.timerId());
                default -> false; // the others have no identity
            };
            if (known) {
                return true;
            }
        }
        return false;
    }

    /** A child that was scheduled under older rules has the id that it was given. */
    private boolean knowsChild(UUID given) {
        return execution.child(given) != null || execution.child(childId(given)) != null;
    }

    private UUID childId(UUID given) {
        return draft.rules() < Rules.CHILD_IDS_MADE
                ? given
                : DerivedIds.child(execution.header().orgId(), execution.id(), given);
    }

    /** @return bytes that the steps will add to the history, at the most */
    public long size(List<WorkflowStep> steps) {
        long bytes = 0;
        for (WorkflowStep step : steps) {
            bytes += 256
                    + switch (step) {
                        case RecordOperation s -> s.result().size() + HistoryLimit.bytes(s.name());
                        case SetState s -> s.value().size() + HistoryLimit.bytes(s.key());
                        case ClearState s -> HistoryLimit.bytes(s.key());
                        case ScheduleTask s ->
                            s.input().size() + 2 * HistoryLimit.bytes(s.kind()) + HistoryLimit.bytes(queue(s.queue()));
                        case CompleteWorkflow s -> s.output().size();
                        case FailWorkflow s -> HistoryLimit.bytes(s.error()) * 2 + HistoryLimit.bytes(s.stackTrace());
                        case SuspendWorkflow s -> HistoryLimit.bytes(s.reason());
                        case CancelWorkflow s -> HistoryLimit.bytes(s.reason()) * 2;
                        case ContinueAsNew s -> 0; // what it has stands in the history of the new run
                        case CreatePromise s -> HistoryLimit.bytes(s.name()) + HistoryLimit.bytes(s.idempotencyKey());
                        case ResolvePromise s -> s.value().size() + HistoryLimit.bytes(s.name());
                        case ScheduleChildWorkflow s ->
                            s.input().size() + HistoryLimit.bytes(s.name()) + HistoryLimit.bytes(s.kind());
                        case StartTimer s ->
                            s.durationMs() > 0
                                    ? HistoryLimit.bytes(s.timerId())
                                    : 2 * HistoryLimit.bytes(s.timerId()) + 128; // it fires at once
                        case CancelTimer s -> HistoryLimit.bytes(s.timerId());
                        case RequestCancelChild s -> 0;
                        case Unspecified s -> 0;
                    };
        }
        return bytes;
    }

    /** Takes one step that does not end the activation. */
    public void take(WorkflowStep step) {
        switch (step) {
            case RecordOperation s -> append(new OperationCompleted(s.name(), s.result()));
            case SetState s -> append(new StateSet(s.key(), s.value()));
            case ClearState s -> append(new StateCleared(s.key()));
            case ScheduleTask s -> scheduleTask(s);
            case CreatePromise s -> createPromise(s);
            case ResolvePromise s -> resolvePromise(s);
            case ScheduleChildWorkflow s -> scheduleChild(s);
            case StartTimer s -> startTimer(s);
            case CancelTimer s -> cancelTimer(s);
            case RequestCancelChild s -> cancelChild(s);
            case Unspecified s -> {}
            case CompleteWorkflow s -> throw ends(s);
            case FailWorkflow s -> throw ends(s);
            case SuspendWorkflow s -> throw ends(s);
            case CancelWorkflow s -> throw ends(s);
            case ContinueAsNew s -> throw ends(s);
        }
    }

    /** Cancels what these steps issued: it is not in the state yet, where a cancellation looks for the rest. */
    public void cancelIssued(String reason) {
        Closing.cancelTasks(draft, execution, newTasks, reason);
        Closing.cancelChildren(draft, execution, newChildren, reason);
    }

    /** @return tasks that these steps issued: they are not in the state yet */
    public List<UUID> issuedTasks() {
        return newTasks;
    }

    private static IllegalStateException ends(WorkflowStep step) {
        return new IllegalStateException("expected a step that does not end the activation, but got " + step);
    }

    private void append(HistoryEntry entry) {
        draft.history(execution.id(), entry);
    }

    private String queue(String queue) {
        return queue.isEmpty() ? execution.header().queue() : queue;
    }

    private void scheduleTask(ScheduleTask s) {
        if (!issued.add(s.taskId())) {
            return;
        }
        newTasks.add(s.taskId());
        append(new TaskScheduled(
                s.taskId(), s.kind(), s.input(), queue(s.queue()), s.maxRetries(), s.timeoutMs(), Map.of()));
        draft.event(new TaskReady(execution.id(), s.taskId(), Cause.STARTED));
    }

    private void createPromise(CreatePromise s) {
        if (newPromises.containsKey(s.name())) {
            return;
        }
        UUID promiseId = DerivedIds.derive(execution.id(), "promise/" + s.name());
        newPromises.put(s.name(), promiseId);
        append(new PromiseCreated(promiseId, s.name(), s.timeoutMs(), s.idempotencyKey(), 0));
        if (!s.idempotencyKey().isEmpty()) {
            UUID orgId = execution.header().orgId();
            draft.send(
                    orgId,
                    Shards.of(orgId, s.idempotencyKey()),
                    new Command.BindPromiseKey(
                            s.idempotencyKey(), execution.id(), promiseId, s.name(), s.idempotencyKeyTtlMs()));
        }
    }

    private void resolvePromise(ResolvePromise s) {
        Promise known = execution.promise(s.name());
        UUID promiseId = known != null ? known.id() : newPromises.get(s.name());
        boolean open = known == null || !known.settled();
        if (promiseId != null && open && settled.add(promiseId)) {
            append(new PromiseResolved(promiseId, s.name(), s.value()));
        }
    }

    /** SDKs send "" or "default" for a child's queue when its code names none; both mean the parent's. */
    private void scheduleChild(ScheduleChildWorkflow s) {
        if (!issued.add(s.childId())) {
            return;
        }
        String queue = s.queue().equals("default") ? execution.header().queue() : queue(s.queue());
        UUID childId = childId(s.childId());
        newChildren.add(new Child(childId, s.name(), false));
        append(new ChildInitiated(s.name(), s.kind(), childId, s.input()));
        draft.send(
                execution.header().orgId(),
                Shards.of(childId),
                new Command.StartWorkflow(
                        childId,
                        s.kind(),
                        s.input(),
                        Map.of(),
                        queue,
                        s.prioritySeconds(),
                        "",
                        s.definitionId(),
                        "",
                        0,
                        retentionMs,
                        execution.id(),
                        s.name()),
                execution.header().traceparent());
    }

    private void startTimer(StartTimer s) {
        if (!issued.add(s.timerId())) {
            return;
        }
        append(new TimerStarted(s.timerId(), s.durationMs(), 0));
        if (s.durationMs() <= 0) {
            disarmed.add(s.timerId());
            append(new TimerFired(s.timerId()));
        }
    }

    private void cancelTimer(CancelTimer s) {
        boolean armed = execution.timerArmed(s.timerId()) || issued.contains(s.timerId());
        if (armed && disarmed.add(s.timerId())) {
            append(new TimerCancelled(s.timerId()));
        }
    }

    /** Workers know a child by the id that they gave it, and by the one that stands in the history. */
    private void cancelChild(RequestCancelChild s) {
        cancelChildren(execution.children(), s);
        cancelChildren(newChildren, s);
    }

    private void cancelChildren(Iterable<Child> children, RequestCancelChild s) {
        UUID made = s.childId() == null ? null : childId(s.childId());
        for (Child child : children) {
            boolean asked = made == null
                    ? child.name().equals(s.name())
                    : child.id().equals(made) || child.id().equals(s.childId());
            if (asked && !child.closed()) {
                draft.send(
                        execution.header().orgId(),
                        Shards.of(child.id()),
                        new Command.CancelWorkflow(child.id(), s.reason(), "parent " + execution.id()));
            }
        }
    }
}
