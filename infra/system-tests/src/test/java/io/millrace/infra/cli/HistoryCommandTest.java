package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.EventRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a server did is told from its log, by commands that never ask it. */
class HistoryCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestServer server;
    private static String done;
    private static String held;

    @BeforeAll
    static void work() {
        server = TestServer.start();
        try (TestClient worker = server.worker();
                Outcomes outcomes = new Outcomes(server.kafka())) {
            done = worker.start("echo", "q");
            worker.complete(worker.poll("w", "q", 60).orElseThrow().getId(), "1");
            worker.complete(done, "2"); // late: nobody holds it any more
            held = worker.start("echo", "q");
            assertEquals(held, worker.poll("w", "q", 60).orElseThrow().getId());
            outcomes.await(
                    "the late submission",
                    outcome ->
                            outcome.getEventsList().stream().anyMatch(event -> is(event, done, "SUBMISSION_IGNORED")));
            outcomes.await(
                    "the claim",
                    outcome -> outcome.getEventsList().stream().anyMatch(event -> is(event, held, "WORK_CLAIMED")));
        }
    }

    private static boolean is(EventRecord event, String id, String type) {
        return event.getType().equals(type)
                && Ids.fromBytes(event.getExecutionId()).toString().equals(id);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void walksAnExecutionFromItsStartToWhatCameTooLate() {
        LogCommand history = LogCommand.run(server, "history", done);

        assertEquals(0, history.exit(), history::all);
        assertTrue(history.out().contains("  start_workflow, offset "), history::all);
        assertTrue(history.out().contains("   by worker "), history::all);
        assertTrue(history.out().contains("   WORKFLOW_STARTED {"), history::all);
        assertTrue(history.out().contains("   WORK_CLAIMED {"), history::all);
        assertTrue(history.out().contains(" → RUNNING, held by "), history::all);
        assertTrue(history.out().contains(" → COMPLETED"), history::all);
        assertTrue(history.out().contains("   SUBMISSION_IGNORED {"), history::all);
    }

    @Test
    void writesTheSameAsJsonInAVersionedForm() throws Exception {
        JsonNode tree =
                JSON.readTree(LogCommand.run(server, "history", done, "--json").out());

        assertEquals("millrace.history", tree.path("format").asText());
        assertEquals(1, tree.path("version").asInt());
        JsonNode first = tree.path("steps").path(0);
        assertEquals("start_workflow", first.path("command").path("name").asText());
        assertEquals(
                done, first.path("command").path("body").path("execution_id").asText());
        assertTrue(first.path("before").isNull());
        assertEquals("echo", first.path("after").path("kind").asText());
        assertEquals("ACCEPTED", first.path("decision").asText());
        assertEquals(
                "echo", first.path("events").path(0).path("data").path("kind").asText());
    }

    @Test
    void aFileOfItTellsTheSameWithoutAnyServerAndWhatWouldHaveHappenedOtherwise() throws Exception {
        try (TempFolder folder = new TempFolder()) {
            Path file = folder.path().resolve("history.json");
            Files.writeString(
                    file, LogCommand.run(server, "history", done, "--json").out());
            String path = file.toString();
            JsonNode steps = JSON.readTree(Files.readString(file)).path("steps");
            int submission = 1;
            while (!steps.path(submission - 1)
                    .path("command")
                    .path("name")
                    .asText()
                    .equals("submit_commands")) {
                submission++;
            }
            String number = String.valueOf(submission);

            assertEquals(
                    LogCommand.run(server, "history", done).out(),
                    LogCommand.run(List.of("import", path)).out());
            assertEquals(
                    LogCommand.run(server, "why", done).out(),
                    LogCommand.run(List.of("import", path, "--why")).out());
            LogCommand step = LogCommand.run(List.of("import", path, "--step", number));
            assertTrue(step.out().startsWith(number + "  "), step::all);
            assertTrue(step.out().contains("\n   status: COMPLETED\n"), step::all);
            LogCommand before =
                    LogCommand.run(List.of("import", path, "--step", String.valueOf(submission - 1), "--why"));
            assertTrue(before.out().startsWith("Worker "), before::all);
            LogCommand failed = LogCommand.run(
                    List.of(
                            "import",
                            path,
                            "--step",
                            number,
                            "--instead",
                            "{\"name\":\"submit_commands\",\"body\":{\"execution_id\":\"" + done
                                    + "\",\"status\":\"FAILED\",\"commands\":[{\"fail_workflow\":{\"error\":\"no stock\"}}]}}"));
            assertEquals(0, failed.exit(), failed::all);
            assertTrue(
                    failed.out().startsWith("step " + number + ", submit_commands:\n  - WORKFLOW_COMPLETED"),
                    failed::all);
            assertTrue(failed.out().contains("\n  + WORKFLOW_EXECUTION_FAILED {\"error\":\"no stock\""), failed::all);
            assertTrue(failed.out().contains("\n  + /execution/status: FAILED\n"), failed::all);
            assertTrue(failed.out().contains("The workflow failed at "), failed::all);
            LogCommand same = LogCommand.run(List.of(
                    "import",
                    path,
                    "--step",
                    number,
                    "--instead",
                    steps.path(submission - 1).path("command").toString()));
            assertEquals("nothing else would have happened\n", same.out(), same::all);
            LogCommand without = LogCommand.run(List.of("import", path, "--without"));
            assertEquals(2, without.exit(), without::all);
            assertTrue(without.err().startsWith("millrace: expected --step N"), without::all);
            LogCommand none = LogCommand.run(List.of("import", path + ".gone"));
            assertEquals(2, none.exit(), none::all);
            assertEquals("millrace: expected a file to read, but there is no " + path + ".gone\n", none.err());
            Files.writeString(file, "{\"format\":\"millrace.history\",\"version\":1");
            LogCommand cut = LogCommand.run(List.of("import", path));
            assertEquals(2, cut.exit(), cut::all);
            assertTrue(cut.err().contains("whole, but it is not JSON, or only a part of it"), cut::all);
        }
    }

    @Test
    void showsTheStateAsItWasAndWhatIsNotTheSameNow() throws Exception {
        JsonNode history =
                JSON.readTree(LogCommand.run(server, "history", done, "--json").out());
        JsonNode last = history.path("steps").path(history.path("steps").size() - 1);
        String moment =
                history.path("partition").asInt() + ":" + last.path("offset").asLong();

        LogCommand then = LogCommand.run(
                server,
                "replay",
                "--until",
                history.path("partition").asInt() + ":"
                        + (history.path("steps").path(0).path("offset").asLong() + 1),
                "--workflow",
                done);
        LogCommand queue = LogCommand.run(server, "replay", "--until", "now", "--queue", "q", "--json");
        LogCommand same = LogCommand.run(server, "replay", "--until", moment, "--all", "--diff", moment);
        LogCommand other = LogCommand.run(server, "replay", "--until", moment, "--workflow", done, "--diff", "now");

        assertTrue(then.out().contains("status PENDING") || then.out().contains("status RUNNING"), then::all);
        JsonNode lease = JSON.readTree(queue.out()).path("held").path(0);
        assertEquals(held, lease.path("id").asText(), queue::all);
        assertEquals("the same\n", same.out(), same::all);
        assertTrue(other.out().contains("+ /open/" + done + "/events: "), other::all);
    }

    /** Whoever looks into what was wrong then need not read what has come since. */
    @Test
    void tellsWhatItWouldHaveToldAtAMoment() throws Exception {
        JsonNode whole =
                JSON.readTree(LogCommand.run(server, "history", done, "--json").out());
        JsonNode submission = whole.path("steps")
                .valueStream()
                .filter(step -> step.path("command").path("name").asText().equals("submit_commands"))
                .findFirst()
                .orElseThrow();
        String until = whole.path("partition").asInt() + ":"
                + submission.path("offset").asLong();

        LogCommand history = LogCommand.run(server, "history", done, "--json", "--until", until);
        LogCommand why = LogCommand.run(server, "why", done, "--until", until);
        LogCommand now = LogCommand.run(server, "why", done, "--until", "now");

        assertEquals(0, history.exit(), history::all);
        JsonNode steps = JSON.readTree(history.out()).path("steps");
        assertEquals(submission.path("step").asInt() - 1, steps.size(), history::all);
        for (int i = 0; i < steps.size(); i++) {
            assertEquals(whole.path("steps").path(i), steps.path(i));
        }
        assertTrue(why.out().startsWith("Worker "), why::all);
        assertTrue(now.out().startsWith("The workflow completed at "), now::all);
        for (String command : new String[] {"history", "why"}) {
            LogCommand early = LogCommand.run(
                    server, command, done, "--until", whole.path("partition").asInt() + ":0");
            assertEquals(2, early.exit(), early::all);
            assertTrue(early.err().contains("but nothing in it before the moment is about " + done), early::all);
            LogCommand late = LogCommand.run(server, command, done, "--until", "2999-01-01T00:00:00Z");
            assertEquals(2, late.exit(), late::all);
            assertTrue(late.err().contains("2999-01-01T00:00:00Z is yet to come"), late::all);
            LogCommand never = LogCommand.run(server, command, done, "--until", "noon");
            assertEquals(2, never.exit(), never::all);
            assertTrue(never.err().contains("but got 'noon'"), never::all);
        }
    }

    @Test
    void saysWhyAnExecutionStandsWhereItDoes() {
        LogCommand running = LogCommand.run(server, "why", held);
        LogCommand ended = LogCommand.run(server, "why", done);

        assertTrue(running.out().startsWith("Worker "), running::all);
        assertTrue(running.out().contains(" has the workflow, until "), running::all);
        assertTrue(ended.out().startsWith("The workflow completed at "), ended::all);
    }

    @Test
    void withoutAKafkaItSaysThatItReadsOneAndWhatAsksAServer() {
        for (String command : new String[] {"history", "why"}) {
            LogCommand nowhere = LogCommand.run(List.of(command, done));
            assertEquals(2, nowhere.exit(), nowhere::all);
            assertTrue(nowhere.err().contains("it reads Kafka, which --data names"), nowhere::all);
            String online = "`millrace workflow " + (command.equals("why") ? "why" : "events") + " " + done + "`";
            assertTrue(nowhere.err().contains(online), nowhere::all);
        }
    }

    @Test
    void saysThatTheLogDoesNotKnowAnId() {
        for (String command : new String[] {"history", "why"}) {
            LogCommand unknown =
                    LogCommand.run(server, command, UUID.randomUUID().toString());
            assertEquals(2, unknown.exit(), unknown::all);
            assertTrue(
                    unknown.err().startsWith("millrace: expected an execution or a task that the log tells of"),
                    unknown::all);
        }
        LogCommand fromTheBeginningOfTime = LogCommand.run(server, "history", "00000000-0000-7000-8000-000000000000");
        assertEquals(2, fromTheBeginningOfTime.exit(), fromTheBeginningOfTime::all);
        assertTrue(fromTheBeginningOfTime.err().contains("but nothing in it is about 0"), fromTheBeginningOfTime::all);
        int partition = Shards.partition(UUID.fromString(done), 4);
        LogCommand early = LogCommand.run(server, "replay", "--until", partition + ":0", "--workflow", done);
        assertEquals(2, early.exit(), early::all);
        assertTrue(early.err().contains("but nothing in it before the moment is about " + done), early::all);
        for (String command : new String[] {"history", "why"}) {
            LogCommand none = LogCommand.run(server, command, "no-id");
            assertEquals(2, none.exit(), none::all);
            assertEquals(
                    "millrace: expected the id of an execution, a whole UUID, but got 'no-id'; `millrace " + command
                            + " --help` says what there is\n",
                    none.err());
            LogCommand organisation = LogCommand.run(server, command, Access.DEV_ORG.toString());
            assertEquals(2, organisation.exit(), organisation::all);
            assertTrue(
                    organisation.err().endsWith("but " + Access.DEV_ORG + " is the id of an organisation\n"),
                    organisation::all);
        }
        String neverStarted = UUID.randomUUID().toString();
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            http.post(server.http("/api/orgs/dev/workflow-executions/" + neverStarted + "/cancel"), "{}");
        }
        // The answer came before the commit.
        LogCommand refused = Await.found(
                "the refusal on the log",
                () -> Optional.of(LogCommand.run(server, "history", neverStarted))
                        .filter(history -> history.exit() == 0));
        assertTrue(refused.out().contains("   refused: "), refused::all);
        LogCommand both = LogCommand.run(server, "replay", "--until", "noon", "--all");
        assertEquals(2, both.exit(), both::all);
        assertTrue(both.err().contains("but got 'noon'"), both::all);
    }
}
