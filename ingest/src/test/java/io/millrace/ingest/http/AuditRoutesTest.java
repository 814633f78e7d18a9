package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.StatusRuntimeException;
import io.millrace.ingest.AuditSettings;
import io.millrace.ingest.audit.trail.Origin;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.auth.Network;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.operations.PayloadReads;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.TrailFilter;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who may read the trail, what it shows, and what the doors note for it. */
class AuditRoutesTest {

    private static final String AUDIT = "/api/orgs/alpha/audit";
    private static final UUID EXECUTION = new UUID(5, 5);
    private static final TrailEntry ENTRY = new TrailEntry(
            3,
            9,
            7,
            OpenDoor.ALPHA,
            new UUID(1, 1),
            1_000,
            2_000,
            Principal.newBuilder()
                    .setType(Principal.Type.USER)
                    .setId("ann")
                    .setRole("ADMIN")
                    .build(),
            new Origin("node-1", "10.0.0.1:5", "192.0.2.1"),
            null,
            "cancel_workflow",
            null,
            EXECUTION,
            List.of(new UUID(6, 6)),
            null,
            null,
            null,
            "too late",
            RefusalReason.NOT_FOUND,
            "expected one, but …",
            List.of("WORKFLOW_CANCELLED"),
            Map.of());

    @Test
    void showsEntriesAndWhereTheNextPartBegins() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            door.queries.trailPage = Page.of(List.of(ENTRY), entry -> new Cursor(2_000, new UUID(3, 9)), true);

            HttpResponse<String> response = door.http(
                    "GET",
                    AUDIT + "?principal=ann&execution=" + EXECUTION
                            + "&command=cancel_workflow&outcome=NOT_FOUND&queue=q"
                            + "&from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:03Z&limit=1",
                    null);

