package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.BulkJob.Claim;
import io.millrace.dispatcher.engine.command.BulkJob.Definition;
import io.millrace.dispatcher.engine.command.BulkJob.Progress;
import io.millrace.dispatcher.engine.command.BulkJob.Status;
import io.millrace.dispatcher.engine.command.Command.AdvanceBulkJob;
import io.millrace.dispatcher.engine.command.Command.BeginBulkJob;
import io.millrace.dispatcher.engine.command.Command.ClaimBulkJob;
import io.millrace.dispatcher.engine.command.Command.OfBulkJob;
import io.millrace.dispatcher.engine.command.Command.SteerBulkJob;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.BulkJobChanged;

/**
 * Bulk jobs: who may carry one out, how far it is, and whether it goes on. What is done to each item is asked of that item, by commands
 * of its own.
 */
public final class BulkJobHandler {

    /** Of one organisation that have not ended: they are in memory. */
    public static final int MOST = 100;

    private BulkJobHandler() {}

    /** Decides what is asked of a bulk job. */
    public static Decision decide(Draft draft, OfBulkJob command) {
        BulkJob job = draft.state().bulkJobs().get(draft.orgId(), command.jobId());
        if (command instanceof BeginBulkJob c) {
            return job == null ? begin(draft, c) : answer(draft, false, job);
        }
        if (job == null) {
            return Decision.refused(
                    Reason.NOT_FOUND,
                    "expected a bulk job of this organisation that has not ended, but there is none of the id "
                            + command.jobId());
        }
        return switch (command) {
            case BeginBulkJob c -> answer(draft, false, job);
            case SteerBulkJob c -> steer(draft, job, c);
            case ClaimBulkJob c -> claim(draft, job, c);
            case AdvanceBulkJob c -> advance(draft, job, c);
        };
    }

    private static Decision begin(Draft draft, BeginBulkJob c) {
        if (draft.state().bulkJobs().count(draft.orgId()) >= MOST) {
            return Decision.refused(
                    Reason.RESOURCE_EXHAUSTED,
                    "expected at most " + MOST + " bulk jobs of an organisation that have not ended, but there are so"
                            + " many: wait for one, or stop one");
        }
        Definition definition = c.definition().at(draft.now());
        return change(draft, new BulkJob(c.jobId(), definition, Status.RUNNING, "", "", Claim.NONE, Progress.NONE, 1));
    }

    private static Decision steer(Draft draft, BulkJob job, SteerBulkJob c) {
        if (Refusals.isOtherVersion(c.expectedVersion(), job.version())) {
            return Refusals.changed(
                    "bulk job " + job.id() + ", which is " + job.status(), c.expectedVersion(), job.version());
        }
        Status wanted = switch (c.steering()) {
            case PAUSE -> Status.PAUSED;
            case RESUME -> Status.RUNNING;
            case STOP -> Status.STOPPING;
        };
        if (job.status() == wanted) {
            return answer(draft, false, job);
        }
        if (job.status() == Status.STOPPING) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a bulk job that is RUNNING or PAUSED, but " + job.id() + " is STOPPING: it cannot go on");
        }
        return change(draft, job.as(wanted, c.requestedBy(), c.reason()));
    }

    /** One that is to stop has a runner too: only that can tell how far it came. */
    private static Decision claim(Draft draft, BulkJob job, ClaimBulkJob c) {
        if (job.status() == Status.PAUSED) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a bulk job that is RUNNING or STOPPING, but " + job.id() + " is PAUSED");
        }
        boolean free =
                draft.now() >= job.claim().untilMs() || job.claim().runner().equals(c.runner());
        if (!free) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a bulk job that nobody carries out, but "
                            + job.claim().runner() + " does " + job.id());
        }
        return change(draft, job.with(new Claim(c.runner(), draft.offset() + 1, draft.now() + c.leaseMs())));
    }

    /** What was done while somebody paused or stopped it counts. Who rests gives the claim back. */
    private static Decision advance(Draft draft, BulkJob job, AdvanceBulkJob c) {
        if (job.claim().number() != c.claim()) {
            return Decision.refused(
                    Reason.ABORTED,
                    "expected the runner of bulk job " + job.id() + " to say how far it is, which has claim "
                            + job.claim().number() + ", but it is said by that of claim " + c.claim());
        }
        BulkJob now = job.with(c.progress());
        if (!c.failure().isEmpty()) {
            return change(draft, now.as(Status.FAILED, "", c.failure()).with(released(job.claim())));
        }
        if (job.status() == Status.STOPPING) {
            return change(
                    draft,
                    now.as(Status.STOPPED, job.statusBy(), job.statusReason()).with(released(job.claim())));
        }
        if (c.last()) {
            return change(draft, now.as(Status.COMPLETED, "", "").with(released(job.claim())));
        }
        boolean rests = job.status() == Status.PAUSED;
        return change(
                draft,
                now.with(
                        rests
                                ? released(job.claim())
                                : new Claim(job.claim().runner(), job.claim().number(), draft.now() + c.leaseMs())));
    }

    /** The number stays: who had the claim may say nothing more, and the next one has a higher number. */
    private static Claim released(Claim claim) {
        return new Claim("", claim.number(), 0);
    }

    private static Decision change(Draft draft, BulkJob job) {
        draft.event(new BulkJobChanged(draft.orgId(), job));
        return answer(draft, true, job);
    }

    private static Decision answer(Draft draft, boolean changed, BulkJob job) {
        return draft.answer(new Answer.BulkJobStands(changed, job));
    }
}
