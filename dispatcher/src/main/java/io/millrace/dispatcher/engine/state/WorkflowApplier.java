package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.event.Event.ClaimEnd;
import io.millrace.dispatcher.engine.event.Event.ExecutionEvicted;
import io.millrace.dispatcher.engine.event.Event.LeaseMoved;
import io.millrace.dispatcher.engine.event.Event.SignalNotDelivered;
import io.millrace.dispatcher.engine.event.Event.SubmissionDiscarded;
import io.millrace.dispatcher.engine.event.Event.SubmissionRefused;
import io.millrace.dispatcher.engine.event.Event.WorkflowAnnotated;
import io.millrace.dispatcher.engine.event.Event.WorkflowClaimEnded;
import io.millrace.dispatcher.engine.event.Event.WorkflowClaimed;
import io.millrace.dispatcher.engine.event.Event.WorkflowPaused;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.event.Event.WorkflowReset;
import io.millrace.dispatcher.engine.event.Event.WorkflowResumed;
import io.millrace.dispatcher.engine.event.Status;
import java.util.UUID;

/** Applies what happens to a workflow as a piece of work: ready, claimed, given back, gone. */
final class WorkflowApplier {

    private final PartitionState state;

    WorkflowApplier(PartitionState state) {
        this.state = state;
    }

    void ready(WorkflowReady event) {
        Execution e = state.present(event.executionId());
        disarmRetry(e);
        e.status = StateMachines.WORKFLOW.after(e.status, "WORKFLOW_READY");
        e.taskTimeMs = event.taskTimeMs();
        if (!e.paused()) {
            lineUp(e);
        }
        state.touch(e);
    }

    private void lineUp(Execution e) {
        boolean inLine = e.readyItem != null;
        QueueKey queue = queue(e);
        e.readyItem = new ReadyItem(
                e.header().orderMs(),
                e.id(),
                null,
                e.header().kind(),
                state.timeMs(),
                inLine
                        ? e.group()
                        : state.handout().group(queue, e.header().work().metadata()));
        if (!inLine) {
            state.ready().add(queue, e.readyItem);
        }
    }

    void paused(WorkflowPaused event) {
        Execution e = state.present(event.executionId());
        e.pausedMs = state.timeMs();
        e.pausedBy = event.requestedBy();
        e.pauseReason = event.reason();
        unready(e);
        for (UUID taskId : e.openTasks) {
            Task task = state.present(e.id(), taskId);
            if (task.readyItem != null) {
                TaskApplier.unready(state, e, task);
                state.touchTask(e, task);
            }
        }
        state.touch(e);
    }

    void resumed(WorkflowResumed event) {
        Execution e = state.present(event.executionId());
        unpause(e);
        if (e.status == Status.PENDING && e.retryAtMs == 0 && e.readyItem == null) {
            lineUp(e);
        }
        state.touch(e);
    }

    /** What was held back of its tasks is not held back any more. */
    void unpause(Execution e) {
        if (!e.paused()) {
            return;
        }
        e.pausedMs = 0;
        e.pausedBy = "";
        e.pauseReason = "";
        for (UUID taskId : e.openTasks) {
            Task task = state.present(e.id(), taskId);
            if (task.status == Status.PENDING && task.readyAtMs == 0 && task.readyItem == null) {
                TaskApplier.lineUp(state, e, task);
                state.touchTask(e, task);
            }
        }
    }

    void claimed(WorkflowClaimed event) {
        Execution e = state.present(event.executionId());
        e.claimedFromMs = e.ready() ? e.readySinceMs() : state.timeMs();
        if (e.header().traced()) {
            state.traced(new TracedWork(e, null, event.claimId(), e.claimedFromMs, state.timeMs(), ""));
            e.claimedMs = state.timeMs();
        }
        if (e.readyItem != null) {
            state.ready().handedOut(queue(e), e.readyItem);
        }
        unready(e);
        state.takePlace(e.header().orgId(), e.header().queue());
        e.status = StateMachines.WORKFLOW.after(e.status, "WORK_CLAIMED");
        e.claimId = event.claimId();
        e.workerId = event.workerId();
        e.holder = event.holder();
        e.leaseUntilMs = event.leaseUntilMs();
        e.leaseMs = state.rules() < Rules.SERVER_LOSSES ? 0 : event.leaseUntilMs() - state.timeMs();
        e.deliveries = event.delivery();
        e.maxDeliveries = event.maxDeliveries();
        e.shownSequence = e.lastSequence;
        lend(e);
        state.touch(e);
    }

