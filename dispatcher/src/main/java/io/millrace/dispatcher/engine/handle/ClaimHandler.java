package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.ReleaseClaim;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.ClaimEnd;
import io.millrace.dispatcher.engine.event.Event.TaskClaimReturned;
import io.millrace.dispatcher.engine.event.Event.TaskClaimed;
import io.millrace.dispatcher.engine.event.Event.TaskReady;
import io.millrace.dispatcher.engine.event.Event.WorkflowClaimEnded;
import io.millrace.dispatcher.engine.event.Event.WorkflowClaimed;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PlaceStore.LimitedQueue;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.engine.state.ReadyItem;
import io.millrace.dispatcher.engine.state.State.HeldClaim;
import io.millrace.dispatcher.engine.state.Task;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands ready work to waiting polls, for the time of a lease, and takes it back. */
public final class ClaimHandler {

    /** What a worker has to report a task in that took all of its time. */
    private static final long REPORT_MS = 30_000;

    private ClaimHandler() {}

    /** Gives the poll the first piece of work that fits, or nothing. */
    public static Decision claim(Draft draft, ClaimWork c, Claim claim, Consumer<Answer.Grant> granted) {
        if (draft.state().handout().isDrained(draft.orgId(), claim.workerId())) {
            granted.accept(new Answer.Grant(claim.claimId(), null, null, true));
            return draft.answer(new Answer.Accepted(false));
        }
        QueueKey queue = new QueueKey(draft.orgId(), c.workType(), c.queue());
        QueuePlaces places = draft.state().places().get(draft.orgId(), c.queue());
        if (places != null && places.spare() == 0) {
            PlaceHandler.want(
                    draft,
                    new LimitedQueue(draft.orgId(), c.queue()),
                    places,
                    draft.state().handout().fitting(queue, claim.kinds(), claim.anyKind()));
            granted.accept(new Answer.Grant(claim.claimId(), null, null));
            return draft.answer(new Answer.Accepted(false));
        }
        ReadyItem item = draft.state().handout().first(queue, claim.kinds(), claim.anyKind());
        if (item == null) {
            granted.accept(new Answer.Grant(claim.claimId(), null, null));
            return draft.answer(new Answer.Accepted(false));
        }
        Holder holder = draft.rules() < Rules.HOLDERS ? null : claim.holder();
        if (c.workType() == WorkType.WORKFLOW) {
            Execution execution = draft.state().present(item.executionId());
            draft.event(new WorkflowClaimed(
                    execution.id(),
                    claim.claimId(),
                    claim.workerId(),
                    draft.now() + claim.leaseMs(),
                    execution.deliveries() + 1,
                    claim.maxDeliveries(),
                    holder));
        } else {
            Task task = draft.state().present(item.executionId(), Objects.requireNonNull(item.taskId(), "task"));
            long leaseMs = leaseMs(claim, task);
            draft.event(new TaskClaimed(
                    task.executionId(),
                    task.id(),
                    claim.claimId(),
                    claim.workerId(),
                    leaseMs,
                    draft.now() + leaseMs,
                    task.attempt() + 1,
                    holder));
        }
        granted.accept(new Answer.Grant(claim.claimId(), item.executionId(), item.taskId()));
        return draft.answer(new Answer.Accepted(true));
    }

    /** As long as the task may run, so that it is not handed out twice while its worker is at it. */
    private static long leaseMs(Claim claim, Task task) {
        long asked = task.timeoutMs() > 0 ? task.timeoutMs() + REPORT_MS : 0;
        long registered = claim.longerLeasesMs().getOrDefault(task.kind(), 0L);
        return Math.max(claim.leaseMs(), Math.max(asked, registered));
    }

    /** ReleaseClaim: the poll went away before its worker saw the work. A claim that is over already stays over. */
    public static Decision release(Draft draft, ReleaseClaim c) {
        if (c.workType() == WorkType.TASK) {
            Task task = Lookup.task(draft, c.executionId(), c.taskId());
            if (task == null) {
                return Refusals.noTask(c.taskId());
            }
            if (!c.claimId().equals(task.claimId())) {
                return draft.answer(new Answer.Accepted(false));
            }
            giveBack(draft, task, c.reason());
            return draft.answer(new Answer.Accepted(true));
        }
        Execution execution = Lookup.workflow(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        if (!c.claimId().equals(execution.claimId())) {
            return draft.answer(new Answer.Accepted(false));
        }
        giveBack(draft, execution, c.reason());
        return draft.answer(new Answer.Accepted(true));
    }

    /** The workflow is delivered again, and this delivery does not count. */
    static void giveBack(Draft draft, Execution execution, String reason) {
        draft.event(new WorkflowClaimEnded(execution.id(), held(execution.claimId()), ClaimEnd.RELEASED, reason));
        redeliver(draft, execution);
    }

    /** The task is delivered again, and this attempt does not count. */
    static void giveBack(Draft draft, Task task, String reason) {
        draft.event(new TaskClaimReturned(task.executionId(), task.id(), held(task.claimId()), reason));
        draft.event(new TaskReady(task.executionId(), task.id(), Cause.CLAIM_ENDED));
    }

    /** @return the claim of what somebody holds */
    static UUID held(@Nullable UUID claimId) {
        return Objects.requireNonNull(claimId, "claim");
    }

    /**
     * The worker is gone: its workflow is delivered again, its task's attempt has failed. A workflow may have ended with
     * one of its tasks just before, and holds its claim no longer.
     */
    public static Decision abandon(Draft draft, HeldClaim held, String reason) {
        if (held.taskId() != null) {
            TaskHandler.attemptFailed(draft, draft.state().present(held.executionId(), held.taskId()), reason, 0);
            return draft.answer(new Answer.Accepted(true));
        }
        Execution execution = draft.state().present(held.executionId());
        if (held.claimId().equals(execution.claimId())) {
            expire(draft, execution, held.claimId(), reason);
        }
        return draft.answer(new Answer.Accepted(true));
    }

    /** The worker did not answer: delivered again, or failed for good once that happened too often. */
    static void expire(Draft draft, Execution execution, UUID claimId, String reason) {
        draft.event(new WorkflowClaimEnded(execution.id(), claimId, ClaimEnd.LEASE_EXPIRED, reason));
        if (execution.deliveries() >= execution.maxDeliveries()) {
            Closing.fail(
                    draft,
                    execution,
                    "expected a worker to answer within " + execution.maxDeliveries() + " deliveries, but none did: "
                            + reason
                            + (execution.refusal() == null
                                    ? ""
                                    : "; the last submission was refused: " + execution.refusal()),
                    "",
                    Closing.WORKER_CRASH);
        } else {
            redeliver(draft, execution);
        }
    }

    /** The clock of the activation stays as it was, so that a redelivery replays as the first delivery did. */
    private static void redeliver(Draft draft, Execution execution) {
        draft.event(new WorkflowReady(execution.id(), Cause.CLAIM_ENDED, execution.taskTimeMs()));
    }
}
