package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.AuditSettings;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.queries.BulkItem;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.BeginBulkJob;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.SteerBulkJob;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bulk job begins by a command, is steered by others, and is shown with what came of its items. */
class BulkRoutesTest {

    private static final String JOBS = "/api/orgs/alpha/bulk-jobs";
    private static final UUID JOB = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
        ReplyRecord.Builder reply = ReplyRecord.newBuilder();
        reply.getBulkJobBuilder().setChanged(true).setStatus("RUNNING");
        door.log.answer(reply);
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

    private CommandRecord last() {
        return door.log.entries().getLast().command();
    }

    @Test
    void aJobBeginsAsItWasAskedForInTheNameOfWhoAsked() throws Exception {
        door.queries.counts = new Counts(150, List.of());

        JsonNode begun = answer(
                201,
                door.http(
                        "POST",
                        JOBS,
                        "{\"action\":\"CANCEL\",\"query\":\"status = FAILED\",\"reason\":\"r\",\"rate\":7,\"forceAfterMs\":50}"));

        assertEquals(150, begun.get("expected").asInt());
        BeginBulkJob command = last().getBeginBulkJob();
        assertEquals(begun.get("id").asText(), Ids.fromBytes(command.getJobId()).toString());
        assertEquals("CANCEL", command.getAction());
        assertEquals("status = FAILED", command.getQuery());
        assertEquals(7, command.getRate());
        assertEquals(50, command.getForceAfterMs());
        assertEquals(150, command.getExpected());
        assertEquals("r", command.getReason());
        assertEquals("r", last().getReason());
        assertEquals("ann", command.getRequestedBy());
        assertEquals(last().getPrincipal().getRole(), command.getRole());
    }

    @Test
    void aResetSaysFromWhereEachGoesOn() throws Exception {
        String begin = "{\"action\":\"RESET\",\"query\":\"status = FAILED\",\"reason\":\"r\",";
        answer(201, door.http("POST", JOBS, begin + "\"toFirst\":\"TASK_COMPLETED\"}"));
        assertEquals(
                Map.of("point", "FIRST_OF_TYPE", "toFirst", "TASK_COMPLETED"),
                last().getBeginBulkJob().getHowMap());
        answer(201, door.http("POST", JOBS, begin + "\"toEvent\":3}"));
        assertEquals(
                Map.of("point", "SEQUENCE", "toEvent", "3"),
                last().getBeginBulkJob().getHowMap());
    }

    @Test
    void aKeyStandsForOneJobAlsoWhenThatHasEnded() throws Exception {
        door.queries.counts = new Counts(150, List.of());
        String begin = "{\"action\":\"RETRY\",\"query\":\"status = FAILED\",\"reason\":\"r\",\"idempotencyKey\":\"k\"}";
        stands(true, "RETRY", "status = FAILED");
        String id = answer(201, door.http("POST", JOBS, begin)).get("id").asText();
        stands(false, "RETRY", "status = FAILED");
        JsonNode again = answer(200, door.http("POST", JOBS, begin));
        assertEquals(id, again.get("id").asText(), "the engine has it still");
        assertEquals(id, Ids.fromBytes(last().getBeginBulkJob().getJobId()).toString());

        int before = door.log.entries().size();
        door.queries.bulkJobs.put(UUID.fromString(id), ended(UUID.fromString(id)));
        JsonNode late = answer(200, door.http("POST", JOBS, begin));
        assertEquals(id, late.get("id").asText());
        assertEquals(3, late.get("expected").asInt());
        assertEquals(before, door.log.entries().size(), "nothing is begun");
        String other = begin.replace("RETRY", "CANCEL");
        assertTrue(
                answer(409, door.http("POST", JOBS, other))
                        .toString()
                        .contains(
                                "expected a key of which no other bulk job was begun, but 'k' stands for one with the action RETRY"));
        stands(false, "CANCEL", "status = FAILED");
        answer(409, door.http("POST", JOBS, begin.replace("\"k\"", "\"other\"")));
    }

    private void stands(boolean changed, String action, String query) {
        ReplyRecord.Builder reply = ReplyRecord.newBuilder();
        reply.getBulkJobBuilder()
                .setChanged(changed)
                .setStatus("RUNNING")
                .setAction(action)
                .setQuery(query);
        door.log.answer(reply);
    }

    private static BulkJobRow ended(UUID id) {
        return new BulkJobRow(
                OpenDoor.ALPHA,
                id,
                "STOPPED",
                "bob",
                "look first",
                "RETRY",
                "status = FAILED",
                100,
                0,
                3,
                "the bank is back",
                "ann",
                "ADMIN",
                "key",
                1_000,
                2_000,
                1,
                1,
                0,
                "",
                0,
                Map.of(),
                3);
    }

