package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.ServerProcess;
import io.millrace.infra.system.SharedServer;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.worker.HistoryReplay;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.RecordedHistory;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkerStyle;
import io.millrace.infra.worker.WorkflowFunction;
import io.millrace.ingest.config.Access;
import io.millrace.proto.v1.AwaitEndResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workflows that continue as new, with workers in the way of each SDK, over HTTP, and over the death of a node. */
@ExtendWith(SharedServer.class)
class ContinueAsNewSystemTest {

    private static final String API = "/api/orgs/dev/";
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int RUNS = 6;

    private static TestServer server;
    private static WorkerClient client;

    @BeforeAll
    static void start(TestServer shared, WorkerClient connected) {
        server = shared;
        client = connected;
    }

    /** Adds a number in each of six runs, and then waits for somebody who says that it is enough. */
    private static final WorkflowFunction SUMS = (workflow, input) -> {
        int run = input.path("run").asInt(1);
        int sum = input.path("sum").asInt(0)
                + workflow.scheduleTask("add", JsonData.from(run)).await().asInt();
        workflow.setState("sum", JsonData.from(sum));
        if (run < RUNS) {
            return workflow.continueAsNew(JsonData.of("{\"run\":" + (run + 1) + ",\"sum\":" + sum + "}"));
        }
        return JsonData.from(List.of(sum, workflow.waitForSignal("enough").await()));
    };

    private static WorkerOptions options(WorkerStyle style, String queue) {
        return new WorkerOptions()
                .queue(queue)
                .name("worker of " + queue)
                .style(style)
                .workflow("sums", SUMS)
                .workflow(
                        "parent",
                        (workflow, input) ->
                                workflow.childWorkflow("c", "sums", input).await())
                .task("add", (task, input) -> input);
    }

    private static TestHttp.Answer post(String path, String body) {
        return HTTP.post(server.http(API + path), body);
    }

    private static JsonNode shown(String id) {
        return HTTP.get(server.http(API + "workflow-executions/" + id)).body();
    }

    private static JsonNode ended(String id) {
        return HTTP.get(server.http(API + "workflow-executions/" + id + "?wait=30s"))
                .body();
    }

    private static String started(String kind, String queue, String key) {
        return post(
                        "workflow-executions",
                        "{\"kind\":\"" + kind + "\",\"queue\":\"" + queue + "\",\"input\":{},\"idempotencyKey\":\""
                                + key + "\"}")
                .body()
                .path("id")
                .asText();
    }

    private static void enough(String id) {
        TestHttp.Answer answer =
                post("workflow-executions/" + id + "/signal", "{\"signalName\":\"enough\",\"signalValue\":\"Ada\"}");
        assertEquals(200, answer.status(), answer::toString);
    }

    /** @return all runs, the first one first */
    private static List<String> chain(String first) {
        List<String> runs = new ArrayList<>(List.of(first));
        for (JsonNode next = shown(first).path("resetTo");
                next.isTextual();
                next = shown(next.asText()).path("resetTo")) {
            runs.add(next.asText());
        }
        return runs;
    }

