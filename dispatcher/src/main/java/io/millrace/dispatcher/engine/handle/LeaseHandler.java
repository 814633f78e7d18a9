package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command.WorkerBack;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.event.Event.LeaseMoved;
import io.millrace.dispatcher.engine.event.Event.TaskLeaseExtended;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.State.HeldClaim;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.ClaimId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Ends of leases, and what the server has to do with them. Time in which a partition had no owner is no worker's time:
 * a lease that was running when a tenure began starts anew with it. So does one that ran while Kafka did not answer the owner, be it
 * that the end came later: signs of life were lost. So does one whose end was decided late, since the owner could
 * not write to the log. What a worker may never have heard of, or could not
 * report, is no failure of its own. So a lease that the server moved ends without counting as a delivery. Where the log was away for
 * seconds only, the worker gets a moment more, in which its report comes through, and then it counts.
 */
public final class LeaseHandler {

    private static final String EXPIRED = "lease expired";
    private static final String AWAY = "expected its worker to report, but meanwhile the server was away";

    private static final String NO_OWNER = "the partition has had no owner meanwhile";
    private static final String LATE = "the partition has decided nothing meanwhile";

    /** More than a log takes that is slow, and than a queue of what is due together. */
    private static final long LATE_MS = 5_000;

    /** More than a log takes that is not slow. */
    private static final long A_LITTLE_LATE_MS = 1_000;

    /** What could not be written for a while is on the log by then. */
    private static final long MOMENT_MS = 5_000;

    /** By then workers that could not be heard are connected again, and have said what they had to say. */
    private static final long HEARD_AGAIN_MS = 5_000;

    private static final String UNSERVED = "the partition could not be written to meanwhile";

    private static final String LEFT = "the node that knew its worker to be there has stopped";

    private static final String A_LITTLE_LATE = "the partition has decided nothing for a moment";

    private LeaseHandler() {}

    /** A workflow's lease has run out. */
    static void due(Draft draft, Execution execution, long unservedUntilMs) {
        if (execution.refusedInThisDelivery()) {
            ClaimHandler.expire(draft, execution, ClaimHandler.held(execution.claimId()), EXPIRED);
        } else if (!startedAnew(
                draft,
                unservedUntilMs,
                execution.id(),
                null,
                execution.leaseUntilMs(),
                execution.graceMs(),
                execution.leaseMs())) {
            if (execution.graceMs() > 0) {
                ClaimHandler.giveBack(draft, execution, AWAY);
            } else {
                ClaimHandler.expire(draft, execution, ClaimHandler.held(execution.claimId()), EXPIRED);
            }
        }
    }

    /** A task's lease has run out. */
    static void due(Draft draft, Task task, long unservedUntilMs) {
        if (task.refusal() != null) {
            TaskHandler.attemptFailed(draft, task, RefusedReportHandler.error(task.refusal()), 0);
        } else if (!startedAnew(
                draft,
                unservedUntilMs,
                task.executionId(),
                task.id(),
                task.leaseUntilMs(),
                task.graceMs(),
                task.leaseMs())) {
            if (task.graceMs() > 0) {
                ClaimHandler.giveBack(draft, task, AWAY);
            } else {
                TaskHandler.attemptFailed(draft, task, "expected a sign of life within the lease, but none came", 0);
            }
        }
    }

    /**
     * Lets a lease start anew that ran when the tenure began, or while Kafka did not answer, or whose end is decided late. An
     * owner lets a lease end when it is over. If that comes so much later, no owner could write to the log meanwhile, and so no worker could report either. That
     * happens to a lease once: one that was moved already ends without counting. One that ends a little late goes on for a moment, once,
     * which tells it apart by a negative length: then it counts.
     *
     * @return whether it does
     */
    private static boolean startedAnew(
            Draft draft,
            long unservedUntilMs,
            UUID executionId,
            @Nullable UUID taskId,
            long untilMs,
            long graceMs,
            long leaseMs) {
        long lengthMs = graceMs > 0 ? graceMs : leaseMs;
        if (draft.rules() < Rules.SERVER_LOSSES || lengthMs <= 0) {
            return false;
        }
        long ofTenureMs = draft.state().tenureBeganMs() + lengthMs;
        long heardAgainMs = graceMs > 0 ? 0 : heardAgainMs(draft, unservedUntilMs) + lengthMs;
        long lateMs = draft.rules() < Rules.LATE_ENDS || graceMs > 0 ? 0 : draft.now() - Math.max(untilMs, ofTenureMs);
        if (lateMs > LATE_MS) {
            draft.event(new LeaseMoved(executionId, taskId, draft.now() + lengthMs, lengthMs, LATE));
        } else if (untilMs < ofTenureMs) {
            draft.event(new LeaseMoved(executionId, taskId, ofTenureMs, lengthMs, NO_OWNER));
        } else if (untilMs < heardAgainMs) {
            draft.event(new LeaseMoved(executionId, taskId, heardAgainMs, lengthMs, UNSERVED));
        } else if (lateMs > A_LITTLE_LATE_MS && graceMs == 0) {
            draft.event(new LeaseMoved(executionId, taskId, draft.now() + MOMENT_MS, -MOMENT_MS, A_LITTLE_LATE));
        } else {
            return false;
        }
        return true;
    }

