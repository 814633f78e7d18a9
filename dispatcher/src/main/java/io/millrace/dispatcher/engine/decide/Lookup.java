package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;
import java.util.Objects;
import java.util.UUID;
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
        Execution run = execution;
        while (run.successorId() != null) {
            Execution next = draft.state().execution(run.successorId());
            if (next == null) {
                break; // it ended long ago
            }
            run = next;
        }
        return run;
    }

    /** @return the newest run of the workflow, or null where the organisation has none of that id */
    public static @Nullable Execution newestRun(Draft draft, UUID executionId) {
        Execution execution = workflow(draft, executionId);
        return execution == null ? null : newestRun(draft, execution);
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