            JsonNode entry =
                    new ObjectMapper().readTree(response.body()).path("entries").get(0);
            assertEquals("3-9", entry.path("id").asText());
            assertEquals("192.0.2.1", entry.path("origin").path("client").asText());
            assertEquals("too late", entry.path("reason").asText());
            assertEquals("NOT_FOUND", entry.path("outcome").asText());
            assertTrue(response.body().contains("\"nextCursor\":\"2000_"), response.body());
            assertEquals(
                    new TrailFilter("ann", EXECUTION, "cancel_workflow", "NOT_FOUND", "q", 1_000L, 3_000L),
                    door.queries.lastFilter);
            assertEquals(OpenDoor.ALPHA, door.queries.lastOrg);
        }
    }

    @Test
    void showsTheNotesOnTheInstallationAndNothingElseThatConcernsNoOrganisation() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            assertEquals(
                    200,
                    door.http("GET", AUDIT + "?about=installation&from=1970-01-01T00:00:01Z", null)
                            .statusCode());

            assertEquals(TrailEntry.NOBODY, door.queries.lastOrg);
            assertEquals(new TrailFilter(null, null, "record_note", null, null, 1_000L, null), door.queries.lastFilter);
        }
    }

    @Test
    void isNotForEverybodyAndRefusesWhatItDoesNotKnow() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            for (String key : List.of(OpenDoor.MEMBER_KEY, OpenDoor.WORKER_KEY)) {
                assertEquals(
                        403,
                        door.send(door.request("GET", AUDIT, null).header("Authorization", "Bearer " + key))
                                .statusCode());
            }
            for (String query : List.of(
                    "from=yesterday",
                    "execution=1",
                    "scope=SERVER",
                    "queue=",
                    "who=ann",
                    "about=all",
                    "command=nope",
                    "outcome=nope",
                    "about=installation&command=begin_tenure")) {
                assertEquals(400, door.http("GET", AUDIT + "?" + query, null).statusCode(), query);
            }
        }
    }

    @Test
    void saysWhichCommandsAndOutcomesThereAre() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            String outcome = door.http("GET", AUDIT + "?outcome=nope", null).body();
            String command = door.http("GET", AUDIT + "?command=nope", null).body();

            assertTrue(
                    outcome.contains("expected one of DONE, ALREADY_CLOSED, UNCHANGED, INVALID_ARGUMENT, "), outcome);
            assertTrue(outcome.contains("UNIMPLEMENTED as outcome, but got 'nope'"), outcome);
            assertTrue(command.contains("expected one of start_workflow, "), command);
            for (String known :
                    List.of("command=plan_schedule", "command=body_not_set", "outcome=POISON", "outcome=UNCHANGED")) {
                assertEquals(200, door.http("GET", AUDIT + "?" + known, null).statusCode(), known);
            }
        }
    }

    private static OpenDoor door(AuditSettings audit) throws Exception {
        return OpenDoor.open(AccessFile.parse(OpenDoor.TOML), audit);
    }

    @Test
    void aCancellationSaysWhyWhereThatIsRequired() throws Exception {
        String task = "/api/orgs/alpha/workflow-executions/" + EXECUTION + "/cancel";
        try (OpenDoor door = door(new AuditSettings(false, true, TrustedProxies.NONE))) {
            door.log.answer(ReplyRecord.newBuilder()
                    .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(true)));

            assertEquals(400, door.http("POST", task, "{}").statusCode());
            assertEquals(400, door.http("POST", task, "{\"reason\":\" \"}").statusCode());
            assertEquals(
                    400,
                    door.http("POST", "/api/orgs/alpha/task-executions/" + EXECUTION + "/cancel", "{}")
                            .statusCode());
            assertEquals(
                    200, door.http("POST", task, "{\"reason\":\"wrong order\"}").statusCode());
            assertEquals("wrong order", door.log.onlyCommand().getReason());
        }
    }

    @Test
    void theClientThatATrustedProxyTellsOfStandsInTheLog() throws Exception {
        try (OpenDoor door =
                door(new AuditSettings(false, false, new TrustedProxies(List.of(Network.parse("127.0.0.0/8")))))) {
            door.send(door.request("POST", "/api/orgs/alpha/workflow-executions", "{}")
                    .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                    .header("X-Forwarded-For", "6.6.6.6")
                    .header("X-Forwarded-For", "192.0.2.7"));

            String origin = door.log.refusals().getFirst().getOrigin();
            assertTrue(origin.startsWith("node-1 192.0.2.7 via 127.0.0.1:"), origin);
            assertEquals("192.0.2.7", Origin.of(origin).client());
            assertTrue(Origin.of(origin).peer().startsWith("127.0.0.1:"), origin);
            assertEquals("node-1", Origin.of(origin).node());
        }
    }

    @Test
    void callsWithoutAKnownKeyAreNotedTogether() throws Exception {
        OpenDoor door = OpenDoor.open();
        try (door) {
            for (int i = 0; i < 3; i++) {
                assertEquals(401, door.send(door.request("GET", AUDIT, null)).statusCode());
            }
            assertEquals(List.of(), door.log.refusals());
        }
        CommandRecord noted = door.log.refusals().getFirst();
        assertEquals(1, door.log.refusals().size());
        assertEquals(3, noted.getRecordRefusal().getRequests());
        assertEquals("login", noted.getRecordRefusal().getMethod());
        assertTrue(noted.getRecordRefusal().getText().endsWith("3 from 127.0.0.1"), noted::toString);
    }

    @Test
    void whoReadsPayloadsIsNotedBeforeWhereThatIsWanted() throws Exception {
        String path = "/api/orgs/alpha/workflow-executions/" + EXECUTION + "/events";
        try (OpenDoor door = door(new AuditSettings(true, false, TrustedProxies.NONE))) {
            door.http("GET", path, null);

            List<CommandRecord> notes = door.log.entries().stream()
                    .map(entry -> entry.command())
                    .filter(CommandRecord::hasRecordNote)
                    .toList();
            assertEquals(1, notes.size());
            assertEquals(PayloadReads.KIND, notes.getFirst().getRecordNote().getKind());
            assertEquals("ann", notes.getFirst().getPrincipal().getId());
            assertEquals(
                    Map.of("request", "GET /api/orgs/{slug}/workflow-executions/{id}/events"),
                    notes.getFirst().getRecordNote().getDetailsMap());
        }
        try (OpenDoor door = OpenDoor.open()) {
            door.http("GET", path, null);
            assertFalse(door.log.entries().stream()
                    .anyMatch(entry -> entry.command().hasRecordNote()));
        }
    }

    @Test
    void workersAndListsAndSchedulesAndStatesAreNotedToo() throws Exception {
        String api = "/api/orgs/alpha/";
        try (OpenDoor door = door(new AuditSettings(true, false, TrustedProxies.NONE))) {
            for (String path : List.of(
                    "workflow-executions",
                    "task-executions",
                    "dead-letters",
                    "schedules/nightly",
                    "queues",
                    "schedules")) {
                door.http("GET", api + path, null);
            }
            door.send(door.request("GET", api + "workflow-executions/" + EXECUTION, null)
                    .header("Authorization", "Bearer " + OpenDoor.WORKER_KEY));
            assertThrows(
                    StatusRuntimeException.class,
                    () -> OpenDoor.with(TaskExecutionGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY)
                            .getState(GetStateRequest.newBuilder()
                                    .setTaskExecutionId(EXECUTION.toString())
                                    .setKey("k")
                                    .build()));

            assertEquals(
                    List.of(
                            "ann GET /api/orgs/{slug}/workflow-executions",
                            "ann GET /api/orgs/{slug}/task-executions",
                            "ann GET /api/orgs/{slug}/dead-letters",
                            "ann GET /api/orgs/{slug}/schedules/{schedule}",
                            "mill GET /api/orgs/{slug}/workflow-executions/{id}",
                            "ann flovyn.v1.TaskExecution/GetState"),
                    door.log.entries().stream()
                            .map(entry -> entry.command())
                            .filter(CommandRecord::hasRecordNote)
                            .map(note -> note.getPrincipal().getId() + " "
                                    + note.getRecordNote().getDetailsOrThrow("request"))
                            .toList());
        }
    }

    @Test
    void nothingIsGivenWhereTheNoteOfWhoReadsIsRefused() throws Exception {
        try (OpenDoor door = door(new AuditSettings(true, false, TrustedProxies.NONE))) {
            door.log.refuse(RefusalReason.POISON, "no such record");

            String answer = door.http("GET", "/api/orgs/alpha/workflow-executions/" + EXECUTION, null)
                    .body();

            assertTrue(answer.contains("\"code\":\"UNAVAILABLE\""), answer);
            assertTrue(answer.contains("as by rules before 3: no such record"), answer);
        }
    }
}
