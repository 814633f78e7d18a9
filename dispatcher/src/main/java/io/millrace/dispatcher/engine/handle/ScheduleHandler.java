package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.BackfillSchedule;
import io.millrace.dispatcher.engine.command.Command.CheckScheduledRun;
import io.millrace.dispatcher.engine.command.Command.CreateSchedule;
import io.millrace.dispatcher.engine.command.Command.DeleteSchedule;
import io.millrace.dispatcher.engine.command.Command.OfSchedule;
import io.millrace.dispatcher.engine.command.Command.PauseSchedule;
import io.millrace.dispatcher.engine.command.Command.PlanSchedule;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.ResumeSchedule;
import io.millrace.dispatcher.engine.command.Command.ScheduledRunEnded;
import io.millrace.dispatcher.engine.command.Command.StartScheduledRun;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.StopBackfill;
import io.millrace.dispatcher.engine.command.Command.TriggerSchedule;
import io.millrace.dispatcher.engine.command.Command.UpdateSchedule;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Origin;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Overlap;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Time;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.DerivedIds;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.Event.RunCause;
import io.millrace.dispatcher.engine.event.Event.ScheduleBackfillBegan;
import io.millrace.dispatcher.engine.event.Event.ScheduleBackfillEnded;
import io.millrace.dispatcher.engine.event.Event.ScheduleBackfillPlanned;
import io.millrace.dispatcher.engine.event.Event.ScheduleCreated;
import io.millrace.dispatcher.engine.event.Event.ScheduleDeleted;
import io.millrace.dispatcher.engine.event.Event.SchedulePaused;
import io.millrace.dispatcher.engine.event.Event.SchedulePlanned;
import io.millrace.dispatcher.engine.event.Event.ScheduleResumed;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunBuffered;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunEnded;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunSkipped;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunStarted;
import io.millrace.dispatcher.engine.event.Event.ScheduleStalled;
import io.millrace.dispatcher.engine.event.Event.ScheduleUpdated;
import io.millrace.dispatcher.engine.event.Event.SkipReason;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.Schedule;
import io.millrace.dispatcher.engine.state.Schedule.Backfill;
import io.millrace.dispatcher.engine.state.Schedule.Waiting;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.Shards;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Schedules: when they are due is told to them, what becomes of a due time is decided here. A run is started by a command to the
 * partition of its id, which the outbox sends once, or again under the same id.
 */
public final class ScheduleHandler {

    private final Draft draft;
    private Schedule now;

    private ScheduleHandler(Draft draft, Schedule schedule) {
        this.draft = draft;
        this.now = schedule;
    }

    /** Decides what is asked of a schedule. */
    public static Decision decide(Draft draft, OfSchedule command) {
        Schedule schedule = draft.state().schedule(draft.orgId(), command.schedule());
        if (command instanceof CreateSchedule c) {
            return create(draft, c, schedule);
        }
        boolean ofNodes = command instanceof PlanSchedule || command instanceof ScheduledRunEnded;
        if (schedule == null) {
            return ofNodes ? draft.answer(new Answer.Accepted(false)) : noSchedule(command.schedule());
        }
        if (Refusals.isOtherVersion(command.expectedVersion(), schedule.version())) {
            return Refusals.changed("schedule " + command.schedule(), command.expectedVersion(), schedule.version());
        }
        return new ScheduleHandler(draft, schedule).decide(command);
    }

    private Decision decide(OfSchedule command) {
        return switch (command) {
            case CreateSchedule c -> create(draft, c, now);
            case UpdateSchedule c -> update(c);
            case PauseSchedule c -> pause(c);
            case ResumeSchedule c -> resume(c);
            case DeleteSchedule c -> {
                happened(new ScheduleDeleted(now.orgId(), now.name(), id(), c.reason(), c.requestedBy()));
                yield draft.answer(new Answer.Accepted(true));
            }
            case TriggerSchedule c -> trigger();
            case BackfillSchedule c -> backfill(c);
            case StopBackfill c -> stopBackfill(c);
            case PlanSchedule c -> plan(c);
            case ScheduledRunEnded c -> ended(c);
        };
    }

