package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.auth.Right;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.ScheduleRow;
import io.millrace.ingest.queries.ScheduleRun;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.schedule.BadTimingException;
import io.millrace.proto.schedule.ScheduleTimes;
import io.millrace.proto.v1.BackfillSchedule;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CreateSchedule;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ScheduleMissed;
import io.millrace.proto.v1.ScheduleOverlap;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SteerSchedule;
import io.millrace.proto.v1.UpdateSchedule;
import java.time.Clock;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes schedules, holds them back, has them run, and ends them. An expected version is that of the schedule as the caller saw it: if it
 * has another one by now, the answer is ABORTED; empty: whatever it is. Safe from any thread, never blocks; a request that does not pass
 * the checks throws {@link RefusedException}. What is read comes from the read model, and so may be behind.
 */
public final class ScheduleOperations {

    /** Due times of a range that is made up for, at the most. */
    public static final int MOST_RUNS_OF_A_RANGE = 10_000;

    private final CommandSender sender;
    private final Checks checks;
    private final StampedSettings settings;
    private final ExecutionQueries queries;
    private final Clock clock;
    private final Quotas quotas;
    private final Approvals approvals;

    ScheduleOperations(
            CommandSender sender,
            Checks checks,
            StampedSettings settings,
            ExecutionQueries queries,
            Clock clock,
            Quotas quotas,
            Approvals approvals) {
        this.approvals = approvals;
        this.quotas = quotas;
        this.sender = sender;
        this.checks = checks;
        this.settings = settings;
        this.queries = queries;
        this.clock = clock;
    }

    /**
     * Makes a schedule.
     *
     * @return its id; fails with ALREADY_EXISTS where the organisation has one of the name
     */
    public CompletableFuture<UUID> create(Request request, NewSchedule asked) {
        String name = checks.name("name", asked.name());
        expectMayCancel(request, asked.overlap());
        UUID id = Shards.newId(Shards.of(request.caller().orgId(), name));
        StartWorkflow.Builder start = StartWorkflow.newBuilder()
                .setKind(checks.name("kind", asked.kind()))
                .setInput(checks.json("input", asked.input()))
                .putAllMetadata(checks.metadata(asked.metadata()))
                .setQueue(checks.queue(asked.queue()))
                .setPrioritySeconds(asked.prioritySeconds())
                .setWorkflowVersion(checks.nameOrEmpty("workflowVersion", asked.workflowVersion()))
                .setRetentionMs(settings.retention().toMillis());
        ScopeGuard.check(request.caller(), "a workflow", start.getQueue(), start.getKind());
        CreateSchedule.Builder create = CreateSchedule.newBuilder()
                .setSchedule(name)
                .setScheduleId(Ids.toByteString(id))
                .setTiming(timing(asked.timing()))
                .setStart(start)
                .setOverlap(asked.overlap())
                .setMissed(asked.missed())
                .setMissedAfterMs(checks.durationMs("missedAfterMs", asked.missedAfterMs()))
                .setCancelAfterMs(checks.durationMs("cancelAfterMs", asked.cancelAfterMs()))
                .setPaused(asked.paused())
                .setRequestedBy(request.caller().principal().getId());
        quotas.makesSchedule(request.caller());
        return ask(request, name, command -> command.setCreateSchedule(create)).thenApply(reply -> id);
    }

