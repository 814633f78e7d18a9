package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.ingest.AuditSettings;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.queries.ScheduleRow;
import io.millrace.ingest.queries.ScheduleRun;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.Shards;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CreateSchedule;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ScheduleMissed;
import io.millrace.proto.v1.ScheduleOverlap;
import io.millrace.proto.v1.UpdateSchedule;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of schedules becomes a command to the partition of their name, or is refused with its place. */
class ScheduleRoutesTest {

    private static final UUID ID = UUID.fromString("33333333-3333-4333-8333-333333330abc");
    private static final String SCHEDULES = "/api/orgs/alpha/schedules";
    private static final String CRON = "{\"name\":\"nightly\",\"kind\":\"report\",\"cron\":\"30 2 * * *\"";

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    private JsonNode answer(int status, HttpResponse<String> response) throws Exception {
        ApiDocument.check(response);
        assertEquals(status, response.statusCode(), response.body());
        return new ObjectMapper().readTree(response.body());
    }

    private String refused(String path, String body) throws Exception {
        return answer(400, door.http("POST", SCHEDULES + path, body))
                .at("/error/message")
                .asText();
    }

    private CommandRecord last() {
        return door.log.entries().getLast().command();
    }

    private void triggered(Consumer<ReplyRecord.ScheduleTriggered.Builder> content) {
        ReplyRecord.Builder reply = ReplyRecord.newBuilder();
        content.accept(reply.getScheduleTriggeredBuilder());
        door.log.answer(reply);
    }

    private void known(String... names) {
        for (String name : names) {
            door.queries.schedules.put(name, row(false));
        }
    }

    private static ScheduleRow row(boolean paused) {
        return row(paused, "SKIP");
    }

    private static ScheduleRow row(boolean paused, String overlap) {
        return new ScheduleRow(
                ID,
                "nightly",
                new ScheduleTiming(ScheduleTiming.Form.CRON, "30 2 * * *", 0, 0, "Europe/Berlin", 0, 0, 0, 0),
                new ScheduleRow.Policies(overlap, "LATEST", 60_000, 0),
                new ScheduleRow.Work(
                        "report", "default", "", Map.of("team", "a"), 0, ByteString.copyFromUtf8("{\"n\":1}")),
                "ann",
                1_000,
                new ScheduleRow.Pause(paused, paused ? "bob" : null, null),
                new ScheduleRow.Plan(false, false, paused ? 0 : 9_000),
                new ScheduleRow.Runs(ID, 5_000, 3, 1),
                7);
    }

    @Test
    void aScheduleIsMadeInThePartitionOfItsName() throws Exception {
        JsonNode made = answer(
                201,
                door.http(
                        "POST",
                        SCHEDULES,
                        CRON
                                + ",\"timeZone\":\"Europe/Berlin\",\"jitterMs\":5000,\"overlap\":\"CANCEL_PREVIOUS\",\"missed\":\"ALL\","
                                + "\"missedAfterMs\":7000,\"cancelAfterMs\":9000,\"paused\":true,\"input\":{\"n\":1},\"queue\":\"q\","
                                + "\"metadata\":{\"team\":\"a\"},\"endAt\":\"2999-01-01T00:00:00+01:00\"}"));

        CommandRecord command = last();
        CreateSchedule create = command.getCreateSchedule();
        UUID id = Ids.fromBytes(create.getScheduleId());
        assertEquals(id.toString(), made.get("id").asText());
        assertEquals(Shards.of(OpenDoor.ALPHA, "nightly"), Shards.of(id));
        assertEquals("30 2 * * *", create.getTiming().getCron());
        assertEquals("Europe/Berlin", create.getTiming().getTimeZone());
        assertEquals(5_000, create.getTiming().getJitterMs());
        assertEquals(32_472_140_400_000L, create.getTiming().getEndMs());
        assertEquals(ScheduleOverlap.OVERLAP_CANCEL_PREVIOUS, create.getOverlap());
        assertEquals(ScheduleMissed.MISSED_ALL, create.getMissed());
        assertEquals(7_000, create.getMissedAfterMs());
        assertEquals(9_000, create.getCancelAfterMs());
        assertTrue(create.getPaused());
        assertEquals("ann", create.getRequestedBy());
        assertEquals("{\"n\":1}", create.getStart().getInput().toStringUtf8());
        assertEquals(Map.of("team", "a"), create.getStart().getMetadataMap());
    }

