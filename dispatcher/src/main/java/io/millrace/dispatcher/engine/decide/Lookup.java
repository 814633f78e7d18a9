package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Look-ups that never show one organisation what another has. */
public final class Lookup {

    private Lookup() {}

    /** @return the workflow execution, or null where the organisation has none of that id */
    public static @Nullable Execution workflow(Draft draft, UUID executionId) {
        Execution execution = draft.state().execution(executionId);
        return execution == null
                        || execution.header().standaloneTask()
                        || !execution.header().orgId().equals(draft.orgId())
                ? null
                : execution;
    }

    /** @return the run that goes on from this one in the end; this one where none does */
    public static Execution newestRun(Draft draft, Execution execution) {
        if (execution.successorId() == null) {
            return execution;
        }
        Execution newest = draft.state().execution(draft.state().newestRun(execution.id()));
        Execution run = newest == null ? execution : newest;
        // What was reset before the newest runs were noted says so itself, from one run to the next.
        while (run.successorId() != null) {
            Execution next = draft.state().execution(run.successorId());
            if (next == null) {
                break; // it ended long ago
            }
            run = next;
        }
        return run;
    }

    /**
     * Decides what was asked for a workflow from outside. A person means the workflow, and so its newest run. A bulk job means the
     * very run that its query found: what was true of that one need not be true of a successor.
     *
     * @param expectedSequence last of the history as the caller saw it, who then means that very run and no other that has taken
     *     its place; 0: the caller does not mind, and means the newest run
     * @param decide decides about the run, which is as the caller saw it
     * @return the decision; a refusal where the organisation has none of that id, or it has gone on meanwhile, or a bulk job asks
     *     for a run that has a successor
     */
    public static Decision asSeen(
            Draft draft, UUID executionId, int expectedSequence, Function<Execution, Decision> decide) {
        boolean newest = expectedSequence == 0 && !draft.ofBulkJob();
        Execution execution = newest ? newestRun(draft, executionId) : workflow(draft, executionId);
        if (execution == null) {
            return noSuchRun(draft, executionId);
        }
        UUID successor = execution.successorId();
        if (draft.ofBulkJob() && successor != null) {
            return Refusals.goesOn(execution.id(), successor);
        }
        if (Refusals.isOtherSequence(execution, expectedSequence)) {
            return Refusals.changed(execution, expectedSequence);
        }
        return decide.apply(execution);
    }

    /**
     * @param executionId a run of the workflow, which may have left the stores while the workflow goes on
     * @return the newest run of the workflow, or null where the organisation has none of that id
     */
    public static @Nullable Execution newestRun(Draft draft, UUID executionId) {
        Execution execution = workflow(draft, executionId);
        return execution == null ? workflow(draft, draft.state().newestRun(executionId)) : newestRun(draft, execution);
    }

    /** @return the refusal of what concerns one run alone, which the organisation does not have, or not any more */
    public static Decision noSuchRun(Draft draft, UUID executionId) {
        Execution newest = newestRun(draft, executionId);
        return newest == null ? Refusals.noExecution(executionId) : Refusals.goesOn(executionId, newest.id());
    }

    /** @return the task, or null where the organisation has none of that id */
    public static @Nullable Task task(Draft draft, UUID executionId, @Nullable UUID taskId) {
        Execution execution = draft.state().execution(executionId);
        return execution == null || !execution.header().orgId().equals(draft.orgId())
                ? null
                : draft.state().task(executionId, Objects.requireNonNull(taskId, "task"));
    }

    /** @return whether the task has a workflow that is still open, so that its end belongs into a history */
    public static boolean inOpenWorkflow(Draft draft, Task task) {
        Execution execution = draft.state().present(task.executionId());
        return !execution.header().standaloneTask() && !execution.status().terminal();
    }
}
