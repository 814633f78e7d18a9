package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.ChangeTaskState;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.ReportTaskProgress;
import io.millrace.dispatcher.engine.command.Command.RetryTask;
import io.millrace.dispatcher.engine.command.Command.StateChange;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.decide.Reporters;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.KeyBound;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Event.TaskAttemptFailed;
import io.millrace.dispatcher.engine.event.Event.TaskCancelled;
import io.millrace.dispatcher.engine.event.Event.TaskEnd;
import io.millrace.dispatcher.engine.event.Event.TaskEnded;
import io.millrace.dispatcher.engine.event.Event.TaskLeaseExtended;
import io.millrace.dispatcher.engine.event.Event.TaskLogged;
import io.millrace.dispatcher.engine.event.Event.TaskProgressed;
import io.millrace.dispatcher.engine.event.Event.TaskReady;
import io.millrace.dispatcher.engine.event.Event.TaskRetried;
import io.millrace.dispatcher.engine.event.Event.TaskStateChanged;
import io.millrace.dispatcher.engine.event.Event.TaskSubmitted;
import io.millrace.dispatcher.engine.event.HistoryEntry.TaskCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.TaskFailed;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.dispatcher.engine.state.Task;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Tasks from their workers' and clients' side. Requests carry no lease, so a late, repeated or stray one is told by the
 * task's status, and one of another worker by who it is: it is answered and changes nothing.
 */
public final class TaskHandler {

    private TaskHandler() {}