    @Test
    void aScheduleIsToBeDueOtherwise() throws Exception {
        JsonNode updated = answer(
                200,
                door.http(
                        "POST",
                        SCHEDULES + "/nightly/update",
                        "{\"everyMs\":60000,\"overlap\":\"ALLOW\",\"reason\":\"more often\"}"));

        assertEquals("{\"updated\":true}", updated.toString());
        UpdateSchedule update = last().getUpdateSchedule();
        assertEquals("nightly", update.getSchedule());
        assertEquals(60_000, update.getTiming().getEveryMs());
        assertEquals(ScheduleOverlap.OVERLAP_ALLOW, update.getOverlap());
        assertEquals(ScheduleMissed.MISSED_LATEST, update.getMissed());
        assertEquals("more often", last().getReason());
        assertTrue(refused("/nightly/update", "{}").contains("but got 0 of them"));
        assertTrue(refused("/nightly/update", "{\"cron\":\"30 25 * * *\"}").contains("(cron, position 4)"));
        assertTrue(
                refused("/nightly/update", "{\"everyMs\":60000,\"kind\":\"k\"}").contains("kind"));
    }

    @Test
    void whatIsNotSaidIsTheUsual() throws Exception {
        answer(201, door.http("POST", SCHEDULES, "{\"name\":\"n\",\"kind\":\"k\",\"everyMs\":60000}"));
        CreateSchedule create = last().getCreateSchedule();
        assertEquals(60_000, create.getTiming().getEveryMs());
        assertTrue(create.getTiming().getAnchorMs() > 0);
        assertEquals(ScheduleOverlap.OVERLAP_SKIP, create.getOverlap());
        assertEquals(ScheduleMissed.MISSED_LATEST, create.getMissed());
        assertEquals(60_000, create.getMissedAfterMs());
        assertEquals("default", create.getStart().getQueue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"name\":\"n\",\"kind\":\"k\"; expected one of cron, everyMs and at, which say when it is due, but got 0 of them",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":1000,\"at\":\"2999-01-01T00:00:00Z\"; but got 2 of them",
                "\"name\":\"n\",\"kind\":\"k\",\"cron\":\"30 25 * * *\"; expected hours of 0 to 23, but got 25 (cron, position 4)",
                "\"name\":\"n\",\"kind\":\"k\",\"cron\":\"0 0 31 2 *\"; but there never is such a day (cron, position 5)",
                "\"name\":\"n\",\"kind\":\"k\",\"cron\":\"0 0 * * *\",\"timeZone\":\"Europe/Belin\"; did you mean Europe/Berlin? (timeZone, position 10)",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":1000,\"timeZone\":\"UTC\"; expected no timeZone without cron",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":999; expected an interval of 1 s or more, but got 999 ms (every)",
                "\"name\":\"n\",\"kind\":\"k\",\"at\":\"2020-01-01T00:00:00Z\"; expected a time to come, but got 2020-01-01T00:00:00Z (at)",
                "\"name\":\"n\",\"kind\":\"k\",\"at\":\"tomorrow\"; as at, but got 'tomorrow'",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":1000,\"endAt\":\"2020-01-01T00:00:00Z\"; expected an end that is later than the start, but it is not (endAt)",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":1000,\"overlap\":\"QUEUE\"; expected SKIP or BUFFER_ONE or ALLOW or CANCEL_PREVIOUS as overlap, but got 'QUEUE'",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":1000,\"missed\":\"ONE\"; expected SKIP or LATEST or ALL as missed, but got 'ONE'",
                "\"name\":\"n\",\"kind\":\"k\",\"everyMs\":1000,\"jitterMs\":-1; expected 0 or more as jitterMs, but got -1",
                "\"kind\":\"k\",\"everyMs\":1000; expected a text as name, but it is empty",
                "\"name\":\"n\",\"everyMs\":1000; expected a text as kind, but it is empty"
            })
    void whatCannotBeIsRefusedAndNamed(String fields, String text) throws Exception {
        String message = refused("", "{" + fields + "}");
        assertTrue(message.contains(text), message);
        assertEquals(
                0,
                door.log.entries().stream()
                        .filter(entry -> entry.command().hasCreateSchedule())
                        .count());
    }

    @Test
    void actionsAreCommandsWithWhoAndWhy() throws Exception {
        String one = SCHEDULES + "/a%20b";
        known("a b", "a");
        assertTrue(answer(200, door.http("POST", one + "/pause", "{\"reason\":\"r\"}"))
                .get("paused")
                .asBoolean());
        assertEquals("a b", last().getPauseSchedule().getSchedule());
        assertEquals("r", last().getReason());
        assertTrue(answer(200, door.http("POST", one + "/resume", "{}"))
                .get("resumed")
                .asBoolean());
        assertEquals("ann", last().getResumeSchedule().getRequestedBy());
        assertTrue(answer(
                        202,
                        door.http(
                                "POST",
                                one + "/backfill",
                                "{\"from\":\"2026-01-01T00:00:00Z\",\"until\":\"2026-01-02T00:00:00Z\",\"parallel\":true}"))
                .get("begun")
                .asBoolean());
        assertTrue(last().getBackfillSchedule().getParallel());
        assertTrue(answer(200, door.http("POST", one + "/delete", "{}"))
                .get("deleted")
                .asBoolean());
        assertTrue(refused("/a/backfill", "{\"from\":\"2026-01-01T00:00:00Z\",\"until\":\"2999-01-02T00:00:00Z\"}")
                .startsWith("expected a range of time that is over"));
    }