    private static Decision create(Draft draft, CreateSchedule c, @Nullable Schedule existing) {
        if (existing == null) {
            draft.event(new ScheduleCreated(
                    draft.orgId(), c.definition(), c.paused(), c.requestedBy(), draft.offset() + 1));
            return draft.answer(new Answer.Accepted(true));
        }
        if (existing.definition().id().equals(c.definition().id())) {
            return draft.answer(new Answer.Accepted(false));
        }
        return Decision.refused(
                Reason.ALREADY_EXISTS,
                "expected a name that no schedule of this organisation has, but there is a schedule " + c.schedule());
    }

    private static Decision noSchedule(String name) {
        return Decision.refused(
                Reason.NOT_FOUND, "expected a schedule of this organisation, but there is none of the name " + name);
    }

    private Decision update(UpdateSchedule c) {
        ScheduleTiming before = now.definition().timing();
        boolean planKept = c.timing().dueAs(before);
        ScheduleDefinition wanted = now.definition()
                .with(planKept ? before : c.timing(), c.overlap(), c.missed(), c.missedAfterMs(), c.cancelAfterMs());
        if (wanted.equals(now.definition())) {
            return draft.answer(new Answer.Accepted(false));
        }
        if (!planKept) {
            skipPending();
        }
        happened(new ScheduleUpdated(now.orgId(), wanted, planKept, c.reason(), c.requestedBy(), draft.offset() + 1));
        return draft.answer(new Answer.Accepted(true));
    }

    /** What is due already, and has not started, is told before the plan is forgotten that it stands in. */
    private void skipPending() {
        while (!now.plan().isEmpty() && now.plan().getFirst().dueMs() <= draft.now()) {
            Time first = now.plan().getFirst();
            skipped(first.dueMs(), missed(first) ? RunCause.MISSED : RunCause.DUE, SkipReason.UPDATED);
        }
    }

    private Decision pause(PauseSchedule c) {
        if (now.paused()) {
            return draft.answer(new Answer.Accepted(false));
        }
        happened(new SchedulePaused(now.orgId(), now.name(), id(), c.reason(), c.requestedBy(), draft.offset() + 1));
        return draft.answer(new Answer.Accepted(true));
    }

    private Decision resume(ResumeSchedule c) {
        if (!now.paused()) {
            return draft.answer(new Answer.Accepted(false));
        }
        happened(new ScheduleResumed(now.orgId(), now.name(), id(), c.reason(), c.requestedBy(), draft.offset() + 1));
        goOn();
        return draft.answer(new Answer.Accepted(true));
    }

    private Decision trigger() {
        UUID runId = runId("trigger/" + draft.offset());
        boolean started = run(runId, draft.now(), RunCause.TRIGGERED);
        Waiting waiting = now.waiting();
        return draft.answer(new Answer.ScheduleTriggered(
                started ? runId : null, waiting != null && waiting.runId().equals(runId)));
    }

    private Decision backfill(BackfillSchedule c) {
        if (now.backfill() != null) {
            return Decision.refused(
                    Reason.FAILED_PRECONDITION,
                    "expected a schedule that makes up for no range at the moment, but " + now.name()
                            + " does: wait until its last run has started, or stop it");
        }
        if (c.fromMs() > c.untilMs() || c.untilMs() > draft.now()) {
            return Decision.refused(
                    Reason.INVALID_ARGUMENT,
                    "expected a range of time that is over, from an earlier time to a later one, but it is not");
        }
        happened(new ScheduleBackfillBegan(
                now.orgId(),
                now.name(),
                id(),
                DerivedIds.derive(id(), "backfill/" + draft.offset()),
                c.fromMs(),
                c.untilMs(),
                c.parallel(),
                c.reason(),
                c.requestedBy()));
        return draft.answer(new Answer.Accepted(true));
    }

    private Decision stopBackfill(StopBackfill c) {
        Backfill range = now.backfill();
        if (range == null) {
            return draft.answer(new Answer.Accepted(false));
        }
        happened(new ScheduleBackfillEnded(now.orgId(), now.name(), id(), range.id(), c.reason(), c.requestedBy()));
        return draft.answer(new Answer.Accepted(true));
    }