    /** @return when workers were heard again; what an owner says of it counts only as far as the time of the log has come */
    private static long heardAgainMs(Draft draft, long unservedUntilMs) {
        return draft.rules() < Rules.UNSERVED_TIMES || unservedUntilMs == 0
                ? Long.MIN_VALUE / 2
                : Math.min(unservedUntilMs, draft.now()) + HEARD_AGAIN_MS;
    }

    /**
     * A node that renewed the lease stops, so it has seen the worker, and will not see it again. The worker has one more lease to end its
     * work. What it could not say by then is no failure of its own.
     */
    static void left(Draft draft, Task task) {
        long untilMs = draft.now() + task.leaseMs();
        if (!task.gaveSign()) {
            draft.event(new TaskLeaseExtended(task.executionId(), task.id(), untilMs));
        }
        draft.event(new LeaseMoved(task.executionId(), task.id(), untilMs, task.leaseMs(), LEFT));
    }

    /** @return whether the claim is one of those that the worker had when it was missed */
    public static boolean concerns(WorkerGone c, HeldClaim held, int rules) {
        return isOf(c.principal(), held)
                && (rules < Rules.SERVER_LOSSES
                        || c.untilMs() == 0
                        || ClaimId.askedAtMs(held.claimId()) <= c.untilMs());
    }

    /** @return whether the claim is one of those that may never have reached the worker */
    public static boolean concerns(WorkerBack c, HeldClaim held, int rules) {
        if (rules >= Rules.RETURNS_ANYWHERE && !c.claimIds().isEmpty()) {
            return c.claimIds().contains(held.claimId());
        }
        if (!isOf(c.principal(), held)) {
            return false;
        }
        if (rules >= Rules.RETURNS_ANYWHERE && c.untilMs() > 0) {
            return ClaimId.isOfAnotherProcess(held.claimId(), c.process())
                    && ClaimId.askedAtMs(held.claimId()) <= c.untilMs();
        }
        return rules >= Rules.SERVER_LOSSES && ClaimId.isOfEarlierProcess(held.claimId(), c.process());
    }

    /** Others may call their workers the same. */
    private static boolean isOf(Asker principal, HeldClaim held) {
        return held.holder() == null || held.holder().isOf(principal);
    }

    /** The worker may never have got this: it is given back, or soon will be unless it is reported. */
    public static Decision back(Draft draft, HeldClaim held, WorkerBack c) {
        if (held.taskId() != null) {
            Task task = draft.state().present(held.executionId(), held.taskId());
            if (c.idle()) {
                ClaimHandler.giveBack(draft, task, c.reason());
            } else if (task.refusal() == null && isInDoubt(draft, task, c)) {
                shorten(draft, held, task.leaseUntilMs(), c);
            }
            return draft.answer(new Answer.Accepted(true));
        }
        Execution execution = draft.state().present(held.executionId());
        if (c.idle()) {
            ClaimHandler.giveBack(draft, execution, c.reason());
        } else if (!execution.refusedInThisDelivery() && isInDoubt(draft, execution, held, c)) {
            shorten(draft, held, execution.leaseUntilMs(), c);
        }
        return draft.answer(new Answer.Accepted(true));
    }

    private static boolean isInDoubt(Draft draft, Task task, WorkerBack c) {
        if (draft.rules() < Rules.RETURNS_ANYWHERE) {
            return isOfTheLastMoments(draft, task, c.momentsMs());
        }
        boolean named = !c.claimIds().isEmpty();
        boolean recent = c.untilMs() > 0 && task.startedMs() >= draft.now() - c.recentMs();
        return !task.gaveSign() && (named || recent || isOfTheLastMoments(draft, task, c.momentsMs()));
    }

    /**
     * What a worker was handed long before it came has reached it. But from a process that ran before this one on the same node nothing
     * reaches it any more, whenever that was.
     */
    private static boolean isInDoubt(Draft draft, Execution execution, HeldClaim held, WorkerBack c) {
        if (draft.rules() < Rules.RECENT_TURNS
                || c.untilMs() == 0
                || !c.claimIds().isEmpty()) {
            return true;
        }
        boolean recent = ClaimId.askedAtMs(held.claimId()) >= c.untilMs() - c.recentMs();
        boolean moved = execution.graceMs() != 0; // then its end no longer tells when it was given
        return recent
                || !moved && isOfTheLastMoments(draft, execution.leaseUntilMs() - execution.leaseMs(), c.momentsMs());
    }

    private static boolean isOfTheLastMoments(Draft draft, Task task, long momentsMs) {
        return isOfTheLastMoments(draft, task.startedMs(), momentsMs);
    }

    /** Whether it was given just before the partition lost the owner that it had before the present one. */
    private static boolean isOfTheLastMoments(Draft draft, long givenMs, long momentsMs) {
        return givenMs < draft.state().tenureBeganMs()
                && givenMs >= draft.state().ownedUntilMs() - momentsMs;
    }

    private static void shorten(Draft draft, HeldClaim held, long untilMs, WorkerBack c) {
        long soonMs = draft.now() + c.graceMs();
        if (soonMs < untilMs) {
            draft.event(new LeaseMoved(held.executionId(), held.taskId(), soonMs, c.graceMs(), c.reason()));
        }
    }
}
