package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.queries.SavedQueryRow;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.SaveQuery;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A query that can be read gets a name by a command, and names are listed. */
class SavedQueryRoutesTest {

    private static final String PATH = "/api/orgs/alpha/saved-queries";

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
    void aQueryIsSavedInTheOnePartitionOfTheOrganisation() throws Exception {
        answer(
                200,
                door.http(
                        "POST",
                        PATH,
                        "{\"name\":\"late\",\"subject\":\"TASKS\",\"query\":\"left = 0\",\"about\":\"each morning\"}"));

        SaveQuery command = door.log.onlyCommand().getSaveQuery();
        assertEquals("late", command.getName());
        assertEquals("TASKS", command.getSubject());
        assertEquals("left = 0", command.getQuery());
        assertEquals("each morning", command.getAbout());
        assertEquals("ann", command.getRequestedBy());
        assertEquals(
                Shards.partition(Shards.of(OpenDoor.ALPHA, "saved-queries"), door.log.partitions()),
                door.log.entries().getLast().partition());
    }

    @Test
    void aNameIsTakenAway() throws Exception {
        answer(200, door.http("POST", PATH + "/a%20b/delete", null));
        assertEquals("a b", door.log.onlyCommand().getDeleteQuery().getName());
    }

    @Test
    void whatWasSeenIsPartOfTheCommand() throws Exception {
        answer(
                200,
                door.http(
                        "POST",
                        PATH + "?version=0",
                        "{\"name\":\"late\",\"subject\":\"TASKS\",\"query\":\"left = 0\"}"));
        assertTrue(door.log.entries().getLast().command().getSaveQuery().hasExpectedVersion());
        answer(200, door.http("POST", PATH + "/late/delete?version=7", null));
        assertEquals(7, door.log.entries().getLast().command().getDeleteQuery().getExpectedVersion());
    }

    @Test
    void namesAreListed() throws Exception {
        door.queries.savedQueries = List.of(new SavedQueryRow("late", "WORKFLOWS", "attempt > 1", "", "ann", 1_000, 7));
        String all = answer(200, door.http("GET", PATH, null));
        assertTrue(all.contains("\"name\":\"late\""), all);
        assertTrue(all.contains("\"about\":null"), all);
        assertTrue(all.contains("\"version\":7"), all);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'late','subject':'TASKS','query':'left = x'} | as left",
                "{'name':'late','subject':'QUEUES','query':'left = 0'} | expected WORKFLOWS or TASKS as subject",
                "{'name':'late','subject':'TASKS','query':' '} | expected a query that says something",
                "{'name':'','subject':'TASKS','query':'left = 0'} | name"
            })
    void whatCannotBeSavedIsTold(String body, String told) throws Exception {
        String answer = answer(400, door.http("POST", PATH, body.replace('\'', '"')));
        assertTrue(answer.contains(told), answer);
        assertTrue(
                door.log.entries().stream().noneMatch(entry -> entry.command().hasSaveQuery()));
    }
}
