package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.AnnotateWorkflow;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people note about a workflow becomes a command, and is told with who noted it. */
class AnnotationRoutesTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final String PATH = "/api/orgs/alpha/workflow-executions/" + ID + "/annotations";

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    private String answer(int status, HttpResponse<String> response) {
        ApiDocument.check(response);
        assertEquals(status, response.statusCode(), response.body());
        return response.body();
    }

    @Test
    void aNoteIsACommandOfWhoNotesIt() throws Exception {
        answer(201, door.http("POST", PATH, "{\"text\":\"ticket 4711\"}"));

        AnnotateWorkflow command = door.log.onlyCommand().getAnnotateWorkflow();
        assertEquals(ID, Ids.fromBytes(command.getExecutionId()));
        assertEquals("ticket 4711", command.getText());
        assertEquals("ann", command.getRequestedBy());
    }

    @Test
    void notesAreToldAsTheyStand() throws Exception {
        door.queries.annotations.put(
                ID,
                ByteString.copyFromUtf8("[{\"text\":\"ticket 4711\",\"by\":\"ann\",\"at\":\"2026-11-30T12:00:00Z\"}]"));
        assertTrue(answer(200, door.http("GET", PATH, null)).contains("ticket 4711"));
        answer(404, door.http("GET", PATH.replace("8057", "8058"), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"text\":\" \"}", "{\"text\":\"two\\nlines\"}", "{\"note\":\"x\"}"})
    void whatIsNoLineIsRefused(String body) throws Exception {
        answer(400, door.http("POST", PATH, body));
        assertTrue(
                door.log.entries().stream().noneMatch(entry -> entry.command().hasAnnotateWorkflow()));
        answer(400, door.http("POST", PATH, "{\"text\":\"" + "x".repeat(1_001) + "\"}"));
    }
}