    private void lend(Execution e) {
        state.dues().lend(lease(e), e.header().orgId(), e.workerId, e.header().queue());
    }

    void claimEnded(WorkflowClaimEnded event) {
        Execution e = state.present(event.executionId());
        String end = event.end() == ClaimEnd.RELEASED ? "CLAIM_RELEASED" : "LEASE_EXPIRED";
        endClaim(e, end);
        e.status = StateMachines.WORKFLOW.after(e.status, end);
        if (event.end() == ClaimEnd.RELEASED) {
            // Its worker never began, so the delivery does not count.
            e.deliveries = Math.max(0, e.deliveries - 1);
            if (state.rules() >= Rules.REFUSALS_OF_DELIVERIES) {
                e.refusedDelivery = 0; // the next delivery has the same number
            }
        }
        state.touch(e);
    }

    void submissionDiscarded(SubmissionDiscarded event) {
        Execution e = state.present(event.executionId());
        endClaim(e, "SUBMISSION_DISCARDED");
        e.status = StateMachines.WORKFLOW.after(e.status, "SUBMISSION_DISCARDED");
        e.deliveries = 0;
        e.refusedRounds = 0;
        e.refusal = null;
        e.staleRounds = event.round();
        e.retryAtMs = event.retryAtMs();
        state.dues().add(retry(e));
        state.touch(e);
    }

    void submissionRefused(SubmissionRefused event) {
        Execution e = state.present(event.executionId());
        state.dues().remove(lease(e));
        e.leaseUntilMs = event.leaseUntilMs();
        e.graceMs = 0;
        e.refusedRounds = event.round();
        e.refusedDelivery = e.deliveries;
        e.refusal = event.text();
        lend(e);
        state.touch(e);
    }

    /** It counts, so that nobody fills the log with signals to what is over. */
    void signalNotDelivered(SignalNotDelivered event) {
        Execution e = state.present(event.executionId());
        e.signals++;
        state.touch(e);
    }

    /** It counts, since there is a bound on them. */
    void annotated(WorkflowAnnotated event) {
        Execution e = state.present(event.executionId());
        e.annotations++;
        state.touch(e);
    }

    void reset(WorkflowReset event) {
        state.goOn(state.present(event.executionId()), event.newExecutionId());
    }

    void leaseMoved(LeaseMoved event) {
        Execution e = state.present(event.executionId());
        state.dues().remove(lease(e));
        e.leaseUntilMs = event.leaseUntilMs();
        e.graceMs = event.graceMs();
        lend(e);
        state.touch(e);
    }

    void evicted(ExecutionEvicted event) {
        Execution e = state.present(event.executionId());
        for (var taskId : e.openTasks) {
            Task task = state.present(e.id(), taskId);
            TaskApplier.unready(state, e, task);
            TaskApplier.disarm(state, task);
        }
        state.evict(e);
    }

    /** The claim is over, one way or another: by the event of that type. */
    void endClaim(Execution e, String end) {
        if (e.claimId != null) {
            if (e.claimedMs != 0) {
                state.traced(new TracedWork(e, null, e.claimId, e.claimedMs, state.timeMs(), end));
                e.claimedMs = 0;
            }
            state.dues().remove(lease(e));
            e.claimId = null;
            e.workerId = "";
            e.holder = null;
            e.leaseUntilMs = 0;
            e.leaseMs = 0;
            e.graceMs = 0;
        }
    }

    void unready(Execution e) {
        if (e.readyItem != null) {
            state.ready().remove(queue(e), e.readyItem);
            e.readyItem = null;
        }
    }

    void disarmRetry(Execution e) {
        if (e.retryAtMs != 0) {
            state.dues().remove(retry(e));
            e.retryAtMs = 0;
        }
    }

    void disarmCancellation(Execution e) {
        if (e.cancelAtMs != 0) {
            state.dues().remove(cancellation(e));
            e.cancelAtMs = 0;
            e.cancelReason = "";
        }
    }

    static Due cancellation(Execution e) {
        return new Due(e.cancelAtMs, Due.Type.WORKFLOW_CANCEL, e.id(), "");
    }

    private static QueueKey queue(Execution e) {
        return new QueueKey(e.header().orgId(), WorkType.WORKFLOW, e.header().queue());
    }

    private static Due lease(Execution e) {
        return new Due(e.leaseUntilMs, Due.Type.WORKFLOW_LEASE, e.id(), "");
    }

    private static Due retry(Execution e) {
        return new Due(e.retryAtMs, Due.Type.WORKFLOW_RETRY, e.id(), "");
    }
}
