package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.NewSchedule;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.ScheduleOperations;
import io.millrace.ingest.queries.ScheduleRow;
import io.millrace.ingest.queries.ScheduleRun;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.ScheduleTiming.Form;
import io.millrace.proto.schedule.ScheduleTimes;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ScheduleMissed;
import io.millrace.proto.v1.ScheduleOverlap;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;

/** Schedules over HTTP. */
final class ScheduleRoutes {

    private static final String OVERLAP = "OVERLAP_";
    private static final String MISSED = "MISSED_";
    private static final long USUAL_MISSED_AFTER_MS = 60_000;
    private static final String DEFAULT_ZONE = "UTC";

    private final Operations operations;

    ScheduleRoutes(Operations operations) {
        this.operations = operations;
    }

    private ScheduleOperations schedules() {
        return operations.schedules();
    }

    HttpReply list(HttpCall call) {
        return Paging.reply(
                "schedules",
                schedules().list(call.asked().caller(), Paging.of(call)).join(),
                ScheduleRoutes::row);
    }

    HttpReply get(HttpCall call) {
        ScheduleRow row =
                schedules().get(call.asked().caller(), call.part("schedule")).join();
        return HttpReply.json(200, Json.object(json -> {
            row(json, row);
            json.raw("input", row.work().input().isEmpty() ? null : row.work().input());
        }));
    }

    HttpReply runs(HttpCall call) {
        return Paging.reply(
                "runs",
                schedules()
                        .runs(call.asked().caller(), call.part("schedule"), Paging.of(call))
                        .join(),
                ScheduleRoutes::run);
    }

    HttpReply create(HttpCall call) {
        JsonFields body = call.fields(
                "name",
                "cron",
                "timeZone",
                "everyMs",
                "at",
                "startAt",
                "endAt",
                "jitterMs",
                "overlap",
                "missed",
                "missedAfterMs",
                "cancelAfterMs",
                "paused",
                "kind",
                "input",
                "queue",
                "metadata",
                "prioritySeconds",
                "workflowVersion");
        // What is no text, number or flag where one is wanted is told before what they say.
        Optional<String> overlap = body.text("overlap");
        Optional<String> missed = body.text("missed");
        When when = When.read(body);
        String name = body.text("name").orElse("");
        String kind = body.text("kind").orElse("");
        ByteString input = body.payload("input");
        String queue = body.text("queue").orElse("");
        Map<String, String> metadata = body.texts("metadata");
        int prioritySeconds = body.smallInteger("prioritySeconds").orElse(0);
        String workflowVersion = body.text("workflowVersion").orElse("");
        long missedAfterMs = body.integer("missedAfterMs").orElse(USUAL_MISSED_AFTER_MS);
        long cancelAfterMs = body.integer("cancelAfterMs").orElse(0L);
        boolean paused = body.flag("paused");
        NewSchedule asked = new NewSchedule(
                name,
                timing(when),
                kind,
                input,
                queue,
                metadata,
                prioritySeconds,
                workflowVersion,
                overlap(overlap),
                missed(missed),
                missedAfterMs,
                cancelAfterMs,
                paused);
        UUID id = schedules().create(call.asked(), asked).join();
        return HttpReply.json(
                201, Json.object(json -> json.text("name", asked.name()).text("id", id.toString())));
    }