    @ParameterizedTest
    @EnumSource
    void aWorkflowGoesOnInSixRunsUnderOneKeyAndNothingThatWasSaidIsLost(WorkerStyle style) throws Exception {
        String queue = "sums " + style;
        String key = "key of " + queue;
        String first = started("sums", queue, key);
        enough(first); // no run takes it before the last one
        List<String> runs;
        try (Worker worker = new Worker(client, options(style, queue))) {
            AwaitEndResponse end = client.awaitWorkflow(first, LONG);
            assertEquals("COMPLETED", end.getStatus());
            assertEquals("[21,\"Ada\"]", end.getOutput().toStringUtf8());

            JsonNode waited = ended(first);
            assertEquals("CONTINUED_AS_NEW", waited.path("status").asText(), "a wait tells of the run that is named");
            runs = chain(first);
            assertEquals(RUNS, runs.size());
            String last = runs.getLast();
            assertEquals(runs.get(4), shown(last).path("resetFrom").asText());
            assertEquals("{\"run\":6,\"sum\":15}", shown(last).path("input").toString());
            assertEquals(last, started("sums", queue, key), "the key leads to the last run");
            for (String run : runs) {
                assertEquals(
                        run.equals(last) ? "COMPLETED" : "CONTINUED_AS_NEW",
                        shown(run).path("status").asText());
                assertTrue(shown(run).path("error").isNull());
            }
        }
        Await.until(
                "the outcomes on the log",
                () -> LogCommand.run(server, "history", first).out().contains("WORKFLOW_CONTINUED_AS_NEW"));
        LogCommand why = LogCommand.run(server, "why", first);
        assertTrue(why.out().contains("The workflow continued as new at "), why::all);
        assertTrue(why.out().contains(" It goes on as " + runs.get(1) + "."), why::all);
        // Its first run, and one that another run began, are replayed by the code as by its worker.
        for (String run : List.of(first, runs.get(2), runs.getLast())) {
            Await.until(
                    "its end on the log",
                    () -> LogCommand.run(server, "history", run)
                            .out()
                            .contains(run.equals(runs.getLast()) ? "WORKFLOW_COMPLETED" : "WORKFLOW_CONTINUED_AS_NEW"));
            LogCommand history = LogCommand.run(server, "history", run, "--sdk");
            HistoryReplay replay = new HistoryReplay(RecordedHistory.of(history.out()), style);
            assertEquals(Optional.empty(), replay.firstDifference(SUMS), history::all);
        }
        HistoryReplay other = new HistoryReplay(
                RecordedHistory.of(
                        LogCommand.run(server, "history", first, "--sdk").out()),
                style);
        assertTrue(other.firstDifference((workflow, input) -> {
                    workflow.scheduleTask("add", JsonData.from(1)).await();
                    return JsonData.from(1);
                })
                .isPresent());
        LogCommand verify = LogCommand.verify(server);
        assertTrue(verify.out().startsWith("the same: "), verify::all);
    }

