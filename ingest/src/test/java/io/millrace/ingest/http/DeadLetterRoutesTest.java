package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.standin.OpenDoor;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes on no more by itself is told with the queries that find it. */
class DeadLetterRoutesTest {

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
