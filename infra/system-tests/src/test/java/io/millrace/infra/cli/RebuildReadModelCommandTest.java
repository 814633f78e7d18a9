package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.server.StartException;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.readmodel.RebuildRefusedException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RebuildReadModelCommandTest {

    private final StringWriter out = new StringWriter();
    private Exception failure;

    @Test
    void besideTheOldOneWhileANodeRunsAndInPlaceWhenItIsStopped() throws Exception {
        try (TempFolder folder = new TempFolder();
                TestServer server = TestServer.start(Map.of(), true)) {
            try (TestClient client = server.user();
                    TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
                client.start("echo", "rebuild");
                Await.until(
                        "the execution to be listed",
                        () -> http.get(server.http("/api/orgs/dev/workflow-executions?queue=rebuild"))
                                .body()
                                .path("workflowExecutions")
                                .has(0));
            }
            Path file = NodeFile.write(
                    folder.path(),
                    server.kafka(),
                    Map.of(
                            "commands.mac.key_file",
                                    TestKeys.in(server.folder()).toString(),
                            "postgres.password", server.database().password(),
                            "postgres.url", server.database().url(),
                            "postgres.user", server.database().user()));
            List<String> args = List.of("--config", file.toString(), "--reason", "lists looked wrong");

            List<String> inPlace =
                    Stream.concat(args.stream(), Stream.of("--in-place")).toList();

            assertEquals(1, run(inPlace));
            assertTrue(failure instanceof RebuildRefusedException, String.valueOf(failure));

            assertEquals(1, server.sql("UPDATE workflow_executions SET kind = 'forged'"));
            assertEquals(0, run(args), () -> String.valueOf(failure));
            try (TestClient client = server.user();
                    TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
                String list = "/api/orgs/dev/workflow-executions?queue=rebuild&kind=";
                assertEquals(
                        1,
                        http.get(server.http(list + "echo"))
                                .body()
                                .path("workflowExecutions")
                                .size(),
                        "what the log says is listed as soon as the command has ended");
                client.start("later", "rebuild");
                Await.until(
                        "what came later to be listed",
                        () -> http.get(server.http(list + "later"))
                                .body()
                                .path("workflowExecutions")
                                .has(0));
            }

            server.stopNode(TestServer.FIRST);
            assertEquals(0, run(inPlace), () -> String.valueOf(failure));
            try (Outcomes outcomes = new Outcomes(server.kafka());
                    TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
                server.restartNode(TestServer.FIRST);
                Predicate<JsonNode> rebuild =
                        entry -> entry.path("request").asText().equals("read_model_rebuild");
                outcomes.await(
                        "the note", outcome -> outcome.getPrincipal().getId().equals("operator"));
                JsonNode note = Await.found(
                        "the note in the trail",
                        () -> StreamSupport.stream(
                                        http.get(server.http("/api/orgs/dev/audit?about=installation"))
                                                .body()
                                                .path("entries")
                                                .spliterator(),
                                        false)
                                .filter(rebuild)
                                .findFirst());
                assertEquals("lists looked wrong", note.path("reason").asText());
                assertEquals("DONE", note.path("outcome").asText());
                assertEquals(
                        System.getProperty("user.name"),
                        note.path("details").path("user").asText());
                assertEquals(
                        2,
                        outcomes.all(outcome -> outcome.getPrincipal().getId().equals("operator"))
                                .size(),
                        "what was refused is not noted");
            }
            assertTrue(
                    out.toString().matches("(?s).*rebuilt the read model: [1-9][0-9,]* events in [0-9.]+ s\\n"),
                    out::toString);
        }
    }

    @Test
    void asksForAReason() {
        assertEquals(2, run(List.of("--set", "kafka.bootstrap_servers=127.0.0.1:1")));
        assertEquals(2, run(List.of("--reason", " ", "--set", "kafka.bootstrap_servers=127.0.0.1:1")));
    }

    @Test
    void saysThatThereIsNoDatabase() {
        assertEquals(1, run(List.of("--reason", "r", "--set", "kafka.bootstrap_servers=127.0.0.1:1")));
        assertEquals("expected postgres.url to name a database, but it is not set", failure.getMessage());
    }

    @Test
    void saysThatThereIsNoSuchFolder() throws Exception {
        try (TempFolder folder = new TempFolder()) {
            Path missing = folder.path().resolve("missing");
            assertEquals(1, run(List.of("--reason", "r", "--data", missing.toString())));
            assertTrue(failure instanceof StartException, String.valueOf(failure));
            assertTrue(failure.getMessage().contains("no such folder"), failure::getMessage);
        }
    }

    private int run(List<String> args) {
        return new CommandLine(new RebuildReadModelCommand())
                .setOut(new PrintWriter(out, true))
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    failure = thrown;
                    return 1;
                })
                .execute(args.toArray(String[]::new));
    }
}