    /** A plan that was made from another place is of an owner that is no more, or came twice. */
    private Decision plan(PlanSchedule c) {
        boolean fits = c.scheduleId().equals(id()) && !now.paused();
        if (c.backfill()) {
            Backfill range = now.backfill();
            if (!fits || range == null || range.complete() || range.plannedUntilMs() != c.afterMs()) {
                return draft.answer(new Answer.Accepted(false));
            }
            happened(new ScheduleBackfillPlanned(
                    now.orgId(),
                    now.name(),
                    id(),
                    c.times().stream().map(Time::dueMs).toList(),
                    c.untilMs(),
                    c.last()));
            goOn();
            return draft.answer(new Answer.Accepted(true));
        }
        if (!fits || now.complete() || now.plannedUntilMs() != c.afterMs()) {
            return draft.answer(new Answer.Accepted(false));
        }
        Optional<Time> next = now.plan().isEmpty()
                ? c.times().stream().findFirst()
                : Optional.of(now.plan().getFirst());
        happened(new SchedulePlanned(
                now.orgId(),
                now.name(),
                id(),
                c.times(),
                c.untilMs(),
                c.last(),
                c.passedOverMs(),
                next.map(Time::atMs).orElse(0L)));
        return draft.answer(new Answer.Accepted(true));
    }

    private Decision ended(ScheduledRunEnded c) {
        if (!c.scheduleId().equals(id()) || !c.runId().equals(now.openRun())) {
            return draft.answer(new Answer.Accepted(false));
        }
        happened(new ScheduleRunEnded(now.orgId(), now.name(), id(), c.runId(), c.outcome()));
        goOn();
        return draft.answer(new Answer.Accepted(true));
    }

    /** The first time of its plan has come. */
    static void due(Draft draft, Due due) {
        Schedule schedule =
                Objects.requireNonNull(draft.state().schedule(due.executionId(), due.reference()), "schedule");
        new ScheduleHandler(draft, schedule).due();
    }

    private void due() {
        Time first = now.plan().getFirst();
        if (!missed(first)) {
            run(runId("due/" + first.dueMs()), first.dueMs(), RunCause.DUE);
            return;
        }
        Missed policy = now.definition().missed();
        if (policy == Missed.LATEST && now.plan().size() == 1 && !now.complete()) {
            happened(new ScheduleStalled(now.orgId(), now.name(), id(), first.dueMs()));
            return;
        }
        boolean latest = now.plan().size() == 1 || !missed(now.plan().get(1));
        if (policy == Missed.ALL || policy == Missed.LATEST && latest) {
            run(runId("due/" + first.dueMs()), first.dueMs(), RunCause.MISSED);
        } else {
            skipped(first.dueMs(), RunCause.MISSED, SkipReason.MISSED);
        }
    }

    private boolean missed(Time time) {
        return draft.now() - time.atMs() > now.definition().missedAfterMs();
    }

    /**
     * A run is wanted now; whether there is one depends on the one before it.
     *
     * @return whether it has started
     */
    private boolean run(UUID runId, long dueMs, RunCause cause) {
        Overlap overlap = now.definition().overlap();
        UUID open = now.openRun();
        Waiting waiting = now.waiting();
        // Something may wait although nothing is open, while the schedule is paused; who triggers a run means this one.
        boolean free = open == null && (waiting == null || cause == RunCause.TRIGGERED);
        if (overlap == Overlap.ALLOW || free) {
            if (open != null) {
                remind(open, overlap); // one of a range, for whose end the next of the range waits
            }
            start(runId, dueMs, cause, overlap != Overlap.ALLOW, false);
            return true;
        }
        switch (overlap) {
            case ALLOW -> {}
            case SKIP -> skipped(dueMs, cause, SkipReason.OVERLAP);
            case BUFFER_ONE -> {
                if (waiting == null) {
                    buffered(runId, dueMs, cause);
                } else {
                    skipped(dueMs, cause, SkipReason.OVERLAP);
                }
            }
            case CANCEL_PREVIOUS -> {
                if (waiting != null) {
                    happened(new ScheduleRunSkipped(
                            now.orgId(),
                            now.name(),
                            id(),
                            waiting.dueMs(),
                            waiting.cause(),
                            SkipReason.REPLACED,
                            nextMs(0)));
                }
                buffered(runId, dueMs, cause);
            }
        }
        if (open != null) {
            remind(open, overlap);
        }
        return false;
    }