    HttpReply update(HttpCall call) {
        OptionalLong version = call.expectedVersion();
        JsonFields body = call.fields(
                "cron",
                "timeZone",
                "everyMs",
                "at",
                "startAt",
                "endAt",
                "jitterMs",
                "overlap",
                "missed",
                "missedAfterMs",
                "cancelAfterMs",
                "reason");
        Optional<String> overlap = body.text("overlap");
        Optional<String> missed = body.text("missed");
        When when = When.read(body);
        long missedAfterMs = body.integer("missedAfterMs").orElse(USUAL_MISSED_AFTER_MS);
        long cancelAfterMs = body.integer("cancelAfterMs").orElse(0L);
        String reason = reason(body);
        boolean changed = schedules()
                .update(
                        call.asked(),
                        call.part("schedule"),
                        timing(when),
                        overlap(overlap),
                        missed(missed),
                        missedAfterMs,
                        cancelAfterMs,
                        reason,
                        version)
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("updated", changed)));
    }

    private static ScheduleOverlap overlap(Optional<String> text) {
        return text.map(name -> one(ScheduleOverlap.values(), OVERLAP, "overlap", name))
                .orElse(ScheduleOverlap.OVERLAP_SKIP);
    }

    private static ScheduleMissed missed(Optional<String> text) {
        return text.map(name -> one(ScheduleMissed.values(), MISSED, "missed", name))
                .orElse(ScheduleMissed.MISSED_LATEST);
    }

    /** When a schedule is due, as it stands in the request. */
    private record When(
            Optional<String> cron,
            Optional<String> zone,
            Optional<Long> every,
            Optional<String> at,
            Optional<String> start,
            Optional<String> end,
            long jitterMs) {

        static When read(JsonFields body) {
            return new When(
                    body.text("cron"),
                    body.text("timeZone"),
                    body.integer("everyMs"),
                    body.text("at"),
                    body.text("startAt"),
                    body.text("endAt"),
                    body.integer("jitterMs").orElse(0L));
        }
    }

    private static ScheduleTiming timing(When when) {
        long ways = Stream.of(when.cron, when.every, when.at)
                .filter(Optional::isPresent)
                .count();
        if (ways != 1) {
            throw RefusedException.invalid(
                    "expected one of cron, everyMs and at, which say when it is due, but got " + ways + " of them");
        }
        boolean cron = when.cron.isPresent();
        if (when.zone.isPresent() && !cron) {
            throw RefusedException.invalid(
                    "expected no timeZone without cron, since intervals and times are the same in all of them, but there"
                            + " is one");
        }
        return new ScheduleTiming(
                cron ? Form.CRON : when.every.isPresent() ? Form.INTERVAL : Form.ONCE,
                when.cron.orElse(""),
                when.every.orElse(0L),
                when.at.map(text -> time("at", text)).orElse(0L),
                cron ? when.zone.orElse(DEFAULT_ZONE) : "",
                0,
                when.start.map(text -> time("startAt", text)).orElse(0L),
                when.end.map(text -> time("endAt", text)).orElse(0L),
                when.jitterMs);
    }

    private static long time(String field, String text) {
        try {
            long ms = OffsetDateTime.parse(text).toInstant().toEpochMilli();
            if (ms > 0 && ms <= ScheduleTimes.LATEST_MS) {
                return ms;
            }
        } catch (DateTimeException | ArithmeticException e) {
            // It is told below.
        }
        throw RefusedException.invalid("expected a time such as 2026-12-24T18:00:00Z or 2026-12-24T19:00:00+01:00 as "
                + field + ", but got " + Checks.shown(text));
    }

    private static <T extends Enum<T>> T one(T[] values, String prefix, String field, String text) {
        List<T> known = Arrays.stream(values)
                .filter(value -> value.name().startsWith(prefix))
                .toList();
        return known.stream()
                .filter(value -> value.name().equals(prefix + text))
                .findFirst()
                .orElseThrow(() -> RefusedException.invalid("expected "
                        + String.join(
                                " or ",
                                known.stream()
                                        .map(value -> value.name().substring(prefix.length()))
                                        .toList())
                        + " as " + field + ", but got " + Checks.shown(text)));
    }

    HttpReply pause(HttpCall call) {
        boolean changed = schedules()
                .pause(call.asked(), call.part("schedule"), reason(call.fields("reason")), call.expectedVersion())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("paused", changed)));
    }

    HttpReply resume(HttpCall call) {
        boolean changed = schedules()
                .resume(call.asked(), call.part("schedule"), reason(call.fields("reason")), call.expectedVersion())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("resumed", changed)));
    }

    HttpReply delete(HttpCall call) {
        boolean changed = schedules()
                .delete(call.asked(), call.part("schedule"), reason(call.fields("reason")), call.expectedVersion())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("deleted", changed)));
    }

    HttpReply trigger(HttpCall call) {
        ReplyRecord.ScheduleTriggered answer = schedules()
                .trigger(call.asked(), call.part("schedule"), reason(call.fields("reason")), call.expectedVersion())
                .join();
        boolean started = !answer.getExecutionId().isEmpty();
        String outcome = started ? "STARTED" : answer.getBuffered() ? "BUFFERED" : "SKIPPED";
        return HttpReply.json(
                started ? 201 : 200,
                Json.object(json -> json.text("decision", outcome)
                        .text(
                                "workflowExecutionId",
                                started ? Ids.fromBytes(answer.getExecutionId()).toString() : null)));
    }

    HttpReply backfill(HttpCall call) {
        OptionalLong version = call.expectedVersion();
        JsonFields body = call.fields("from", "until", "parallel", "reason");
        String from = body.text("from").orElse("");
        String until = body.text("until").orElse("");
        boolean parallel = body.flag("parallel");
        String reason = reason(body);
        boolean changed = schedules()
                .backfill(
                        call.asked(),
                        call.part("schedule"),
                        time("from", from),
                        time("until", until),
                        parallel,
                        reason,
                        version)
                .join();
        return HttpReply.json(202, Json.object(json -> json.flag("begun", changed)));
    }

    HttpReply stopBackfill(HttpCall call) {
        boolean changed = schedules()
                .stopBackfill(
                        call.asked(), call.part("schedule"), reason(call.fields("reason")), call.expectedVersion())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("stopped", changed)));
    }

    private static String reason(JsonFields body) {
        return body.text("reason").orElse("");
    }

    private static void row(Json json, ScheduleRow row) throws IOException {
        json.text("name", row.name())
                .id("id", row.id())
                .text("status", row.status().name())
                .textOrNull("cron", row.timing().cron())
                .textOrNull("timeZone", row.timing().timeZone())
                .numberOrNull("everyMs", row.timing().everyMs())
                .time("at", row.timing().atMs())
                .time("startAt", row.timing().startMs())
                .time("endAt", row.timing().endMs())
                .number("jitterMs", row.timing().jitterMs())
                .text("overlap", row.policies().overlap())
                .text("missed", row.policies().missed())
                .number("missedAfterMs", row.policies().missedAfterMs())
                .number("cancelAfterMs", row.policies().cancelAfterMs())
                .text("kind", row.kind())
                .text("queue", row.queue())
                .textOrNull("workflowVersion", row.work().workflowVersion())
                .texts("metadata", row.work().metadata())
                .number("prioritySeconds", row.work().prioritySeconds())
                .time("nextRunAt", row.plan().nextMs())
                .id("lastRunId", row.runs().lastId())
                .time("lastRunAt", row.runs().lastStartedMs())
                .number("runs", row.runs().started())
                .number("skipped", row.runs().skipped())
                .flag("backfilling", row.plan().backfilling())
                .text("pausedBy", row.pause().by())
                .text("pauseReason", row.pause().reason())
                .text("createdBy", row.createdBy())
                .time("createdAt", row.createdAtMs())
                .number("version", row.version());
    }

    private static void run(Json json, ScheduleRun run) throws IOException {
        json.time("dueAt", run.dueAtMs())
                .time("decidedAt", run.decidedAtMs())
                .text("cause", run.cause())
                .text("decision", run.decision())
                .text("skipReason", run.skipReason())
                .id("workflowExecutionId", run.runId())
                .text("status", run.status().map(Enum::name).orElse(null))
                .time("closedAt", run.closedAtMs());
    }
}