    @Test
    void aDryRunSaysWhatItWouldBeAboutAndWritesNothing() throws Exception {
        door.queries.counts = new Counts(2, List.of());
        int before = door.log.entries().size();

        JsonNode answer = answer(
                200,
                door.http(
                        "POST",
                        JOBS,
                        "{\"action\":\"RETRY_TASKS\",\"query\":\"status = FAILED\",\"reason\":\"r\",\"dryRun\":true}"));

        assertTrue(answer.get("id").isNull());
        assertEquals(2, answer.get("expected").asInt());
        assertEquals(before, door.log.entries().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'action':'ERASE','query':'status = FAILED','reason':'r'} | one of CANCEL, TERMINATE",
                "{'action':'RESET','query':'status = FAILED','reason':'r'} | expected the last event that is kept",
                "{'action':'RESET','query':'status = FAILED','reason':'r','toEvent':-1} | 1 or more, as toEvent, but got -1",
                "{'action':'RESET','query':'status = FAILED','reason':'r','toFirst':'TASK_DONE'} | as toFirst, but got",
                "{'action':'RESET','query':'status = FAILED','reason':'r','toEvent':2,'toFirst':'TASK_FAILED'} | but got both",
                "{'action':'CANCEL','query':'status = FAILED','reason':'r','toEvent':2} | since only RESET has one",
                "{'action':'CANCEL','query':'status = LATE','reason':'r'} | at character 10",
                "{'action':'CANCEL','query':' ','reason':'r'} | but it is empty",
                "{'action':'CANCEL','query':'status = FAILED'} | expected a reason",
                "{'action':'CANCEL','query':'status = FAILED','reason':'r','rate':1001} | 1 to 1000 items in a second",
                "{'action':'PAUSE','query':'status = FAILED','reason':'r','forceAfterMs':5} | expected no forceAfterMs"
            })
    void whatCannotBeDoneIsToldBeforeAnythingIs(String body, String told) throws Exception {
        int before = door.log.entries().size();
        JsonNode answer = answer(400, door.http("POST", JOBS, body.replace('\'', '"')));
        assertTrue(answer.toString().contains(told), answer::toString);
        assertTrue(door.log.entries().stream()
                .skip(before)
                .noneMatch(entry -> entry.command().hasBeginBulkJob()));
    }

    @Test
    void aJobIsSteered() throws Exception {
        JsonNode stopped = answer(200, door.http("POST", JOBS + "/" + JOB + "/stop", "{\"reason\":\"look first\"}"));

        assertEquals("{\"changed\":true,\"status\":\"RUNNING\",\"version\":0}", stopped.toString());
        SteerBulkJob command = last().getSteerBulkJob();
        assertEquals(SteerBulkJob.Steering.STOP, command.getSteering());
        assertEquals(JOB, Ids.fromBytes(command.getJobId()));
        assertEquals("look first", last().getReason());
        assertFalse(command.hasExpectedVersion());
        answer(200, door.http("POST", JOBS + "/" + JOB + "/pause", "{}"));
        assertEquals(SteerBulkJob.Steering.PAUSE, last().getSteerBulkJob().getSteering());
        answer(200, door.http("POST", JOBS + "/" + JOB + "/resume", "{}"));
        assertEquals(SteerBulkJob.Steering.RESUME, last().getSteerBulkJob().getSteering());
    }

    @Test
    void whoSteersMayNameTheVersionThatWasSeen() throws Exception {
        String one = JOBS + "/" + JOB;
        answer(200, door.http("POST", one + "/pause?version=1", "{}"));
        assertEquals(1, last().getSteerBulkJob().getExpectedVersion());
        answer(
                200,
                door.send(door.request("POST", one + "/resume", "{}")
                        .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                        .header("If-Match", "\"2\"")));
        assertEquals(2, last().getSteerBulkJob().getExpectedVersion());
        assertTrue(answer(400, door.http("POST", one + "/stop?version=seven", "{}"))
                .toString()
                .contains("expected a version, 0 or more, as version"));
    }

    @Test
    void steeringNeedsAReasonWhereTheServerRequiresOne() throws Exception {
        door.close();
        AuditSettings usual = AuditSettings.USUAL;
        door = OpenDoor.open(AccessFile.parse(OpenDoor.TOML), new AuditSettings(usual.reads(), true, usual.proxies()));

        for (String steering : List.of("pause", "resume", "stop")) {
            JsonNode refused = answer(400, door.http("POST", JOBS + "/" + JOB + "/" + steering, "{}"));
            assertTrue(refused.toString().contains("expected a reason"), refused::toString);
            answer(200, door.http("POST", JOBS + "/" + JOB + "/" + steering, "{\"reason\":\"look first\"}"));
        }
    }

    @Test
    void jobsAndTheirItemsAreShown() throws Exception {
        door.queries.bulkJobs.put(JOB, ended(JOB));
        door.queries.bulkItems = List.of(
                new BulkItem(JOB, "DONE", null, JOB, 1_500),
                new BulkItem(JOB, "REFUSED", "expected more", null, 1_400));

        JsonNode jobs = answer(200, door.http("GET", JOBS, null)).get("bulkJobs");
        assertEquals(1, jobs.size());
        JsonNode job = answer(200, door.http("GET", JOBS + "/" + JOB, null));
        assertEquals(jobs.get(0), job);
        assertEquals("1970-01-01T00:00:02Z", job.get("endedAt").asText());
        assertEquals("look first", job.get("statusReason").asText());
        JsonNode items = answer(200, door.http("GET", JOBS + "/" + JOB + "/items?result=REFUSED", null))
                .get("items");
        assertEquals("expected more", items.get(0).get("text").asText());
        assertEquals(1, items.size());
        answer(404, door.http("GET", JOBS + "/" + UUID.randomUUID(), null));
        answer(400, door.http("GET", JOBS + "/" + JOB + "/items?result=LOST", null));
    }
}
