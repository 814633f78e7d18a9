package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.event.Event.SubmissionIgnored;
import io.millrace.dispatcher.engine.event.Event.TaskReportIgnored;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who may report work: its holder, and the server itself. What others report is no error for them, as nothing is that comes late: public
 * SDKs answer any error with a second report, which fails the work. The log tells it.
 */
public final class Reporters {

    private Reporters() {}

    /**
     * Decides the report of a workflow that still awaits one.
     *
     * @param decide decides what its holder reports
     */
    public static Decision ofWorkflow(Draft draft, Execution execution, Function<Execution, Decision> decide) {
        return isOther(draft.asker(), execution.holder()) ? ignored(draft, execution) : decide.apply(execution);
    }

    /**
     * Decides the report of a task.
     *
     * @param awaits whether the task still awaits such a report; one that comes too late changes nothing
     * @param decide decides what its holder reports, or the last one
     * @return the decision; a refusal where the organisation has no such task
     */
    public static Decision ofTask(
            Draft draft,
            UUID executionId,
            @Nullable UUID taskId,
            Predicate<Task> awaits,
            Function<Task, Decision> decide) {
        Task task = Lookup.task(draft, executionId, taskId);
        if (task == null) {
            return Refusals.noTask(taskId);
        }
        if (!awaits.test(task)) {
            return draft.answer(new Answer.Accepted(false));
        }
        return isOther(draft.asker(), task.holder()) ? ignored(draft, task) : decide.apply(task);
    }

    /** Work that was handed out before there were holders, or to whoever showed nothing, is anybody's. */
    private static boolean isOther(Asker asker, @Nullable Holder holder) {
        return holder != null && !holder.mayReport(asker);
    }

    /** @return the answer to the report of a workflow by others, which changes nothing */
    private static Decision ignored(Draft draft, Execution execution) {
        Holder holder = held(execution.holder());
        draft.event(new SubmissionIgnored(
                execution.id(), reason(draft, "workflow execution " + execution.id(), holder), holder));
        return draft.answer(new Answer.Accepted(false));
    }

    /** @return the answer to the report of a task by others, which changes nothing */
    private static Decision ignored(Draft draft, Task task) {
        Holder holder = held(task.holder());
        draft.event(new TaskReportIgnored(
                task.executionId(), task.id(), reason(draft, "task " + task.id(), holder), holder));
        return draft.answer(new Answer.Accepted(false));
    }

    private static Holder held(@Nullable Holder holder) {
        return Objects.requireNonNull(holder, "holder of what others reported");
    }

    private static String reason(Draft draft, String work, Holder holder) {
        boolean otherKey = holder.isOf(draft.asker());
        return "expected " + holder.who().told() + ", who holds " + work + ", to report it"
                + (otherKey ? " with the key " + holder.who().credential() : "") + ", but "
                + (otherKey ? "another key was shown" : draft.asker().told() + " did");
    }
}