    /** Asks the run before to end, or whether it has. */
    private void remind(UUID open, Overlap overlap) {
        if (overlap == Overlap.CANCEL_PREVIOUS) {
            draft.send(
                    now.orgId(),
                    Shards.of(open),
                    new RequestCancellation(
                            open,
                            "the next run of schedule " + now.name() + " is due",
                            "schedule " + now.name(),
                            now.definition().cancelAfterMs(),
                            0));
        }
        draft.send(now.orgId(), Shards.of(open), new CheckScheduledRun(open, now.name(), id()));
    }

    /** Starts what waited for the end of a run. */
    private void goOn() {
        Waiting waiting = now.waiting();
        boolean held = now.paused() && (waiting == null || waiting.cause() != RunCause.TRIGGERED);
        if (held) {
            return;
        }
        if (waiting != null && now.openRun() == null) {
            start(waiting.runId(), waiting.dueMs(), waiting.cause(), true, true);
        }
        if (!now.paused()) {
            goOnWithRange();
        }
    }

    private void goOnWithRange() {
        Backfill range = now.backfill();
        while (range != null && !range.times().isEmpty() && (range.parallel() || now.openRun() == null)) {
            long dueMs = range.times().getFirst();
            start(runId("backfill/" + range.id() + "/" + dueMs), dueMs, RunCause.BACKFILL, !range.parallel(), false);
            range = now.backfill();
        }
        if (range != null && range.times().isEmpty() && range.complete()) {
            happened(new ScheduleBackfillEnded(now.orgId(), now.name(), id(), range.id(), "", ""));
        }
    }

    private void start(UUID runId, long dueMs, RunCause cause, boolean awaited, boolean waited) {
        happened(new ScheduleRunStarted(
                now.orgId(),
                now.name(),
                id(),
                runId,
                dueMs,
                cause,
                awaited,
                waited,
                nextMs(waited ? 0 : decided(cause))));
        ScheduleDefinition.Start start = now.definition().start();
        draft.send(
                now.orgId(),
                Shards.of(runId),
                new StartScheduledRun(
                        new StartWorkflow(
                                runId,
                                start.kind(),
                                start.input(),
                                start.metadata(),
                                start.queue(),
                                start.prioritySeconds(),
                                start.workflowVersion(),
                                start.workflowDefinitionId(),
                                "",
                                0,
                                start.retentionMs(),
                                null,
                                ""),
                        new Origin(now.name(), id(), runId, dueMs, awaited)),
                draft.traceparent());
    }

    private void buffered(UUID runId, long dueMs, RunCause cause) {
        happened(new ScheduleRunBuffered(now.orgId(), now.name(), id(), runId, dueMs, cause, nextMs(decided(cause))));
    }

    private void skipped(long dueMs, RunCause cause, SkipReason reason) {
        happened(new ScheduleRunSkipped(now.orgId(), now.name(), id(), dueMs, cause, reason, nextMs(decided(cause))));
    }

    /** @return how many of the plan are decided with it */
    private static int decided(RunCause cause) {
        return switch (cause) {
            case DUE, MISSED -> 1;
            case TRIGGERED, BACKFILL -> 0;
        };
    }

    private long nextMs(int decided) {
        return now.paused() || now.plan().size() <= decided
                ? 0
                : now.plan().get(decided).atMs();
    }

    private void happened(Event.OfSchedule event) {
        draft.event(event);
        now = now.after(event, draft.now());
    }

    private UUID id() {
        return now.definition().id();
    }

    private UUID runId(String name) {
        return DerivedIds.scheduled(now.orgId(), id(), draft.now(), name);
    }
}