    @Test
    void whatWasSeenIsPartOfTheCommand() throws Exception {
        String one = SCHEDULES + "/a";
        known("a");
        answer(200, door.http("POST", one + "/pause?version=7", "{}"));
        assertEquals(7, last().getPauseSchedule().getExpectedVersion());
        answer(200, door.http("POST", one + "/resume?version=8", "{}"));
        assertEquals(8, last().getResumeSchedule().getExpectedVersion());
        answer(200, door.http("POST", one + "/update?version=9", "{\"everyMs\":60000}"));
        assertEquals(9, last().getUpdateSchedule().getExpectedVersion());
        answer(
                202,
                door.http(
                        "POST",
                        one + "/backfill?version=10",
                        "{\"from\":\"2026-01-01T00:00:00Z\",\"until\":\"2026-01-02T00:00:00Z\"}"));
        assertEquals(10, last().getBackfillSchedule().getExpectedVersion());
        answer(200, door.http("POST", one + "/delete?version=11", "{}"));
        assertEquals(11, last().getDeleteSchedule().getExpectedVersion());
        answer(200, door.http("POST", one + "/pause", "{}"));
        assertFalse(last().getPauseSchedule().hasExpectedVersion());
        assertEquals(
                "expected a version, 0 or more, as version, but got 'seven'", refused("/a/pause?version=seven", "{}"));
    }

    @Test
    void aRangeIsBoundedByItsDueTimesAndMayBeStopped() throws Exception {
        known("a");
        String tooLong =
                refused("/a/backfill", "{\"from\":\"1990-01-01T00:00:00Z\",\"until\":\"2026-01-02T00:00:00Z\"}");
        assertEquals(
                "expected a range with at most 10000 due times, since each is a run, but 'a' has more: make up for it up to"
                        + " 2017-05-19T00:29:59.999Z first",
                tooLong);
        assertTrue(answer(
                        404,
                        door.http(
                                "POST",
                                SCHEDULES + "/other/backfill",
                                "{\"from\":\"2025-01-01T00:00:00Z\",\"until\":\"2026-01-02T00:00:00Z\"}"))
                .toString()
                .contains("the read model knows none of the name 'other'"));
        assertTrue(answer(200, door.http("POST", SCHEDULES + "/a/backfill/stop?version=7", "{\"reason\":\"r\"}"))
                .get("stopped")
                .asBoolean());
        assertEquals("a", last().getStopBackfill().getSchedule());
        assertEquals("r", last().getReason());
        assertEquals(7, last().getStopBackfill().getExpectedVersion());
    }

    private HttpResponse<String> as(String key, String path, String body) throws Exception {
        return door.send(door.request("POST", SCHEDULES + path, body).header("Authorization", "Bearer " + key));
    }

    @Test
    void whoMayNotCancelHasNoScheduleCancel() throws Exception {
        door.queries.schedules.put("nightly", row(false, "CANCEL_PREVIOUS"));
        door.queries.schedules.put("harmless", row(false));
        for (String key : List.of(OpenDoor.MEMBER_KEY, OpenDoor.WORKER_KEY)) {
            for (HttpResponse<String> response : List.of(
                    as(key, "", CRON + ",\"overlap\":\"CANCEL_PREVIOUS\"}"), as(key, "/nightly/trigger", "{}"))) {
                String text = answer(403, response).at("/error/message").asText();
                assertTrue(
                        text.startsWith("expected a key with the right CANCEL for a schedule whose overlap is"), text);
            }
            answer(201, as(key, "", CRON + ",\"overlap\":\"SKIP\"}"));
            triggered(answer -> answer.setBuffered(true));
            answer(200, as(key, "/harmless/trigger", "{}"));
            answer(404, as(key, "/not-known-yet/trigger", "{}"));
        }
        triggered(answer -> answer.setBuffered(true));
        answer(200, as(OpenDoor.USER_KEY, "/nightly/trigger", "{}"));
        answer(201, as(OpenDoor.USER_KEY, "", CRON + ",\"overlap\":\"CANCEL_PREVIOUS\"}"));
    }

