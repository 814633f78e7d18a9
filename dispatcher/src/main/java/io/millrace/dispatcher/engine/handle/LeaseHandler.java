package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.WorkerBack;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.event.Event.LeaseMoved;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.State.HeldClaim;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.ClaimId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Ends of leases, and what the server has to do with them. Time in which a partition had no owner is no worker's time:
 * a lease that was running when a tenure began starts anew with it. What a worker may never have heard of, or could not
 * report, is no failure of its own. So a lease that the server moved ends without counting as a delivery.
 */
public final class LeaseHandler {

    private static final String AWAY = "expected its worker to report, but meanwhile the server was away";

    private LeaseHandler() {}

    /** A workflow's lease has run out. */
    static void due(Draft draft, Execution execution) {
        boolean refused = execution.refusedInThisDelivery();
        if (!refused && startsAnew(draft, execution.leaseUntilMs(), length(execution.graceMs(), execution.leaseMs()))) {
            startAnew(draft, execution.id(), null, length(execution.graceMs(), execution.leaseMs()));
        } else if (!refused && execution.graceMs() > 0) {
            ClaimHandler.giveBack(draft, execution, AWAY);
        } else {
            ClaimHandler.expire(draft, execution, ClaimHandler.held(execution.claimId()), "lease expired");
        }
    }

    /** A task's lease has run out. */
    static void due(Draft draft, Task task) {
        if (task.refusal() != null) {
            TaskHandler.attemptFailed(draft, task, RefusedReportHandler.error(task.refusal()), 0);
        } else if (startsAnew(draft, task.leaseUntilMs(), length(task.graceMs(), task.leaseMs()))) {
            startAnew(draft, task.executionId(), task.id(), length(task.graceMs(), task.leaseMs()));
        } else if (task.graceMs() > 0) {
            ClaimHandler.giveBack(draft, task, AWAY);
        } else {
            TaskHandler.attemptFailed(draft, task, "expected a sign of life within the lease, but none came", 0);
        }
    }

    private static long length(long graceMs, long leaseMs) {
        return graceMs > 0 ? graceMs : leaseMs;
    }

    private static boolean startsAnew(Draft draft, long untilMs, long lengthMs) {
        return draft.rules() >= Rules.SERVER_LOSSES
                && lengthMs > 0
                && untilMs < draft.state().tenureBeganMs() + lengthMs;
    }

    private static void startAnew(Draft draft, UUID executionId, @Nullable UUID taskId, long lengthMs) {
        draft.event(new LeaseMoved(
                executionId,
                taskId,
                draft.state().tenureBeganMs() + lengthMs,
                lengthMs,
                "the partition has had no owner meanwhile"));
    }

    /** @return whether the claim is one of those that the worker had when it was missed */
    public static boolean concerns(WorkerGone c, HeldClaim held, int rules) {
        return rules < Rules.SERVER_LOSSES || c.untilMs() == 0 || ClaimId.askedAtMs(held.claimId()) <= c.untilMs();
    }

    /** @return whether the claim was made by a process before the one that the worker polls now */
    public static boolean concerns(WorkerBack c, HeldClaim held, int rules) {
        return rules >= Rules.SERVER_LOSSES && ClaimId.isOfEarlierProcess(held.claimId(), c.process());
    }

    /** The worker may never have got this: it is given back, or soon will be unless it is reported. */
    public static Decision back(Draft draft, HeldClaim held, WorkerBack c) {
        if (held.taskId() != null) {
            Task task = draft.state().present(held.executionId(), held.taskId());
            if (c.idle()) {
                ClaimHandler.giveBack(draft, task, c.reason());
            } else if (task.refusal() == null && isOfTheLastMoments(draft, task, c.momentsMs())) {
                shorten(draft, held, task.leaseUntilMs(), c);
            }
            return draft.answer(new Answer.Accepted(true));
        }
        Execution execution = draft.state().present(held.executionId());
        if (c.idle()) {
            ClaimHandler.giveBack(draft, execution, c.reason());
        } else if (!execution.refusedInThisDelivery()) {
            shorten(draft, held, execution.leaseUntilMs(), c);
        }
        return draft.answer(new Answer.Accepted(true));
    }

    /** Whether it was given just before the partition lost the owner that it had before the present one. */
    private static boolean isOfTheLastMoments(Draft draft, Task task, long momentsMs) {
        return task.startedMs() < draft.state().tenureBeganMs()
                && task.startedMs() >= draft.state().ownedUntilMs() - momentsMs;
    }

    private static void shorten(Draft draft, HeldClaim held, long untilMs, WorkerBack c) {
        long soonMs = draft.now() + c.graceMs();
        if (soonMs < untilMs) {
            draft.event(new LeaseMoved(held.executionId(), held.taskId(), soonMs, c.graceMs(), c.reason()));
        }
    }
}
