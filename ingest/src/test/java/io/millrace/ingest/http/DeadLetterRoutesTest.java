package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ExecutionStatus;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What goes on no more by itself is told with the queries that find it. */
class DeadLetterRoutesTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final String DISMISS = "/api/orgs/alpha/task-executions/" + ID + "/dismiss";

    private static String dismiss(OpenDoor door, String body, int status) throws Exception {
        HttpResponse<String> response = door.http("POST", DISMISS, body);
        ApiDocument.check(response);
        assertEquals(status, response.statusCode(), response.body());
        return response.body();
    }

    private static TaskRow task(ExecutionStatus status, @Nullable Dismissal dismissal) {
        return new TaskRow(ID, null, "charge", "default", status, 3, 2, "w", "no money", 1, 2, 3, dismissal);
    }

    @Test
    void aDismissalIsANoteOfWhoHasLookedAtWhichAttempt() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            door.queries.taskPage =
                    Page.of(List.of(task(ExecutionStatus.FAILED, null)), row -> new Cursor(1, row.id()), false);

            assertEquals(
                    "{\"dismissed\":true,\"changed\":true}",
                    dismiss(door, "{\"reason\":\"ticket 4711\",\"attempt\":3}", 200));

            CommandRecord command = door.log.onlyCommand();
            assertEquals("ticket 4711", command.getReason());
            assertEquals("ann", command.getPrincipal().getId());
            assertEquals("dead_letter_dismissed", command.getRecordNote().getKind());
            assertEquals(ID, Ids.fromBytes(command.getRecordNote().getTaskId()));
            assertEquals(ID, Ids.fromBytes(command.getRecordNote().getExecutionId()));
            assertEquals(Map.of("attempt", "3"), command.getRecordNote().getDetailsMap());

            assertTrue(dismiss(door, "{\"reason\":\"ticket 4711\",\"attempt\":2}", 412)
                    .contains("expected " + ID + " as it was after attempt 2, but it is at attempt 3 by now"));
        }
    }

    @Test
    void whatIsNoDeadLetterIsNotDismissed() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            assertTrue(dismiss(door, "{}", 400).contains("expected a reason"));
            assertTrue(dismiss(door, "{\"reason\":\" \"}", 400).contains("expected a reason"));
            dismiss(door, "{\"reason\":\"x\"}", 404);

            door.queries.tasks.put(
                    new MemoryReads.Key(OpenDoor.ALPHA, ID),
                    new TaskDetail(task(ExecutionStatus.RUNNING, null), ByteString.EMPTY, ByteString.EMPTY, Map.of()));
            assertTrue(dismiss(door, "{\"reason\":\"x\"}", 409).contains(ID + " is RUNNING at attempt 3"));

            door.queries.tasks.put(
                    new MemoryReads.Key(OpenDoor.ALPHA, ID),
                    new TaskDetail(
                            task(ExecutionStatus.FAILED, new Dismissal("bob", "seen", 7)),
                            ByteString.EMPTY,
                            ByteString.EMPTY,
                            Map.of()));
            assertEquals("{\"dismissed\":true,\"changed\":false}", dismiss(door, "{\"reason\":\"x\"}", 200));

            HttpResponse<String> shown = door.http("GET", "/api/orgs/alpha/task-executions/" + ID, null);
            ApiDocument.check(shown);
            assertTrue(shown.body().contains("\"dismissal\":{\"by\":\"bob\",\"reason\":\"seen\","), shown.body());
        }
    }

    @Test
    void theAnswerNamesQueriesThatListsTake() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            door.queries.counts = new Counts(7, List.of());

            HttpResponse<String> response = door.http("GET", "/api/orgs/alpha/dead-letters", null);

            ApiDocument.check(response);
            assertEquals(200, response.statusCode(), response.body());
            JsonNode found = new ObjectMapper().readTree(response.body());
            assertEquals(7, found.get("workflows").get("total").asInt());
            assertEquals(7, found.get("tasks").get("total").asInt());
            assertTrue(Search.parse(
                            Subject.WORKFLOWS,
                            found.get("workflows").get("query").asText())
                    .written()
                    .contains("attempt > 1"));
            assertTrue(
                    Search.parse(Subject.TASKS, found.get("tasks").get("query").asText())
                            .written()
                            .contains("left = 0"));
        }
    }
}
