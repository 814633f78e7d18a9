package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Overlap;
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
import io.millrace.proto.ScheduleTiming;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** Reads back what happened to schedules: the other way round than {@link ScheduleEventJson}. */
@NullUnmarked // what stands in a log is believed as it stands, and only compared
final class ScheduleEventParser {

    private ScheduleEventParser() {}

    static Event parse(SealedEvent sealed, JsonReader json) {
        UUID org = sealed.orgId();
        if (!sealed.type().startsWith("SCHEDULE_")) {
            throw unknown(sealed);
        }
        String name = json.text("schedule");
        UUID id = json.id("scheduleId");
        return switch (sealed.type()) {
            case "SCHEDULE_CREATED" ->
                new ScheduleCreated(
                        org,
                        definition(name, id, json),
                        json.bool("paused"),
                        json.text("requestedBy"),
                        json.number("version", 0));
            case "SCHEDULE_PLANNED" ->
                new SchedulePlanned(
                        org,
                        name,
                        id,
                        pairs(json.numbers("times")),
                        json.number("untilMs"),
                        json.bool("last"),
                        json.number("passedOverMs"),
                        json.number("nextMs"));
            case "SCHEDULE_STALLED" -> new ScheduleStalled(org, name, id, json.number("dueMs"));
            case "SCHEDULE_RUN_STARTED" ->
                new ScheduleRunStarted(
                        org,
                        name,
                        id,
                        json.id("runId"),
                        json.number("dueMs"),
                        RunCause.valueOf(json.text("cause")),
                        json.bool("awaited"),
                        json.bool("waited"),
                        json.number("nextMs"));
            case "SCHEDULE_RUN_BUFFERED" ->
                new ScheduleRunBuffered(
                        org,
                        name,
                        id,
                        json.id("runId"),
                        json.number("dueMs"),
                        RunCause.valueOf(json.text("cause")),
                        json.number("nextMs"));
            case "SCHEDULE_RUN_SKIPPED" ->
                new ScheduleRunSkipped(
                        org,
                        name,
                        id,
                        json.number("dueMs"),
                        RunCause.valueOf(json.text("cause")),
                        SkipReason.valueOf(json.text("reason")),
                        json.number("nextMs"));
            case "SCHEDULE_RUN_ENDED" -> new ScheduleRunEnded(org, name, id, json.id("runId"), json.text("outcome"));
            case "SCHEDULE_UPDATED" ->
                new ScheduleUpdated(
                        org,
                        definition(name, id, json),
                        json.bool("planKept"),
                        json.text("reason"),
                        json.text("requestedBy"),
                        json.number("version", 0));
            case "SCHEDULE_PAUSED" ->
                new SchedulePaused(
                        org, name, id, json.text("reason"), json.text("requestedBy"), json.number("version", 0));
            case "SCHEDULE_RESUMED" ->
                new ScheduleResumed(
                        org, name, id, json.text("reason"), json.text("requestedBy"), json.number("version", 0));
            case "SCHEDULE_DELETED" ->
                new ScheduleDeleted(org, name, id, json.text("reason"), json.text("requestedBy"));
            case "SCHEDULE_BACKFILL_BEGAN" ->
                new ScheduleBackfillBegan(
                        org,
                        name,
                        id,
                        json.id("backfillId"),
                        json.number("fromMs"),
                        json.number("untilMs"),
                        json.bool("parallel"),
                        json.text("reason"),
                        json.text("requestedBy"));
            case "SCHEDULE_BACKFILL_PLANNED" ->
                new ScheduleBackfillPlanned(
                        org, name, id, json.numbers("times"), json.number("untilMs"), json.bool("last"));
            case "SCHEDULE_BACKFILL_ENDED" ->
                new ScheduleBackfillEnded(
                        org, name, id, json.id("backfillId"), json.optional("reason"), json.optional("requestedBy"));
            default -> throw unknown(sealed);
        };
    }

    private static IllegalArgumentException unknown(SealedEvent sealed) {
        return new IllegalArgumentException("expected an event of a type that is known, but it is " + sealed.type());
    }

    private static List<ScheduleDefinition.Time> pairs(List<Long> flat) {
        List<ScheduleDefinition.Time> times = new ArrayList<>(flat.size() / 2);
        for (int i = 0; i < flat.size(); i += 2) {
            times.add(new ScheduleDefinition.Time(flat.get(i), flat.get(i + 1)));
        }
        return times;
    }

    private static ScheduleDefinition definition(String name, UUID id, JsonReader json) {
        return new ScheduleDefinition(
                name,
                id,
                new ScheduleTiming(
                        ScheduleTiming.Form.valueOf(json.text("form")),
                        json.optional("cron"),
                        json.number("everyMs"),
                        json.number("atMs"),
                        json.optional("timeZone"),
                        json.number("anchorMs"),
                        json.number("startMs"),
                        json.number("endMs"),
                        json.number("jitterMs")),
                new ScheduleDefinition.Start(
                        json.text("kind"),
                        json.raw("input"),
                        json.texts("metadata"),
                        json.text("queue"),
                        (int) json.number("prioritySeconds"),
                        json.optional("workflowVersion"),
                        json.optional("workflowDefinitionId"),
                        json.number("retentionMs")),
                Overlap.valueOf(json.text("overlap")),
                Missed.valueOf(json.text("missed")),
                json.number("missedAfterMs"),
                json.number("cancelAfterMs"));
    }
}
