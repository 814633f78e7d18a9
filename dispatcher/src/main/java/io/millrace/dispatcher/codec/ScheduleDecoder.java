package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BackfillSchedule;
import io.millrace.dispatcher.engine.command.Command.CheckScheduledRun;
import io.millrace.dispatcher.engine.command.Command.CreateSchedule;
import io.millrace.dispatcher.engine.command.Command.DeleteSchedule;
import io.millrace.dispatcher.engine.command.Command.PauseSchedule;
import io.millrace.dispatcher.engine.command.Command.PlanSchedule;
import io.millrace.dispatcher.engine.command.Command.ResumeSchedule;
import io.millrace.dispatcher.engine.command.Command.ScheduledRunEnded;
import io.millrace.dispatcher.engine.command.Command.StartScheduledRun;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.StopBackfill;
import io.millrace.dispatcher.engine.command.Command.TriggerSchedule;
import io.millrace.dispatcher.engine.command.Command.UpdateSchedule;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Overlap;
import io.millrace.proto.Ids;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.ScheduleTiming.Form;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ScheduleMissed;
import io.millrace.proto.v1.ScheduleOverlap;
import io.millrace.proto.v1.SteerSchedule;

/** Turns records about schedules into commands of the engine. */
final class ScheduleDecoder {

    private ScheduleDecoder() {}

    static Command decode(CommandRecord record) {
        return switch (record.getBodyCase()) {
            case CREATE_SCHEDULE -> {
                var c = record.getCreateSchedule();
                yield new CreateSchedule(definition(c), c.getPaused(), c.getRequestedBy());
            }
            case UPDATE_SCHEDULE -> {
                var c = record.getUpdateSchedule();
                yield new UpdateSchedule(
                        c.getSchedule(),
                        timing(c.getTiming()),
                        overlap(c.getOverlap()),
                        missed(c.getMissed()),
                        c.getMissedAfterMs(),
                        c.getCancelAfterMs(),
                        c.getReason(),
                        c.getRequestedBy(),
                        CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case PAUSE_SCHEDULE -> steering(record.getPauseSchedule(), PauseSchedule::new);
            case RESUME_SCHEDULE -> steering(record.getResumeSchedule(), ResumeSchedule::new);
            case DELETE_SCHEDULE -> steering(record.getDeleteSchedule(), DeleteSchedule::new);
            case TRIGGER_SCHEDULE -> steering(record.getTriggerSchedule(), TriggerSchedule::new);
            case BACKFILL_SCHEDULE -> {
                var c = record.getBackfillSchedule();
                yield new BackfillSchedule(
                        c.getSchedule(),
                        c.getFromMs(),
                        c.getUntilMs(),
                        c.getParallel(),
                        c.getReason(),
                        c.getRequestedBy(),
                        CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case STOP_BACKFILL -> steering(record.getStopBackfill(), StopBackfill::new);
            case PLAN_SCHEDULE -> {
                var c = record.getPlanSchedule();
                yield new PlanSchedule(
                        c.getSchedule(),
                        Ids.fromBytes(c.getScheduleId()),
                        c.getAfterMs(),
                        c.getUntilMs(),
                        c.getLast(),
                        c.getTimesList().stream()
                                .map(time -> new ScheduleDefinition.Time(time.getDueMs(), time.getAtMs()))
                                .toList(),
                        c.getPassedOverMs(),
                        c.getBackfill());
            }
            case SCHEDULED_RUN_ENDED -> {
                var c = record.getScheduledRunEnded();
                yield new ScheduledRunEnded(
                        c.getSchedule(),
                        Ids.fromBytes(c.getScheduleId()),
                        Ids.fromBytes(c.getExecutionId()),
                        c.getOutcome());
            }
            case START_SCHEDULED_RUN -> {
                var c = record.getStartScheduledRun();
                StartWorkflow start = CommandDecoder.start(c.getStart());
                yield new StartScheduledRun(
                        start,
                        new ScheduleDefinition.Origin(
                                c.getSchedule(),
                                Ids.fromBytes(c.getScheduleId()),
                                start.executionId(),
                                c.getDueMs(),
                                c.getAwaited()));
            }
            case CHECK_SCHEDULED_RUN -> {
                var c = record.getCheckScheduledRun();
                yield new CheckScheduledRun(
                        Ids.fromBytes(c.getExecutionId()), c.getSchedule(), Ids.fromBytes(c.getScheduleId()));
            }
            default ->
                throw new IllegalArgumentException(
                        "expected a command about a schedule, but got " + record.getBodyCase());
        };
    }

    /** A command that says no more than who asks what of which schedule. */
    private interface Steering {
        Command of(String schedule, String reason, String requestedBy, long expectedVersion);
    }

    private static Command steering(SteerSchedule c, Steering command) {
        return command.of(
                c.getSchedule(),
                c.getReason(),
                c.getRequestedBy(),
                CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
    }

    private static ScheduleDefinition definition(io.millrace.proto.v1.CreateSchedule c) {
        var start = c.getStart();
        return new ScheduleDefinition(
                c.getSchedule(),
                Ids.fromBytes(c.getScheduleId()),
                timing(c.getTiming()),
                new ScheduleDefinition.Start(
                        start.getKind(),
                        CommandDecoder.payload(start.getInput()),
                        CommandDecoder.sorted(start.getMetadataMap()),
                        start.getQueue(),
                        start.getPrioritySeconds(),
                        start.getWorkflowVersion(),
                        start.getWorkflowDefinitionId(),
                        start.getRetentionMs()),
                overlap(c.getOverlap()),
                missed(c.getMissed()),
                c.getMissedAfterMs(),
                c.getCancelAfterMs());
    }

    private static ScheduleTiming timing(io.millrace.proto.v1.ScheduleTiming timing) {
        return new ScheduleTiming(
                switch (timing.getWhenCase()) {
                    case CRON -> Form.CRON;
                    case EVERY_MS -> Form.INTERVAL;
                    case AT_MS -> Form.ONCE;
                    case WHEN_NOT_SET ->
                        throw new IllegalArgumentException(
                                "expected a cron expression, an interval or a time, but the record has none");
                },
                timing.getCron(),
                timing.getEveryMs(),
                timing.getAtMs(),
                timing.getTimeZone(),
                timing.getAnchorMs(),
                timing.getStartMs(),
                timing.getEndMs(),
                timing.getJitterMs());
    }

    private static Overlap overlap(ScheduleOverlap overlap) {
        return switch (overlap) {
            case OVERLAP_SKIP -> Overlap.SKIP;
            case OVERLAP_BUFFER_ONE -> Overlap.BUFFER_ONE;
            case OVERLAP_ALLOW -> Overlap.ALLOW;
            case OVERLAP_CANCEL_PREVIOUS -> Overlap.CANCEL_PREVIOUS;
            case SCHEDULE_OVERLAP_UNSPECIFIED, UNRECOGNIZED -> throw unknown("what happens with overlaps", overlap);
        };
    }

    private static Missed missed(ScheduleMissed missed) {
        return switch (missed) {
            case MISSED_SKIP -> Missed.SKIP;
            case MISSED_LATEST -> Missed.LATEST;
            case MISSED_ALL -> Missed.ALL;
            case SCHEDULE_MISSED_UNSPECIFIED, UNRECOGNIZED -> throw unknown("what happens with missed runs", missed);
        };
    }

    private static IllegalArgumentException unknown(String what, Enum<?> found) {
        return new IllegalArgumentException("expected " + what + " that is known, but the record has " + found);
    }
}
