package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.event.Event.OfSchedule;
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
import io.millrace.proto.ScheduleTiming;
import java.util.List;
import java.util.stream.LongStream;

/** Names and JSON of what happens to schedules. */
final class ScheduleEventJson {

    private ScheduleEventJson() {}

    static String type(OfSchedule event) {
        return switch (event) {
            case ScheduleCreated e -> "SCHEDULE_CREATED";
            case SchedulePlanned e -> "SCHEDULE_PLANNED";
            case ScheduleStalled e -> "SCHEDULE_STALLED";
            case ScheduleRunStarted e -> "SCHEDULE_RUN_STARTED";
            case ScheduleRunBuffered e -> "SCHEDULE_RUN_BUFFERED";
            case ScheduleRunSkipped e -> "SCHEDULE_RUN_SKIPPED";
            case ScheduleRunEnded e -> "SCHEDULE_RUN_ENDED";
            case ScheduleUpdated e -> "SCHEDULE_UPDATED";
            case SchedulePaused e -> "SCHEDULE_PAUSED";
            case ScheduleResumed e -> "SCHEDULE_RESUMED";
            case ScheduleDeleted e -> "SCHEDULE_DELETED";
            case ScheduleBackfillBegan e -> "SCHEDULE_BACKFILL_BEGAN";
            case ScheduleBackfillPlanned e -> "SCHEDULE_BACKFILL_PLANNED";
            case ScheduleBackfillEnded e -> "SCHEDULE_BACKFILL_ENDED";
        };
    }

    static byte[] data(OfSchedule event) {
        JsonWriter json = new JsonWriter().text("schedule", event.schedule()).id("scheduleId", event.scheduleId());
        switch (event) {
            case ScheduleCreated e -> {
                definition(json, e.definition());
                json.bool("paused", e.paused())
                        .text("requestedBy", e.requestedBy())
                        .number("version", e.version());
            }
            case SchedulePlanned e ->
                json.numbers("times", flat(e.times()))
                        .number("untilMs", e.untilMs())
                        .bool("last", e.last())
                        .number("passedOverMs", e.passedOverMs())
                        .number("nextMs", e.nextMs());
            case ScheduleStalled e -> json.number("dueMs", e.dueMs());
            case ScheduleRunStarted e ->
                json.id("runId", e.runId())
                        .number("dueMs", e.dueMs())
                        .text("cause", e.cause().name())
                        .bool("awaited", e.awaited())
                        .bool("waited", e.waited())
                        .number("nextMs", e.nextMs());
            case ScheduleRunBuffered e ->
                json.id("runId", e.runId())
                        .number("dueMs", e.dueMs())
                        .text("cause", e.cause().name())
                        .number("nextMs", e.nextMs());
            case ScheduleRunSkipped e ->
                json.number("dueMs", e.dueMs())
                        .text("cause", e.cause().name())
                        .text("reason", e.reason().name())
                        .number("nextMs", e.nextMs());
            case ScheduleRunEnded e -> json.id("runId", e.runId()).text("outcome", e.outcome());
            case ScheduleUpdated e -> {
                definition(json, e.definition());
                json.bool("planKept", e.planKept())
                        .text("reason", e.reason())
                        .text("requestedBy", e.requestedBy())
                        .number("version", e.version());
            }
            case SchedulePaused e ->
                json.text("reason", e.reason())
                        .text("requestedBy", e.requestedBy())
                        .number("version", e.version());
            case ScheduleResumed e ->
                json.text("reason", e.reason())
                        .text("requestedBy", e.requestedBy())
                        .number("version", e.version());
            case ScheduleDeleted e -> json.text("reason", e.reason()).text("requestedBy", e.requestedBy());
            case ScheduleBackfillBegan e ->
                json.id("backfillId", e.backfillId())
                        .number("fromMs", e.fromMs())
                        .number("untilMs", e.untilMs())
                        .bool("parallel", e.parallel())
                        .text("reason", e.reason())
                        .text("requestedBy", e.requestedBy());
            case ScheduleBackfillPlanned e ->
                json.numbers("times", e.times()).number("untilMs", e.untilMs()).bool("last", e.last());
            case ScheduleBackfillEnded e ->
                json.id("backfillId", e.backfillId())
                        .optional("reason", e.reason())
                        .optional("requestedBy", e.requestedBy());
        }
        return json.finish();
    }

    private static List<Long> flat(List<ScheduleDefinition.Time> times) {
        return times.stream()
                .flatMapToLong(time -> LongStream.of(time.dueMs(), time.atMs()))
                .boxed()
                .toList();
    }

    private static void definition(JsonWriter json, ScheduleDefinition definition) {
        ScheduleTiming timing = definition.timing();
        ScheduleDefinition.Start start = definition.start();
        json.text("form", timing.form().name())
                .optional("cron", timing.cron())
                .number("everyMs", timing.everyMs())
                .number("atMs", timing.atMs())
                .optional("timeZone", timing.timeZone())
                .number("anchorMs", timing.anchorMs())
                .number("startMs", timing.startMs())
                .number("endMs", timing.endMs())
                .number("jitterMs", timing.jitterMs())
                .text("overlap", definition.overlap().name())
                .text("missed", definition.missed().name())
                .number("missedAfterMs", definition.missedAfterMs())
                .number("cancelAfterMs", definition.cancelAfterMs())
                .text("kind", start.kind())
                .raw("input", start.input())
                .texts("metadata", start.metadata())
                .text("queue", start.queue())
                .number("prioritySeconds", start.prioritySeconds())
                .optional("workflowVersion", start.workflowVersion())
                .optional("workflowDefinitionId", start.workflowDefinitionId())
                .number("retentionMs", start.retentionMs());
    }
}
