package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.event.Event.*;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Applies what happens to tasks. A standalone task is the one task of an execution that has its id. */
final class TaskApplier {

    private final PartitionState state;

    TaskApplier(PartitionState state) {
        this.state = state;
    }

    void scheduled(Execution e, HistoryEntry.TaskScheduled entry) {
        Task task = new Task(
                entry.taskId(),
                e.id(),
                entry.kind(),
                entry.queue(),
                entry.input(),
                entry.metadata(),
                entry.maxRetries(),
                entry.timeoutMs(),
                state.timeMs(),
                state.timeMs());
        begin(e, task, 0);
    }

    void submitted(TaskSubmitted event) {
        Execution home = new Execution(new Header(
                event.executionId(),
                event.orgId(),
                true,
                new Header.Work(event.kind(), event.input(), event.metadata(), event.queue(), 0, "", ""),
                event.idempotencyKey(),
                event.retentionMs(),
                Header.Parent.NONE,
                state.timeMs(),
                Header.EarlierRuns.NONE,
                null,
                event.traceparent()));
        state.create(home);
        Task task = new Task(
                event.executionId(),
                event.executionId(),
                event.kind(),
                event.queue(),
                event.input(),
                event.metadata(),
                event.maxRetries(),
                event.timeoutMs(),
                state.timeMs(),
                state.timeMs());
        begin(home, task, event.scheduledAtMs() > state.timeMs() ? event.scheduledAtMs() : 0);
    }

    private void begin(Execution e, Task task, long readyAtMs) {
        e.openTasks.add(task.id);
        if (readyAtMs > 0 && task.timeoutMs > 0 && state.rules() >= Rules.LATER_TASKS) {
            task.countsFromMs = readyAtMs;
        }
        if (task.deadlineMs() > 0) {
            state.dues().add(deadline(task));
        }
        if (readyAtMs > 0) {
            task.readyAtMs = readyAtMs;
            state.dues().add(readyDue(task));
        }
        state.createTask(e, task);
    }

    void ready(TaskReady event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        disarmReady(task);
        task.status = StateMachines.TASK.after(task.status, "TASK_READY");
        if (!e.paused()) {
            lineUp(state, e, task);
        }
        mirror(e, task);
        state.touchTask(e, task);
    }

    static void lineUp(PartitionState state, Execution e, Task task) {
        task.readySinceMs = state.timeMs();
        boolean inLine = task.readyItem != null;
        QueueKey queue = queue(e, task);
        task.readyItem = new ReadyItem(
                task.orderMs,
                e.id(),
                task.id,
                task.kind,
                task.readySinceMs,
                inLine ? task.group() : state.handout().group(queue, task.metadata));
        if (!inLine) {
            state.ready().add(queue, task.readyItem);
        }
    }

    void claimed(TaskClaimed event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        if (task.readyItem != null) {
            state.ready().handedOut(queue(e, task), task.readyItem);
        }
        unready(state, e, task);
        state.takePlace(e.header().orgId(), task.queue);
        task.attempt = event.attempt();
        task.claimId = event.claimId();
        task.workerId = event.workerId();
        task.holder = event.holder();
        task.leaseMs = event.leaseMs();
        task.leaseUntilMs = event.leaseUntilMs();
        task.gaveSign = false;
        task.refusal = null;
        task.startedMs = state.timeMs();
        if (e.header().traced()) {
            state.traced(new TracedWork(e, task, event.claimId(), task.readySinceMs, task.startedMs, ""));
        }
        task.status = StateMachines.TASK.after(task.status, "TASK_CLAIMED");
        state.dues().lend(lease(task), e.header().orgId(), task.workerId, task.queue);
        mirror(e, task);
        state.touchTask(e, task);
    }

    void claimReturned(TaskClaimReturned event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        endClaim(e, task, "TASK_CLAIM_RELEASED");
        task.attempt = Math.max(0, task.attempt - 1);
        task.status = StateMachines.TASK.after(task.status, "TASK_CLAIM_RELEASED");
        mirror(e, task);
        state.touchTask(e, task);
    }

    void attemptFailed(TaskAttemptFailed event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        endClaim(e, task, "TASK_ATTEMPT_FAILED");
        task.error = event.error();
        task.status = StateMachines.TASK.after(task.status, "TASK_ATTEMPT_FAILED");
        if (event.retryAtMs() > state.timeMs()) {
            task.readyAtMs = event.retryAtMs();
            state.dues().add(readyDue(task));
        }
        mirror(e, task);
        state.touchTask(e, task);
    }

    void reportRefused(TaskReportRefused event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        moveLease(e, task, event.leaseUntilMs());
        task.refusal = event.text();
        state.touchTask(e, task);
    }

    void retried(TaskRetried event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        if (task.status.terminal()) {
            e.openTasks.add(task.id);
            task.output = null;
            task.completedMs = 0;
            if (e.header().standaloneTask()) {
                state.unretain(e);
                e.output = null;
                e.error = null;
                e.closedMs = 0;
            }
        } else if (task.deadlineMs() > 0) {
            state.dues().remove(deadline(task));
        }
        task.status = StateMachines.TASK.after(task.status, "TASK_RETRIED");
        task.attemptsBefore = event.attempts();
        task.countsFromMs = state.timeMs();
        if (task.deadlineMs() > 0) {
            state.dues().add(deadline(task));
        }
        mirror(e, task);
        state.touchTask(e, task);
    }

