package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Time;
import io.millrace.dispatcher.engine.event.Event.OfSchedule;
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
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import io.millrace.proto.ScheduleTiming;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schedule and how far it is. It knows some due times to come, its plan, and nothing of calendars. Immutable.
 *
 * @param orgId organisation whose schedule it is
 * @param plan due times to come, soonest first
 * @param lowMark more of the plan is wanted when so many are left of it
 * @param plannedUntilMs due times up to here are in the plan, or are over
 * @param complete there are none behind the plan
 * @param stalled the first of the plan is over, and waits until the one after it is known
 * @param openRun run that has to end before the next one begins, null for none
 * @param waiting run that begins when that one has ended, null for none
 * @param backfill due times of a range that are made up for, null for none
 * @param version rises with each change by people, also from a schedule to one that is made later under its name
 */
public record Schedule(
        UUID orgId,
        ScheduleDefinition definition,
        boolean paused,
        List<Time> plan,
        int lowMark,
        long plannedUntilMs,
        boolean complete,
        boolean stalled,
        @Nullable UUID openRun,
        @Nullable Waiting waiting,
        @Nullable Backfill backfill,
        long version) {

    private static final int FORM = 2;

    /** A run that waits for another one. */
    public record Waiting(UUID runId, long dueMs, RunCause cause) {}

    /**
     * A range that is made up for.
     *
     * @param times due times that are known and have not started
     * @param plannedUntilMs due times of the range up to here are among them, or have started
     * @param complete there are none behind them
     */
    public record Backfill(
            UUID id,
            long fromMs,
            long untilMs,
            boolean parallel,
            List<Long> times,
            long plannedUntilMs,
            boolean complete) {

        private Backfill with(List<Long> left, long untilPlannedMs, boolean last) {
            return new Backfill(id, fromMs, untilMs, parallel, left, untilPlannedMs, last);
        }

        private Backfill withoutFirst() {
            return with(List.copyOf(times.subList(1, times.size())), plannedUntilMs, complete);
        }
    }

    /** @return its name, unique in the organisation */
    public String name() {
        return definition.name();
    }

    /** @return when a run starts next by itself, with its jitter; empty: that is not known, or never */
    public Optional<Time> next() {
        return paused || plan.isEmpty() ? Optional.empty() : Optional.of(plan.getFirst());
    }

    /** @return what is to happen at that time; empty: nothing, as far as is known */
    Optional<Due> due() {
        return stalled ? Optional.empty() : next().map(time -> new Due(time.atMs(), Due.Type.SCHEDULE, orgId, name()));
    }

    /** @return whether more has to be known of its due times, or of a range that is made up for */
    public boolean wantsPlan() {
        return wantsNext() || wantsBackfill();
    }

    /** @return whether more has to be known of what comes next */
    public boolean wantsNext() {
        return !paused && !complete && plan.size() <= lowMark;
    }

    /** @return whether more has to be known of the range that is made up for */
    public boolean wantsBackfill() {
        return !paused
                && backfill != null
                && !backfill.complete()
                && backfill.times().isEmpty();
    }

    /** @return the schedule as it begins; the only time of one that is due once counts even if it has just passed */
    public static Schedule begin(ScheduleCreated event, long nowMs) {
        return new Schedule(
                event.orgId(),
                event.definition(),
                event.paused(),
                List.of(),
                1,
                from(event.definition().timing(), nowMs),
                false,
                false,
                null,
                null,
                null,
                event.version());
    }

    private static long from(ScheduleTiming timing, long nowMs) {
        return timing.form() == ScheduleTiming.Form.ONCE ? Math.min(nowMs, timing.atMs() - 1) : nowMs;
    }

    /**
     * @param nowMs time of the event, milliseconds since the epoch
     * @return the schedule as it is after the event; one that was deleted stays as it was
     */
    public Schedule after(OfSchedule event, long nowMs) {
        return switch (event) {
            case ScheduleCreated e -> begin(e, nowMs);
            case SchedulePlanned e ->
                new Schedule(
                        orgId,
                        definition,
                        paused,
                        Stream.concat(plan.stream(), e.times().stream()).toList(),
                        Math.max(1, e.times().size() / 2),
                        e.untilMs(),
                        e.last(),
                        false,
                        openRun,
                        waiting,
                        backfill,
                        version);
            case ScheduleStalled e -> with(plan, true, openRun, waiting, backfill);
            case ScheduleRunStarted e -> {
                UUID open = e.awaited() ? e.runId() : openRun;
                yield e.waited()
                        ? with(plan, stalled, open, null, backfill)
                        : without(e.cause()).with(open, waiting);
            }
            case ScheduleRunBuffered e ->
                without(e.cause()).with(openRun, new Waiting(e.runId(), e.dueMs(), e.cause()));
            case ScheduleRunSkipped e -> e.reason() == SkipReason.REPLACED ? with(openRun, null) : without(e.cause());
            case ScheduleRunEnded e -> with(null, waiting);
            case ScheduleUpdated e ->
                e.planKept()
                        ? new Schedule(
                                orgId,
                                e.definition(),
                                paused,
                                plan,
                                lowMark,
                                plannedUntilMs,
                                complete,
                                stalled,
                                openRun,
                                waiting,
                                backfill,
                                e.version())
                        : unplanned(e.definition(), paused, from(e.definition().timing(), nowMs), false, e.version());
            case SchedulePaused e -> unplanned(definition, true, plannedUntilMs, complete, e.version());
            case ScheduleResumed e -> unplanned(definition, false, nowMs, false, e.version());
            case ScheduleDeleted e -> this;
            case ScheduleBackfillBegan e ->
                with(
                        plan,
                        stalled,
                        openRun,
                        waiting,
                        new Backfill(
                                e.backfillId(),
                                e.fromMs(),
                                e.untilMs(),
                                e.parallel(),
                                List.of(),
                                e.fromMs() - 1,
                                false));
            case ScheduleBackfillPlanned e -> {
                Backfill range = Objects.requireNonNull(backfill, "backfill");
                yield with(
                        plan,
                        stalled,
                        openRun,
                        waiting,
                        range.with(
                                Stream.concat(range.times().stream(), e.times().stream())
                                        .toList(),
                                e.untilMs(),
                                e.last()));
            }
            case ScheduleBackfillEnded e -> with(plan, stalled, openRun, waiting, null);
        };
    }

    /** As somebody has changed it: what was planned is planned anew. */
    private Schedule unplanned(
            ScheduleDefinition changed, boolean isPaused, long fromMs, boolean isComplete, long newVersion) {
        return new Schedule(
                orgId,
                changed,
                isPaused,
                List.of(),
                1,
                fromMs,
                isComplete,
                false,
                openRun,
                waiting,
                backfill,
                newVersion);
    }

    /** What was the first of its sort has been decided. */
    private Schedule without(RunCause cause) {
        return switch (cause) {
            case DUE, MISSED -> with(List.copyOf(plan.subList(1, plan.size())), stalled, openRun, waiting, backfill);
            case TRIGGERED -> this;
            case BACKFILL ->
                with(
                        plan,
                        stalled,
                        openRun,
                        waiting,
                        Objects.requireNonNull(backfill, "backfill").withoutFirst());
        };
    }

    private Schedule with(@Nullable UUID open, @Nullable Waiting waits) {
        return with(plan, stalled, open, waits, backfill);
    }

    private Schedule with(
            List<Time> times,
            boolean standsStill,
            @Nullable UUID open,
            @Nullable Waiting waits,
            @Nullable Backfill range) {
        return new Schedule(
                orgId,
                definition,
                paused,
                times,
                lowMark,
                plannedUntilMs,
                complete,
                standsStill,
                open,
                waits,
                range,
                version);
    }

    /** @return all but what never changes */
    byte[] encode() {
        Bytes out = Bytes.writer().u8(FORM).bool(paused).i32(plan.size());
        plan.forEach(time -> out.i64(time.dueMs()).i64(time.atMs()));
        out.i32(lowMark)
                .i64(plannedUntilMs)
                .bool(complete)
                .bool(stalled)
                .id(openRun)
                .bool(waiting != null);
        if (waiting != null) {
            out.rawId(waiting.runId()).i64(waiting.dueMs()).u8(waiting.cause().ordinal());
        }
        out.bool(backfill != null);
        if (backfill != null) {
            out.rawId(backfill.id())
                    .i64(backfill.fromMs())
                    .i64(backfill.untilMs())
                    .bool(backfill.parallel())
                    .i32(backfill.times().size());
            backfill.times().forEach(out::i64);
            out.i64(backfill.plannedUntilMs()).bool(backfill.complete());
        }
        return out.i64(version).finish();
    }

    static Schedule decode(UUID orgId, ScheduleDefinition definition, byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        int form = in.u8();
        if (form != 1) { // the first, in which nothing had a version
            Versions.expect(form, FORM, "schedule");
        }
        boolean paused = in.bool();
        List<Time> plan = new ArrayList<>();
        for (int i = in.i32(); i > 0; i--) {
            plan.add(new Time(in.i64(), in.i64()));
        }
        int lowMark = in.i32();
        long plannedUntilMs = in.i64();
        boolean complete = in.bool();
        boolean stalled = in.bool();
        UUID openRun = in.id();
        Waiting waiting = in.bool() ? new Waiting(in.rawId(), in.i64(), RunCause.values()[in.u8()]) : null;
        Backfill backfill = in.bool() ? backfill(in) : null;
        return new Schedule(
                orgId,
                definition,
                paused,
                List.copyOf(plan),
                lowMark,
                plannedUntilMs,
                complete,
                stalled,
                openRun,
                waiting,
                backfill,
                form == 1 ? 0 : in.i64());
    }

    private static Backfill backfill(Bytes in) {
        UUID id = in.rawId();
        long fromMs = in.i64();
        long untilMs = in.i64();
        boolean parallel = in.bool();
        List<Long> times = new ArrayList<>();
        for (int i = in.i32(); i > 0; i--) {
            times.add(in.i64());
        }
        return new Backfill(id, fromMs, untilMs, parallel, List.copyOf(times), in.i64(), in.bool());
    }
}
