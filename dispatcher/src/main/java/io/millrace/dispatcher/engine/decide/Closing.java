package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.Event.KeyReleased;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Event.TaskCancelled;
import io.millrace.dispatcher.engine.event.Event.WorkflowContinuedAsNew;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowCancelled;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowExecutionFailed;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowFailed;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.proto.Shards;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a workflow ends, each with what belongs to it. These are the terminal events that the various
 * clients look for, the idempotency key, and the parent. Losing branches of a workflow that completed or failed (tasks,
 * children) run on; one that is cancelled or terminated takes them with it.
 */
public final class Closing {

    /** Failure type of an execution that no worker could carry through. */
    public static final String WORKER_CRASH = "WORKER_CRASH";

    /** Failure type of an execution that somebody ended without asking it. */
    public static final String TERMINATED = "TERMINATED";

    /** Failure type of a run that goes on in another one. */
    public static final String RESET = "RESET";

    /** Failure type by which clients of runs that continue as new are told where to go on. */
    public static final String CONTINUED_AS_NEW = "CONTINUED_AS_NEW";

    /** Characters of a reason that enter what is cancelled along with a workflow, which may be thousands of tasks. */
    private static final int BRIEF = 200;

    private Closing() {}

    /** The workflow has completed: notes that, and lets go of its key as soon as it answers no start any more. */
    public static void complete(Draft draft, Execution execution, Payload output) {
        draft.history(execution.id(), new WorkflowCompleted(output));
        KeyBinding binding = ownKey(draft, execution);
        if (binding != null && binding.expiresMs() <= draft.now()) {
            release(draft, execution, binding); // until then it answers starts with what came of it
        }
        tell(draft, execution, ChildOutcome.COMPLETED, output, "");
    }

    /**
     * The workflow has failed.
     *
     * @param failureType kind of the failure as SDKs know it, empty for none
     */
    public static void fail(Draft draft, Execution execution, String error, String stackTrace, String failureType) {
        draft.history(execution.id(), new WorkflowExecutionFailed(error, stackTrace, failureType));
        draft.history(execution.id(), new WorkflowFailed(error));
        releaseKey(draft, execution);
        tell(draft, execution, ChildOutcome.FAILED, Payload.NULL, error);
    }

    /**
     * Appends the entry, or fails the workflow whose history has no room for it.
     *
     * @param payloadBytes what the entry carries, as it stands in JSON
     * @return whether it was appended
     */
    public static boolean append(Draft draft, Execution execution, HistoryEntry entry, long payloadBytes) {
        long limit = HistoryLimit.of(draft);
        if (HistoryLimit.exceeded(execution, payloadBytes, limit)) {
            fail(draft, execution, HistoryLimit.text(execution, limit), "", "HISTORY_LIMIT");
            return false;
        }
        draft.history(execution.id(), entry);
        return true;
    }

    /** The workflow is cancelled, and its open tasks and children along with it. */
    public static void cancel(Draft draft, Execution execution, String reason) {
        cancelTasks(draft, execution, execution.openTasks(), reason);
        cancelChildren(draft, execution, execution.children(), reason);
        // Readers stop at the first terminal event that they know, so the order matters.
        draft.history(execution.id(), new WorkflowCancelled(reason));
        draft.history(execution.id(), new WorkflowExecutionFailed("Workflow cancelled: " + reason, "", "CANCELLED"));
        releaseKey(draft, execution);
        tell(draft, execution, ChildOutcome.CANCELLED, Payload.NULL, "Child workflow cancelled: " + reason);
    }

    /** The workflow is terminated, and its open tasks and children along with it: none of them is asked. */
    public static void terminate(Draft draft, Execution execution, String reason, String requestedBy) {
        cancelTasks(draft, execution.id(), execution.openTasks(), "Workflow terminated: " + brief(reason));
        String why = "Parent terminated: " + brief(reason);
        for (Child child : execution.children()) {
            if (!child.closed()) {
                draft.send(
                        execution.header().orgId(),
                        Shards.of(child.id()),
                        new TerminateWorkflow(child.id(), why, "parent " + execution.id(), 0));
            }
        }
        draft.history(execution.id(), new WorkflowCancelled("Terminated: " + reason, requestedBy));
        draft.history(execution.id(), new WorkflowExecutionFailed("Workflow terminated: " + reason, "", TERMINATED));
        releaseKey(draft, execution);
        tell(draft, execution, ChildOutcome.CANCELLED, Payload.NULL, "Child workflow terminated: " + reason);
    }