    @Test
    void whereACancellationNeedsAnApprovalNobodyHasAScheduleCancel() throws Exception {
        ApprovalSettings approvals =
                new ApprovalSettings(Set.of(ApprovalAction.CANCEL), Duration.ofHours(1), CommandMacs.OFF);
        close();
        door = OpenDoor.open(
                AccessFile.parse(OpenDoor.TOML), new AuditSettings(false, false, TrustedProxies.NONE, approvals));
        door.queries.schedules.put("nightly", row(false, "CANCEL_PREVIOUS"));
        door.queries.schedules.put("harmless", row(false));
        String range = "{\"from\":\"2026-01-01T00:00:00Z\",\"until\":\"2026-01-02T00:00:00Z\"}";
        for (HttpResponse<String> response : List.of(
                as(OpenDoor.USER_KEY, "", CRON + ",\"overlap\":\"CANCEL_PREVIOUS\"}"),
                as(OpenDoor.USER_KEY, "/nightly/update", "{\"everyMs\":60000,\"overlap\":\"CANCEL_PREVIOUS\"}"),
                as(OpenDoor.USER_KEY, "/nightly/trigger", "{}"),
                as(OpenDoor.USER_KEY, "/nightly/backfill", range))) {
            assertTrue(response.body().contains("\"code\":\"FAILED_PRECONDITION\""), response.body());
            assertTrue(response.body().contains("approvals.required names CANCEL"), response.body());
        }
        triggered(answer -> answer.setBuffered(true));
        answer(200, as(OpenDoor.USER_KEY, "/harmless/trigger", "{}"));
    }

    @Test
    void whatCameOfATriggerIsTold() throws Exception {
        triggered(answer -> answer.setExecutionId(Ids.toByteString(ID)));
        JsonNode started = answer(201, door.http("POST", SCHEDULES + "/n/trigger", "{}"));
        assertEquals("STARTED", started.get("decision").asText());
        assertEquals(ID.toString(), started.get("workflowExecutionId").asText());
        triggered(answer -> answer.setBuffered(true));
        assertEquals(
                "BUFFERED",
                answer(200, door.http("POST", SCHEDULES + "/n/trigger", "{}"))
                        .get("decision")
                        .asText());
        triggered(answer -> {});
        assertEquals(
                "SKIPPED",
                answer(200, door.http("POST", SCHEDULES + "/n/trigger", "{}"))
                        .get("decision")
                        .asText());
    }

    @Test
    void whatIsGoneOrThereAlreadyOrNotKnownYetIsSaid() throws Exception {
        door.log.refuse(RefusalReason.NOT_FOUND, "expected a schedule");
        answer(404, door.http("POST", SCHEDULES + "/n/pause", "{}"));
        door.log.refuse(RefusalReason.ALREADY_EXISTS, "expected a name");
        answer(409, door.http("POST", SCHEDULES, CRON + "}"));
        door.log.refuse(RefusalReason.POISON, "expected a record");
        answer(501, door.http("POST", SCHEDULES + "/n/trigger", "{}"));
        answer(404, door.http("GET", SCHEDULES + "/n", null));
        answer(404, door.http("GET", SCHEDULES + "/n/runs", null));
    }

    @Test
    void schedulesAndTheirRunsAreShown() throws Exception {
        door.queries.schedules.put("nightly", row(false));
        door.queries.scheduleRuns = List.of(
                new ScheduleRun(
                        1_000, 1_001, "DUE", "STARTED", null, ID, Optional.of(ExecutionStatus.COMPLETED), 2_000),
                new ScheduleRun(3_000, 3_001, "DUE", "SKIPPED", "OVERLAP", null, Optional.empty(), 0));
        JsonNode one = answer(200, door.http("GET", SCHEDULES + "/nightly", null));
        assertEquals("ACTIVE", one.get("status").asText());
        assertEquals("1970-01-01T00:00:09Z", one.get("nextRunAt").asText());
        assertEquals("{\"n\":1}", one.get("input").toString());
        assertTrue(one.get("everyMs").isNull());
        JsonNode list = answer(200, door.http("GET", SCHEDULES + "?limit=5", null));
        assertEquals("nightly", list.at("/schedules/0/name").asText());
        JsonNode runs = answer(200, door.http("GET", SCHEDULES + "/nightly/runs", null));
        assertEquals("COMPLETED", runs.at("/runs/0/status").asText());
        assertEquals("OVERLAP", runs.at("/runs/1/skipReason").asText());
        door.queries.schedules.put("nightly", row(true));
        assertEquals(
                "PAUSED",
                answer(200, door.http("GET", SCHEDULES + "/nightly", null))
                        .get("status")
                        .asText());
    }
}
