package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.Event.*;
import io.millrace.dispatcher.engine.event.Event.RulesRaised;
import io.millrace.dispatcher.engine.event.Event.TenureBegan;
import io.millrace.dispatcher.engine.event.Event.TenureEnded;
import io.millrace.dispatcher.engine.state.PlaceStore.LimitedQueue;
import java.util.Objects;
import java.util.UUID;

/**
 * The only place where state changes: one event, one change. It never decides and never fails for events that a handler
 * made from the same state. What it changes is not shown to other threads before {@link Changes#end}. One thread.
 */
public final class Applier {

    private final PartitionState state;
    private final HistoryApplier history;
    private final WorkflowApplier workflows;
    private final TaskApplier tasks;

    /** Changes this state and no other. */
    public Applier(PartitionState state) {
        this.state = state;
        this.workflows = new WorkflowApplier(state);
        this.tasks = new TaskApplier(state);
        this.history = new HistoryApplier(state, workflows, tasks);
    }

    /** Changes the state as the event says. */
    public void apply(Event event) {
        UUID executionId = event.executionId();
        if (executionId != null) {
            state.changes().begin(executionId);
        }
        switch (event) {
            case HistoryAppended e -> history.apply(e);
            case WorkflowReady e -> workflows.ready(e);
            case WorkflowClaimed e -> workflows.claimed(e);
            case WorkflowClaimEnded e -> workflows.claimEnded(e);
            case SubmissionDiscarded e -> workflows.submissionDiscarded(e);
            case SubmissionIgnored e -> {}
            case TaskReportIgnored e -> {}
            case SubmissionRefused e -> workflows.submissionRefused(e);
            case SignalNotDelivered e -> workflows.signalNotDelivered(e);
            case ExecutionEvicted e -> workflows.evicted(e);
            case TaskSubmitted e -> tasks.submitted(e);
            case TaskReady e -> tasks.ready(e);
            case TaskClaimed e -> tasks.claimed(e);
            case TaskClaimReturned e -> tasks.claimReturned(e);
            case TaskAttemptFailed e -> tasks.attemptFailed(e);
            case TaskReportRefused e -> tasks.reportRefused(e);
            case TaskRetried e -> tasks.retried(e);
            case WorkflowReset e -> workflows.reset(e);
            case WorkflowContinuedAsNew e -> history.continuedAsNew(e);
            case WorkflowAnnotated e -> workflows.annotated(e);
            case WorkflowPaused e -> workflows.paused(e);
            case WorkflowResumed e -> workflows.resumed(e);
            case OfSchedule e -> schedule(e);
            case PolicyChanged e -> {
                state.changes().begin(e.orgId());
                state.policies().put(e.orgId(), e.subject(), e.policy());
                if (e.subject().type() == WorkSubject.Type.QUEUE) {
                    state.places()
                            .limitChanged(
                                    e.orgId(), e.subject().name(), e.policy().epoch());
                }
                state.handout().changed(e.orgId(), e.subject());
            }
            case PlacesChanged e -> {
                state.changes().begin(e.orgId());
                state.places().put(new LimitedQueue(e.orgId(), e.queue()), e.places());
                state.handout().changed(e.orgId(), e.queue());
            }
            case PlacesLent e -> lent(e);
            case QuerySaved e -> state.savedQueries().put(e.orgId(), e.query());
            case QueryDeleted e -> state.savedQueries().remove(e.orgId(), e.name());
            case BulkJobChanged e -> state.bulkJobs().put(e.orgId(), e.job());
            case TaskCancelled e -> tasks.cancelled(e);
            case TaskEnded e -> tasks.ended(e);
            case TaskLeaseExtended e -> tasks.leaseExtended(e);
            case LeaseMoved e -> {
                if (e.taskId() == null) {
                    workflows.leaseMoved(e);
                } else {
                    tasks.leaseMoved(e);
                }
            }
            case TaskProgressed e -> tasks.progressed(e);
            case TaskLogged e -> tasks.logged(e);
            case TaskStateChanged e -> tasks.stateChanged(e);
            case KeyBound e -> bound(e);
            case KeyReleased e -> state.keys().release(e.use(), e.orgId(), e.key());
            case KeyFreed e -> state.keys().free(e.use(), e.orgId(), e.key());
            case TenureBegan e -> state.partition().tenure(e.tenureId(), e.node(), e.ownedUntilMs(), e.readLeaseMs());
            case TenureEnded e -> state.partition().tenureEnded();
            case RulesRaised e -> state.partition().rules(e.version());
        }
    }

    private void bound(KeyBound event) {
        KeyBinding binding = new KeyBinding(
                event.use(),
                event.orgId(),
                event.key(),
                event.targetId(),
                event.executionId(),
                event.detail(),
                event.expiresMs(),
                false);
        // Keys of promises alone are ever free; those of starts and signals are not looked up twice.
        if (state.rules() >= Rules.LATE_BINDS && event.use() == KeyUse.PROMISE) {
            KeyBinding before = state.key(event.use(), event.orgId(), event.key());
            state.keys().bind(before != null && before.freed() ? binding.inPlaceOf(before) : binding);
        } else {
            state.keys().bind(binding);
        }
    }

    private void lent(PlacesLent event) {
        LimitedQueue queue = new LimitedQueue(event.orgId(), event.queue());
        PlaceLender before = state.places().lender(queue);
        PlaceLender lender = before == null ? PlaceLender.begin(event.epoch()) : before;
        state.places()
                .put(
                        queue,
                        new PlaceLender(
                                event.epoch(),
                                lender.with(event.partition(), event.line()).lines(),
                                event.last(),
                                event.paidNs(),
                                event.nextMs()));
    }

    private void schedule(OfSchedule event) {
        Schedule before = state.schedule(event.orgId(), event.schedule());
        if (event instanceof ScheduleCreated created) {
            state.schedules().put(before, Schedule.begin(created, state.timeMs()));
            return;
        }
        Schedule present = Objects.requireNonNull(before, "schedule");
        if (event instanceof ScheduleDeleted) {
            state.schedules().remove(present);
        } else {
            state.schedules().put(present, present.after(event, state.timeMs()));
        }
    }
}