    /**
     * The workflow goes on in a new run. What it has open goes with it, but for the children that go on too, and its parent awaits
     * the new run.
     */
    public static void reset(Draft draft, Execution old, Set<UUID> children, ResetWorkflow c) {
        cancelTasks(draft, old.id(), old.openTasks(), "Workflow goes on as " + c.newExecutionId());
        List<Child> dropped = old.children().stream()
                .filter(child -> !children.contains(child.id()))
                .toList();
        cancelChildren(draft, old, dropped, "it goes on as " + c.newExecutionId());
        if (!old.status().terminal()) {
            String why = "it goes on as " + c.newExecutionId() + (c.reason().isEmpty() ? "" : ": " + c.reason());
            draft.history(old.id(), new WorkflowCancelled("Reset: " + why));
            draft.history(old.id(), new WorkflowExecutionFailed("Workflow reset: " + why, "", RESET));
        }
    }

    /**
     * The workflow continues as new. Nobody can take in what its open tasks and timers would bring, so they are cancelled with it. Its
     * children run on, as after a workflow that completes. Its parent and its schedule await the new run.
     *
     * @param issued tasks that it has begun with the same decision
     */
    public static void continueAsNew(Draft draft, Execution old, Iterable<UUID> issued, ResetWorkflow c) {
        String why = "Workflow continues as " + c.newExecutionId();
        cancelTasks(draft, old.id(), old.openTasks(), why);
        cancelTasks(draft, old.id(), issued, why);
        draft.event(new WorkflowContinuedAsNew(old.id(), c.newExecutionId(), c.reason(), c.requestedBy()));
        // Those who look for ends that public clients know would wait for ever otherwise.
        String told = "Workflow continued as new: it goes on as " + c.newExecutionId();
        draft.history(old.id(), new WorkflowExecutionFailed(told, "", CONTINUED_AS_NEW));
        draft.history(old.id(), new WorkflowFailed(told));
    }

    /** Cancels these tasks of the execution because it is cancelled itself. */
    public static void cancelTasks(Draft draft, Execution execution, Iterable<UUID> taskIds, String reason) {
        cancelTasks(draft, execution.id(), taskIds, "Workflow cancelled: " + brief(reason));
    }

    private static void cancelTasks(Draft draft, UUID executionId, Iterable<UUID> taskIds, String why) {
        for (UUID taskId : taskIds) {
            draft.event(new TaskCancelled(executionId, taskId, why));
        }
    }

    /** Asks those of the children that are still open to be cancelled, because the execution is. */
    public static void cancelChildren(Draft draft, Execution execution, Iterable<Child> children, String reason) {
        String why = "Parent cancelled: " + brief(reason);
        for (Child child : children) {
            if (!child.closed()) {
                draft.send(
                        execution.header().orgId(),
                        Shards.of(child.id()),
                        new CancelWorkflow(child.id(), why, "parent " + execution.id()));
            }
        }
    }

    private static String brief(String reason) {
        if (reason.length() <= BRIEF) {
            return reason;
        }
        // Never half of a character.
        int end = Character.isHighSurrogate(reason.charAt(BRIEF - 1)) ? BRIEF - 1 : BRIEF;
        return reason.substring(0, end) + "…";
    }

    private static void releaseKey(Draft draft, Execution execution) {
        KeyBinding binding = ownKey(draft, execution);
        if (binding != null) {
            release(draft, execution, binding);
        }
    }

    private static void release(Draft draft, Execution execution, KeyBinding binding) {
        draft.event(new KeyReleased(execution.id(), KeyUse.WORKFLOW, binding.orgId(), binding.key()));
    }

    /** @return the binding of the execution's key, or null where it has none or another has taken it over */
    private static @Nullable KeyBinding ownKey(Draft draft, Execution execution) {
        String key = execution.header().idempotencyKey();
        if (key.isEmpty()) {
            return null;
        }
        KeyBinding binding =
                draft.state().key(KeyUse.WORKFLOW, execution.header().orgId(), key);
        return binding != null && binding.targetId().equals(execution.id()) ? binding : null;
    }

    /** Tells those who wait for the end: the parent, and the schedule. */
    private static void tell(Draft draft, Execution execution, ChildOutcome outcome, Payload output, String error) {
        ScheduledRuns.ended(draft, execution, outcome.name());
        UUID parentId = execution.header().parentExecutionId();
        if (parentId != null) {
            draft.send(
                    execution.header().orgId(),
                    Shards.of(parentId),
                    new ChildClosed(
                            parentId,
                            execution.header().knownAs(),
                            execution.header().parent().childName(),
                            outcome,
                            output,
                            error));
        }
    }
}