    /**
     * Lets a schedule be due otherwise from now on, with other policies. What it starts stays.
     *
     * @param missedAfterMs a run that can start only so much later was missed, milliseconds
     * @param cancelAfterMs how long a run has to end that is cancelled for the next one, milliseconds
     * @return whether that changed anything
     */
    public CompletableFuture<Boolean> update(
            Request request,
            String schedule,
            ScheduleTiming timing,
            ScheduleOverlap overlap,
            ScheduleMissed missed,
            long missedAfterMs,
            long cancelAfterMs,
            String reason,
            OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        Request because = request.because(checks.reason(reason));
        expectMayCancel(because, overlap);
        UpdateSchedule.Builder update = UpdateSchedule.newBuilder()
                .setSchedule(name)
                .setTiming(timing(timing))
                .setOverlap(overlap)
                .setMissed(missed)
                .setMissedAfterMs(checks.durationMs("missedAfterMs", missedAfterMs))
                .setCancelAfterMs(checks.durationMs("cancelAfterMs", cancelAfterMs))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId());
        expectedVersion.ifPresent(update::setExpectedVersion);
        return changed(because, name, command -> command.setUpdateSchedule(update));
    }

    private io.millrace.proto.v1.ScheduleTiming timing(ScheduleTiming asked) {
        checks.nameOrEmpty("cron", asked.cron());
        checks.nameOrEmpty("timeZone", asked.timeZone());
        checks.durationMs("jitterMs", asked.jitterMs());
        checks.durationMs("everyMs", asked.everyMs());
        long nowMs = clock.millis();
        boolean interval = asked.form() == ScheduleTiming.Form.INTERVAL;
        // Without a start the first interval begins now, and so nothing is due yet.
        long startMs = interval && asked.startMs() == 0 ? nowMs + 1 : asked.startMs();
        long anchorMs = !interval ? 0 : asked.startMs() == 0 ? nowMs : asked.startMs();
        ScheduleTiming timing = new ScheduleTiming(
                asked.form(),
                asked.cron(),
                asked.everyMs(),
                asked.atMs(),
                asked.timeZone(),
                anchorMs,
                startMs,
                asked.endMs(),
                asked.jitterMs());
        try {
            new ScheduleTimes(timing).expectDueAfter(nowMs);
        } catch (BadTimingException e) {
            throw RefusedException.invalid(e.text());
        }
        var when = io.millrace.proto.v1.ScheduleTiming.newBuilder()
                .setTimeZone(timing.timeZone())
                .setAnchorMs(anchorMs)
                .setStartMs(timing.startMs())
                .setEndMs(timing.endMs())
                .setJitterMs(timing.jitterMs());
        switch (timing.form()) {
            case CRON -> when.setCron(timing.cron());
            case INTERVAL -> when.setEveryMs(timing.everyMs());
            case ONCE -> when.setAtMs(timing.atMs());
        }
        return when.build();
    }

    /**
     * Lets nothing of a schedule start but what is triggered.
     *
     * @return whether that changed anything: it may be paused already
     */
    public CompletableFuture<Boolean> pause(
            Request request, String schedule, String reason, OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        Request because = request.because(checks.reason(reason));
        SteerSchedule.Builder pause = steering(because, name, expectedVersion);
        return changed(because, name, command -> command.setPauseSchedule(pause));
    }

    /** Lets a paused schedule go on; the answer says whether it was paused. */
    public CompletableFuture<Boolean> resume(
            Request request, String schedule, String reason, OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        Request because = request.because(checks.shortText("reason", reason));
        SteerSchedule.Builder resume = steering(because, name, expectedVersion);
        return changed(because, name, command -> command.setResumeSchedule(resume));
    }

    /** Ends a schedule. Its runs go on. */
    public CompletableFuture<Boolean> delete(
            Request request, String schedule, String reason, OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        Request because = request.because(checks.reason(reason));
        SteerSchedule.Builder delete = steering(because, name, expectedVersion);
        return changed(because, name, command -> command.setDeleteSchedule(delete));
    }

    /** Starts a run now, as if it were due; the answer says what came of it. */
    public CompletableFuture<ReplyRecord.ScheduleTriggered> trigger(
            Request request, String schedule, String reason, OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        Request because = request.because(checks.shortText("reason", reason));
        SteerSchedule.Builder trigger = steering(because, name, expectedVersion);
        return cancelling(because, name, () -> ask(because, name, command -> command.setTriggerSchedule(trigger)))
                .thenApply(ReplyRecord::getScheduleTriggered);
    }

    /**
     * Starts runs for the due times of a range.
     *
     * @param fromMs first time of the range, milliseconds since the epoch
     * @param untilMs last time of the range
     * @param parallel all at once; otherwise each when the one before it has ended
     */
    public CompletableFuture<Boolean> backfill(
            Request request,
            String schedule,
            long fromMs,
            long untilMs,
            boolean parallel,
            String reason,
            OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        if (fromMs > untilMs || untilMs > clock.millis()) {
            throw RefusedException.invalid(
                    "expected a range of time that is over, with from not later than until, but it is not");
        }
        Request because = request.because(checks.shortText("reason", reason));
        BackfillSchedule.Builder backfill = BackfillSchedule.newBuilder()
                .setSchedule(name)
                .setFromMs(fromMs)
                .setUntilMs(untilMs)
                .setParallel(parallel)
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId());
        expectedVersion.ifPresent(backfill::setExpectedVersion);
        return cancelling(
                        because,
                        name,
                        () -> expectBounded(request.caller(), name, fromMs, untilMs)
                                .thenCompose(bounded ->
                                        ask(because, name, command -> command.setBackfillSchedule(backfill))))
                .thenApply(reply -> reply.getAccepted().getChanged());
    }

    /** Each due time is a run, and a year of seconds is no slip that anybody wants to have started. */
    private CompletableFuture<Void> expectBounded(Caller caller, String name, long fromMs, long untilMs) {
        return queries.schedule(caller.orgId(), name).thenAccept(found -> {
            ScheduleRow row = found.orElseThrow(() -> RefusedException.notFound(
                    "expected a schedule of which it is known how often it is due, but the read model knows none of the name "
                            + Checks.shown(name)));
            ScheduleTimes times = new ScheduleTimes(row.timing());
            OptionalLong next = times.next(fromMs - 1);
            for (int count = 0; next.isPresent() && next.getAsLong() <= untilMs; count++) {
                if (count == MOST_RUNS_OF_A_RANGE) {
                    throw RefusedException.invalid("expected a range with at most " + MOST_RUNS_OF_A_RANGE
                            + " due times, since each is a run, but " + Checks.shown(name)
                            + " has more: make up for it up to "
                            + Instant.ofEpochMilli(next.getAsLong() - 1) + " first");
                }
                next = times.next(next.getAsLong());
            }
        });
    }

    /**
     * Lets no more runs start for the range that is made up for.
     *
     * @return whether there was one
     */
    public CompletableFuture<Boolean> stopBackfill(
            Request request, String schedule, String reason, OptionalLong expectedVersion) {
        String name = checks.name("schedule", schedule);
        Request because = request.because(checks.reason(reason));
        SteerSchedule.Builder stop = steering(because, name, expectedVersion);
        return changed(because, name, command -> command.setStopBackfill(stop));
    }

    /** A schedule that cancels its runs is as good as a cancellation, now or whenever it is due, so it needs the same. */
    private void expectMayCancel(Request request, ScheduleOverlap overlap) {
        if (overlap != ScheduleOverlap.OVERLAP_CANCEL_PREVIOUS) {
            return;
        }
        if (!Permissions.has(request.caller(), Right.CANCEL)) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected a key with the right CANCEL for a schedule whose overlap is CANCEL_PREVIOUS, which cancels runs,"
                            + " but "
                            + request.caller().principal().getId() + " has the role "
                            + Role.of(request.caller().principal()));
        }
        if (approvals.isNeeded(request, ApprovalAction.CANCEL)) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected an overlap that cancels nothing, since approvals.required names CANCEL and nobody can approve what"
                            + " a schedule will cancel, but it is CANCEL_PREVIOUS: cancel the run by itself");
        }
    }

    /** Holds the caller to what it may cancel, by what the schedule is known to do where that matters. */
    private <T> CompletableFuture<T> cancelling(Request request, String name, Supplier<CompletableFuture<T>> action) {
        boolean mayCancel =
                Permissions.has(request.caller(), Right.CANCEL) && !approvals.isNeeded(request, ApprovalAction.CANCEL);
        if (mayCancel) {
            return guarded(request.caller(), name, action);
        }
        return queries.schedule(request.caller().orgId(), name).thenCompose(found -> {
            // One that is not known yet may be of any overlap.
            ScheduleRow row = found.orElseThrow(() -> RefusedException.notFound(
                    "expected a schedule of which it is known whether it cancels runs, since you may not cancel any by"
                            + " yourself, but the read model knows none of the name "
                            + Checks.shown(name)));
            expectMayCancel(
                    request, ScheduleOverlap.valueOf("OVERLAP_" + row.policies().overlap()));
            return guarded(request.caller(), name, action);
        });
    }

    private static SteerSchedule.Builder steering(Request because, String name, OptionalLong expectedVersion) {
        SteerSchedule.Builder steer = SteerSchedule.newBuilder()
                .setSchedule(name)
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId());
        expectedVersion.ifPresent(steer::setExpectedVersion);
        return steer;
    }

    private CompletableFuture<Boolean> changed(
            Request because, String name, Function<CommandRecord.Builder, CommandRecord.Builder> body) {
        return guarded(because.caller(), name, () -> ask(because, name, body))
                .thenApply(reply -> reply.getAccepted().getChanged());
    }

    private CompletableFuture<ReplyRecord> ask(
            Request request, String name, Function<CommandRecord.Builder, CommandRecord.Builder> body) {
        return sender.askIfKnown(
                "keep schedules", Shards.of(request.caller().orgId(), name), body.apply(sender.command(request)));
    }

    /** @return schedules, newest first */
    public CompletableFuture<Page<ScheduleRow>> list(Caller caller, PageRequest page) {
        return queries.schedules(caller.orgId(), page);
    }

    /** @return the schedule; fails with NOT_FOUND where there is none of the name, as far as the read model knows */
    public CompletableFuture<ScheduleRow> get(Caller caller, String schedule) {
        String name = checks.name("schedule", schedule);
        return queries.schedule(caller.orgId(), name).thenApply(found -> {
            ScheduleRow row = found.orElseThrow(() -> RefusedException.notFound(
                    "expected a schedule of your organisation, but there is none of the name " + Checks.shown(name)));
            ScopeGuard.check(caller, "a schedule of workflows", row.queue(), row.kind());
            return row;
        });
    }

    /** @return what became of its due times, newest first */
    public CompletableFuture<Page<ScheduleRun>> runs(Caller caller, String schedule, PageRequest page) {
        return get(caller, schedule).thenCompose(row -> queries.scheduleRuns(caller.orgId(), row.id(), page));
    }

    /** Holds the caller to the work that its key is for. */
    private <T> CompletableFuture<T> guarded(Caller caller, String name, Supplier<CompletableFuture<T>> action) {
        if (caller.scope().isWhole()) {
            return action.get();
        }
        return queries.schedule(caller.orgId(), name).thenCompose(found -> {
            if (found.isEmpty()) {
                // It may be there, and the read model behind: then nobody knows what it is about.
                ScopeGuard.onlyWhole(caller, "the schedule is not known yet, or there is none");
            }
            found.ifPresent(known -> ScopeGuard.check(caller, "a schedule of workflows", known.queue(), known.kind()));
            return action.get();
        });
    }
}