    @ParameterizedTest
    @EnumSource
    void aParentGetsTheResultOfTheLastRun(WorkerStyle style) {
        String queue = "parent " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String parent = started("parent", queue, "key of " + queue);
            Await.until("the child", () -> !childOf(parent).isEmpty());
            String child = childOf(parent);
            Await.until(
                    "the last run",
                    () -> HTTP.get(server.http(API + "workflow-executions/" + child))
                                            .status()
                                    == 200
                            && chain(child).size() == RUNS);

            enough(child);

            assertEquals(
                    "[21,\"Ada\"]",
                    client.awaitWorkflow(parent, LONG).getOutput().toStringUtf8());
        }
    }

    private static String childOf(String parent) {
        JsonNode id = HTTP.get(server.http(API + "workflow-executions/" + parent + "/events"))
                .body()
                .path("events")
                .findValue("childExecutionId");
        return id == null ? "" : id.asText();
    }

    @Test
    void anOperatorLetsItGoOnAndWhatHasEndedIsRefused() {
        String id = started("nobody", "by hand", "key by hand");
        enough(id);
        TestHttp.Answer stale =
                post("workflow-executions/" + id + "/continue-as-new?sequence=1", "{\"reason\":\"too long\"}");
        assertEquals(412, stale.status(), stale::toString);
        TestHttp.Answer dry = post("workflow-executions/" + id + "/continue-as-new", "{\"dryRun\":true}");
        assertEquals(200, dry.status(), dry::toString);
        assertEquals("PENDING", shown(id).path("status").asText());

        TestHttp.Answer done = post(
                "workflow-executions/" + id + "/continue-as-new", "{\"input\":{\"page\":812},\"reason\":\"too long\"}");

        assertEquals(201, done.status(), done::toString);
        String run = done.body().path("id").asText();
        assertEquals("[]", done.body().path("again").toString());
        assertEquals("{\"page\":812}", shown(run).path("input").toString());
        assertEquals("CONTINUED_AS_NEW", shown(id).path("status").asText());
        JsonNode events = HTTP.get(server.http(API + "workflow-executions/" + run + "/events"))
                .body()
                .path("events");
        assertEquals("SIGNAL_RECEIVED", events.get(1).path("eventType").asText(), "no worker was shown it");
        assertEquals(
                409,
                post("workflow-executions/" + id + "/continue-as-new", "{}").status());
        post("workflow-executions/" + id + "/terminate", "{}"); // it reaches the run that goes on
        TestHttp.Answer late = post("workflow-executions/" + run + "/continue-as-new", "{}");
        assertEquals(409, late.status(), late::toString);
        assertTrue(late.body().toString().contains("expected an open workflow execution"), late::toString);
        assertEquals(
                404,
                post("workflow-executions/" + UUID.randomUUID() + "/continue-as-new", "{}")
                        .status());
    }

    /** How often each task began, by its input. */
    private static final Map<Integer, Integer> ADDED = new ConcurrentHashMap<>();

    /** It has no number of runs in mind: the server says when a history is long. */
    private static final WorkflowFunction UNTIL_LONG = (workflow, input) -> {
        int next = input.path("next").asInt(0);
        int sum = input.path("sum").asInt(0);
        int runs = input.path("runs").asInt(1);
        while (next < 40) {
            sum += workflow.scheduleTask("add", JsonData.from(next)).await().asInt();
            next++;
            if (workflow.continueAsNewSuggested()) {
                assertTrue(workflow.historyEvents() >= 12 && workflow.historyBytes() > 0);
                return workflow.continueAsNew(
                        JsonData.of("{\"next\":" + next + ",\"sum\":" + sum + ",\"runs\":" + (runs + 1) + "}"));
            }
        }
        return JsonData.from(List.of(sum, runs));
    };

    private static WorkerOptions untilLong() {
        return new WorkerOptions()
                .name("until long")
                .workflow("until long", UNTIL_LONG)
                .task("add", (task, input) -> {
                    ADDED.merge(input.asInt(), 1, Integer::sum);
                    return input;
                });
    }

    @Test
    void aNodeThatIsKilledInBetweenLosesNoRunAndTheServerSaysWhenAHistoryIsLong(@TempDir Path data) throws Exception {
        // What the worker could not report when the node died comes again when its lease ends: before the test gives
        // up.
        String[] settings = {
            "--set", "limits.continue_as_new_events=12",
            "--set", "dispatcher.commit_interval=2s",
            "--set", "leases.task=60s",
            "--set", "leases.workflow=60s",
        };
        String first;
        try (ServerProcess process = ServerProcess.start(data, settings);
                WorkerClient worker = new WorkerClient("127.0.0.1", process.grpcPort(), Access.DEV_WORKER_KEY);
                Worker running = new Worker(worker, untilLong())) {
            first = HTTP.post(
                            process.http(API + "workflow-executions"),
                            "{\"kind\":\"until long\",\"idempotencyKey\":\"until\",\"input\":{}}")
                    .body()
                    .path("id")
                    .asText();
            Await.until("some runs to be over", () -> ADDED.size() > 12);
            process.kill();
        }
        try (ServerProcess process = ServerProcess.start(data, settings);
                WorkerClient worker = new WorkerClient("127.0.0.1", process.grpcPort(), Access.DEV_WORKER_KEY);
                Worker running = new Worker(worker, untilLong())) {
            AwaitEndResponse end = worker.awaitWorkflow(first, LONG);

            assertEquals("COMPLETED", end.getStatus(), end::getError);
            JsonNode output = JsonData.of(end.getOutput().toStringUtf8());
            assertEquals(40 * 39 / 2, output.get(0).asInt(), "each number was added once");
            assertTrue(output.get(1).asInt() > 5, () -> "so many runs: " + output);
            int runs = 1;
            JsonNode run =
                    HTTP.get(process.http(API + "workflow-executions/" + first)).body();
            while (run.path("resetTo").isTextual()) {
                assertEquals("CONTINUED_AS_NEW", run.path("status").asText());
                assertFalse(run.path("historyLength").asInt() > 12 + 6, run::toString);
                run = HTTP.get(process.http(API + "workflow-executions/"
                                + run.path("resetTo").asText()))
                        .body();
                runs++;
            }
            assertEquals(output.get(1).asInt(), runs, "no run was lost, and none went on twice");
            int continued = runs - 1;
            Await.until(
                    "the read model to have them",
                    () -> HTTP.get(process.http(API + "workflow-executions?q=status%20%3D%20CONTINUED_AS_NEW"
                                            + "%20AND%20successor%20IS%20NOT%20NULL%20AND%20error%20IS%20NULL"))
                                    .body()
                                    .path("workflowExecutions")
                                    .size()
                            == continued);
            JsonNode people = HTTP.get(process.http(API + "workflow-executions/" + first + "/events?audience=people"))
                    .body()
                    .path("events");
            assertEquals(
                    "WORKFLOW_CONTINUED_AS_NEW",
                    people.get(people.size() - 1).path("eventType").asText(),
                    people::toString);
        }
    }
}
