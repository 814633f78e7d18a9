package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.standin.OpenDoor;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Queries as they come over HTTP. */
class SearchRoutesTest {

    private static final String WORKFLOWS = "/api/orgs/alpha/workflow-executions";
    private static final String TASKS = "/api/orgs/alpha/task-executions";
    private static final UUID ID = new UUID(1, 2);

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static JsonNode get(OpenDoor door, String path, int status) throws Exception {
        HttpResponse<String> response = door.http("GET", path, null);
        assertEquals(status, response.statusCode(), response.body());
        return new ObjectMapper().readTree(response.body());
    }

    @Test
    void listsAskWhatTheQuerySays() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            String query = "status = FAILED ORDER BY ended DESC";
            Cursor place = new Cursor("ended-desc", 7, ID);

            get(door, WORKFLOWS + "?q=" + encoded(query) + "&cursor=" + place.encode(), 200);
            ExecutionFilter workflows = (ExecutionFilter) door.queries.lastFilter;
            get(door, TASKS + "?q=" + encoded(query), 200);
            TaskFilter tasks = (TaskFilter) door.queries.lastFilter;

            assertEquals(Search.parse(Subject.WORKFLOWS, query), workflows.search());
            assertEquals(Search.parse(Subject.TASKS, query), tasks.search());
        }
    }

    @Test
    void anErrorNamesItsPlace() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            JsonNode answer = get(door, WORKFLOWS + "?q=" + encoded("status = DONE"), 400);

            assertEquals(9, answer.at("/error/position").asInt());
            assertEquals(4, answer.at("/error/length").asInt());
            assertTrue(answer.at("/error/message").asText().endsWith("but got 'DONE', at character 10 of the query"));
            assertTrue(ApiDocument.allows(ApiDocument.whole().at("/components/schemas/Error"), answer));
        }
    }

    @Test
    void aPlaceInAnotherOrderIsNone() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            String usual = new Cursor(7, ID).encode();
            String other = new Cursor("ended-desc", 7, ID).encode();

            get(door, WORKFLOWS + "?cursor=" + other, 400);
            get(door, WORKFLOWS + "?q=" + encoded("ORDER BY ended DESC") + "&cursor=" + usual, 400);
            get(door, WORKFLOWS + "?q=" + encoded("ORDER BY ended") + "&cursor=" + other, 400);
            get(door, WORKFLOWS + "?q=" + encoded("ORDER BY created DESC") + "&cursor=" + usual, 200);
        }
    }

    @Test
    void counts() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            door.queries.counts = new Counts(5, List.of(new Counts.Group("WAITING", 3), new Counts.Group("FAILED", 2)));

            JsonNode answer = get(door, WORKFLOWS + "/counts?q=" + encoded("ended IS NULL") + "&queue=fast", 200);

            assertEquals(
                    "{\"total\":5,\"by\":\"status\",\"groups\":[{\"value\":\"WAITING\",\"count\":3},"
                            + "{\"value\":\"FAILED\",\"count\":2}]}",
                    answer.toString());
            assertEquals("fast", ((ExecutionFilter) door.queries.lastFilter).queue());
            assertEquals(
                    "kind", get(door, TASKS + "/counts?by=kind", 200).get("by").asText());
            get(door, TASKS + "/counts?by=worker", 400);
            get(door, TASKS + "/counts?limit=1", 400);
        }
    }

    @Test
    void offersWordsOfTheLanguageAndValuesOfTheData() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            door.queries.values = List.of("order", "order two");

            JsonNode values = get(door, WORKFLOWS + "/completions?q=" + encoded("kind = ord AND") + "&at=10", 200);
            Object asked = door.queries.lastFilter;
            JsonNode words = get(door, TASKS + "/completions", 200);

            assertEquals(Grouping.KIND, asked);
            assertEquals(
                    List.of("order", "\"order two\""), values.get("completions").findValuesAsText("text"));
            assertEquals(
                    List.of(7, 10),
                    List.of(values.get("from").asInt(), values.get("to").asInt()));
            assertEquals(14, values.at("/fault/position").asInt());
            assertTrue(words.get("completions").findValuesAsText("text").contains("workflow"));
            assertTrue(words.get("fault").isNull());
        }
    }

    @Test
    void theLongestQueryComesThrough() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            String longest = "kind = '" + "é".repeat(2_043) + "'";

            get(door, WORKFLOWS + "?q=" + encoded(longest), 200);
            get(door, WORKFLOWS + "?q=" + encoded(longest + "   "), 400);
        }
    }
}