    void cancelled(TaskCancelled event) {
        end(event.executionId(), event.taskId(), "TASK_CANCELLED", null, event.reason());
    }

    void ended(TaskEnded event) {
        switch (event.end()) {
            case COMPLETED -> end(event.executionId(), event.taskId(), "TASK_COMPLETED", event.output(), null);
            case FAILED -> end(event.executionId(), event.taskId(), "TASK_FAILED", null, event.error());
        }
    }

    void end(UUID executionId, UUID taskId, String event, @Nullable Payload output, @Nullable String error) {
        Execution e = state.present(executionId);
        Task task = state.present(executionId, taskId);
        if (task.status.terminal()) {
            return; // TASK_FAILED follows TASK_CANCELLED in the history: the task has ended once.
        }
        unready(state, e, task);
        disarm(state, task);
        trace(e, task, event);
        task.claimId = null;
        task.output = output;
        task.error = error;
        task.completedMs = state.timeMs();
        task.status = StateMachines.TASK.after(task.status, event);
        e.openTasks.remove(taskId);
        if (e.header().standaloneTask()) {
            e.output = output;
            e.error = error;
            e.closedMs = state.timeMs();
            state.retain(e);
        }
        mirror(e, task);
        state.touchTask(e, task);
    }

    void leaseExtended(TaskLeaseExtended event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        moveLease(e, task, event.leaseUntilMs());
        task.gaveSign = state.rules() >= Rules.SIGNS_NOTED;
        state.touchTask(e, task);
    }

    void leaseMoved(LeaseMoved event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), Objects.requireNonNull(event.taskId(), "task"));
        moveLease(e, task, event.leaseUntilMs());
        task.graceMs = event.graceMs();
        state.touchTask(e, task);
    }

    void progressed(TaskProgressed event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        task.progressDetails = event.details();
        task.progress = event.progress();
        state.touchTask(e, task);
    }

    void logged(TaskLogged event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        task.append(new Task.LogLine(event.level(), event.message(), state.timeMs()));
        state.touchTask(e, task);
    }

    void stateChanged(TaskStateChanged event) {
        Execution e = state.present(event.executionId());
        Task task = state.present(e.id(), event.taskId());
        switch (event.change()) {
            case SET -> task.state.put(event.key(), event.value());
            case CLEAR -> task.state.remove(event.key());
            case CLEAR_ALL -> task.state.clear();
        }
        state.touchTask(e, task);
    }

    /** The home of a standalone task stands where its task does. */
    private static void mirror(Execution e, Task task) {
        if (e.header().standaloneTask()) {
            e.status = task.status;
        }
    }

    private void moveLease(Execution e, Task task, long untilMs) {
        state.dues().remove(lease(task));
        task.leaseUntilMs = untilMs;
        task.graceMs = 0;
        state.dues().lend(lease(task), e.header().orgId(), task.workerId, task.queue);
    }

    private void trace(Execution e, Task task, String end) {
        if (task.claimId != null && e.header().traced()) {
            state.traced(new TracedWork(e, task, task.claimId, task.startedMs, state.timeMs(), end));
        }
    }

    private void endClaim(Execution e, Task task, String end) {
        trace(e, task, end);
        if (task.claimId != null) {
            state.dues().remove(lease(task));
            task.claimId = null;
            task.workerId = "";
            task.leaseUntilMs = 0;
            task.graceMs = 0;
        }
    }

    private void disarmReady(Task task) {
        if (task.readyAtMs != 0) {
            state.dues().remove(readyDue(task));
            task.readyAtMs = 0;
        }
    }

    static void unready(PartitionState state, Execution e, Task task) {
        if (task.readyItem != null) {
            state.ready().remove(queue(e, task), task.readyItem);
            task.readyItem = null;
        }
    }

    /** Nothing is due for the task any more. */
    static void disarm(PartitionState state, Task task) {
        if (task.claimId != null) {
            state.dues().remove(lease(task));
            task.leaseUntilMs = 0;
            task.graceMs = 0;
        }
        if (task.readyAtMs != 0) {
            state.dues().remove(readyDue(task));
            task.readyAtMs = 0;
        }
        if (task.deadlineMs() > 0) {
            state.dues().remove(deadline(task));
        }
    }

    private static QueueKey queue(Execution e, Task task) {
        return new QueueKey(e.header().orgId(), WorkType.TASK, task.queue);
    }

    private static Due lease(Task task) {
        return new Due(task.leaseUntilMs, Due.Type.TASK_LEASE, task.executionId, task.id.toString());
    }

    private static Due readyDue(Task task) {
        return new Due(task.readyAtMs, Due.Type.TASK_READY, task.executionId, task.id.toString());
    }

    private static Due deadline(Task task) {
        return new Due(task.deadlineMs(), Due.Type.TASK_DEADLINE, task.executionId, task.id.toString());
    }
}