    /** SubmitTask: standalone only, since a TASK_SCHEDULED that its workflow did not issue would break the replay. */
    public static Decision submit(Draft draft, SubmitTask c) {
        if (c.executionId() != null) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a standalone task without workflow_execution_id, but got " + c.executionId()
                            + ": only its own worker may schedule tasks of a workflow");
        }
        if (!c.idempotencyKey().isEmpty()) {
            KeyBinding binding = draft.state().key(KeyUse.TASK, draft.orgId(), c.idempotencyKey());
            if (binding != null && binding.expiresMs() > draft.now()) {
                return binding.detail().equals(c.kind())
                        ? draft.answer(new Answer.TaskCreated(binding.targetId(), true, false))
                        : Decision.refused(
                                Reason.ALREADY_EXISTS,
                                "expected a task of kind " + binding.detail()
                                        + ", which the idempotency key belongs to," + " but got " + c.kind());
            }
        }
        if (draft.state().execution(c.taskId()) != null) {
            return Decision.refused(
                    Reason.ALREADY_EXISTS, "expected an unused id for a new task, but " + c.taskId() + " exists");
        }
        UUID id = c.taskId();
        draft.event(new TaskSubmitted(
                id,
                draft.orgId(),
                c.kind(),
                c.input(),
                c.metadata(),
                c.maxRetries(),
                c.timeoutMs(),
                c.queue(),
                c.retentionMs(),
                c.scheduledAtMs(),
                c.idempotencyKey(),
                draft.traceparent()));
        boolean keyUsed = !c.idempotencyKey().isEmpty();
        if (keyUsed) {
            draft.event(new KeyBound(
                    id,
                    KeyUse.TASK,
                    draft.orgId(),
                    c.idempotencyKey(),
                    id,
                    c.kind(),
                    draft.now() + c.idempotencyKeyTtlMs()));
        }
        if (c.scheduledAtMs() <= draft.now()) {
            draft.event(new TaskReady(id, id, Cause.STARTED));
        }
        return draft.answer(new Answer.TaskCreated(id, keyUsed, true));
    }

    /** CompleteTask. */
    public static Decision complete(Draft draft, CompleteTask c) {
        return Reporters.ofTask(draft, c.executionId(), c.taskId(), Task::running, its -> complete(draft, its, c));
    }

    private static Decision complete(Draft draft, Task task, CompleteTask c) {
        if (!Lookup.inOpenWorkflow(draft, task)) {
            draft.event(new TaskEnded(task.executionId(), task.id(), TaskEnd.COMPLETED, c.output(), null));
            return draft.answer(new Answer.Accepted(true));
        }
        Execution workflow = draft.state().present(task.executionId());
        if (!Closing.append(
                draft,
                workflow,
                new TaskCompleted(task.id(), c.output()),
                c.output().size())) {
            draft.event(new TaskEnded(task.executionId(), task.id(), TaskEnd.COMPLETED, c.output(), null));
        }
        return draft.answer(new Answer.Accepted(true));
    }

    /** FailTask. */
    public static Decision fail(Draft draft, FailTask c) {
        return Reporters.ofTask(draft, c.executionId(), c.taskId(), Task::running, its -> fail(draft, its, c));
    }

    private static Decision fail(Draft draft, Task task, FailTask c) {
        attemptFailed(draft, task, c.error(), c.retryDelayMs());
        return draft.answer(new Answer.Accepted(true));
    }

    /** The first attempt and max_retries more; then the error is final. */
    static void attemptFailed(Draft draft, Task task, String error, long retryDelayMs) {
        if (task.attempt() - task.attemptsBefore() > task.maxRetries()) {
            end(draft, task, error);
            return;
        }
        long retryAt = draft.now() + Math.max(0, retryDelayMs);
        draft.event(new TaskAttemptFailed(task.executionId(), task.id(), error, task.attempt(), retryAt));
        if (retryAt <= draft.now()) {
            draft.event(new TaskReady(task.executionId(), task.id(), Cause.RETRY));
        }
    }

    /** The task has failed for good. */
    static void end(Draft draft, Task task, String error) {
        if (!Lookup.inOpenWorkflow(draft, task)) {
            draft.event(new TaskEnded(task.executionId(), task.id(), TaskEnd.FAILED, null, error));
            return;
        }
        Execution workflow = draft.state().present(task.executionId());
        if (!Closing.append(draft, workflow, new TaskFailed(task.id(), error, false), HistoryLimit.bytes(error))) {
            draft.event(new TaskEnded(task.executionId(), task.id(), TaskEnd.FAILED, null, error));
        }
    }

    /**
     * RetryTask. A task of a workflow that has heard of its end stays as it is: what the workflow did since rests on that end, and
     * only a new run of the workflow can forget it.
     */
    public static Decision retry(Draft draft, RetryTask c) {
        Task task = Lookup.task(draft, c.executionId(), c.taskId());
        if (task == null) {
            return Refusals.noTask(c.taskId());
        }
        if (Refusals.isOtherVersion(c.expectedVersion(), task.version())) {
            return changed(task, c.expectedVersion());
        }
        boolean standalone = draft.state().present(task.executionId()).header().standaloneTask();
        boolean ended = task.status() == Status.FAILED || task.status() == Status.CANCELLED;
        if (ended && !standalone) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a task that is PENDING, or one without a workflow, but " + task.id() + " is "
                            + task.status() + " and its workflow " + task.executionId()
                            + " has heard of that: retry or reset the workflow");
        }
        if (!ended && task.status() != Status.PENDING) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a task that is PENDING, FAILED or CANCELLED, but " + task.id() + " is " + task.status());
        }
        if (task.ready() && task.attempt() == task.attemptsBefore()) {
            return draft.answer(new Answer.Accepted(false)); // it has all of them, and waits for a worker only
        }
        draft.event(new TaskRetried(task.executionId(), task.id(), task.attempt()));
        if (!task.ready()) {
            draft.event(new TaskReady(task.executionId(), task.id(), Cause.RETRY));
        }
        return draft.answer(new Answer.Accepted(true));
    }

    private static Decision changed(Task task, long expectedVersion) {
        return Refusals.changed("task " + task.id() + ", which is " + task.status(), expectedVersion, task.version());
    }

    /** CancelTask: its workflow hears of a failure, because no SDK reacts to a cancelled task. */
    public static Decision cancel(Draft draft, CancelTask c) {
        Task task = Lookup.task(draft, c.executionId(), c.taskId());
        if (task == null) {
            return Refusals.noTask(c.taskId());
        }
        if (Refusals.isOtherVersion(c.expectedVersion(), task.version())) {
            return changed(task, c.expectedVersion());
        }
        if (task.status().terminal()) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a task that is PENDING or RUNNING, but " + task.id() + " is " + task.status());
        }
        String reason = "Cancelled by request";
        draft.event(new TaskCancelled(task.executionId(), task.id(), reason));
        if (Lookup.inOpenWorkflow(draft, task)) {
            Execution workflow = draft.state().present(task.executionId());
            Closing.append(draft, workflow, new TaskFailed(task.id(), reason, true), HistoryLimit.bytes(reason));
        }
        return draft.answer(new Answer.Accepted(true));
    }

    /** Heartbeat: prolongs the lease, never the deadline. */
    public static Decision heartbeat(Draft draft, HeartbeatTask c) {
        return Reporters.ofTask(
                draft, c.executionId(), c.taskId(), its -> mayGoOn(its, c), its -> heartbeat(draft, its, c));
    }

    private static Decision heartbeat(Draft draft, Task task, HeartbeatTask c) {
        if (c.leaving() && draft.rules() >= Rules.LEAVING_NODES && draft.asker().isServer()) {
            LeaseHandler.left(draft, task);
        } else {
            draft.event(new TaskLeaseExtended(task.executionId(), task.id(), draft.now() + task.leaseMs()));
        }
        return draft.answer(new Answer.Accepted(true));
    }

    private static boolean mayGoOn(Task task, HeartbeatTask c) {
        boolean ofAnother = c.claimId() != null && !c.claimId().equals(task.claimId());
        return task.running() && !ofAnother && task.refusal() == null;
    }

    /**
     * Whatever a running task says prolongs its lease, unless that would hardly move it: chatty tasks say much. The first word always
     * counts, since it tells that the task has reached its worker. One whose end was reported, and refused, lives no more.
     */
    private static void signOfLife(Draft draft, Task task) {
        long untilMs = draft.now() + task.leaseMs();
        boolean isFirst = draft.rules() >= Rules.SIGNS_NOTED && !task.gaveSign();
        boolean moves = isFirst || untilMs - task.leaseUntilMs() > task.leaseMs() / 10;
        if (task.running() && task.refusal() == null && moves) {
            draft.event(new TaskLeaseExtended(task.executionId(), task.id(), untilMs));
        }
    }

    /** ReportProgress. It may come after the end, from a forwarder in the background. */
    public static Decision progress(Draft draft, ReportTaskProgress c) {
        return Reporters.ofTask(
                draft, c.executionId(), c.taskId(), its -> !its.status().terminal(), its -> progress(draft, its, c));
    }

    private static Decision progress(Draft draft, Task task, ReportTaskProgress c) {
        draft.event(new TaskProgressed(task.executionId(), task.id(), c.progress(), c.details()));
        signOfLife(draft, task);
        return draft.answer(new Answer.Accepted(true));
    }

    /** LogMessage. Beyond the limit lines stay in the log of commands only. */
    public static Decision log(Draft draft, LogTaskMessage c) {
        return Reporters.ofTask(draft, c.executionId(), c.taskId(), its -> true, its -> log(draft, its, c));
    }

    private static Decision log(Draft draft, Task task, LogTaskMessage c) {
        signOfLife(draft, task);
        long bytes = task.logBytes() + Task.LogLine.bytes(c.level(), c.message());
        if (task.log().size() >= c.maxMessages() || c.maxLogBytes() > 0 && bytes > c.maxLogBytes()) {
            return draft.answer(new Answer.Accepted(false));
        }
        draft.event(new TaskLogged(task.executionId(), task.id(), c.level(), c.message()));
        return draft.answer(new Answer.Accepted(true));
    }

    /** SetState, ClearState, ClearAllState. */
    public static Decision changeState(Draft draft, ChangeTaskState c) {
        return Reporters.ofTask(draft, c.executionId(), c.taskId(), its -> true, its -> changeState(draft, its, c));
    }

    private static Decision changeState(Draft draft, Task task, ChangeTaskState c) {
        if (c.change() == StateChange.SET) {
            long bytes = (long) c.value().size() + utf8(c.key());
            for (var entry : task.state().entrySet()) {
                bytes += entry.getKey().equals(c.key()) ? 0 : entry.getValue().size() + utf8(entry.getKey());
            }
            if (bytes > c.maxStateBytes()) {
                return Decision.refused(
                        Reason.RESOURCE_EXHAUSTED,
                        "expected the state of task " + task.id() + " to stay within " + c.maxStateBytes()
                                + " bytes, but it would have " + bytes);
            }
        }
        draft.event(new TaskStateChanged(task.executionId(), task.id(), c.change(), c.key(), c.value()));
        signOfLife(draft, task);
        return draft.answer(new Answer.Accepted(true));
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
