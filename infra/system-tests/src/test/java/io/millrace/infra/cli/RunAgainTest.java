package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.SharedServer;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.TaskOptions;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkerStyle;
import io.millrace.ingest.config.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Workflows that go on in a new run. A worker in the way of each SDK carries on from the history that is kept. The log that comes of
 * it gives the same when it is carried out again.
 */
@ExtendWith(SharedServer.class)
class RunAgainTest {

    private static final String API = "/api/orgs/dev/";
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);
    private static final TaskOptions ONCE = TaskOptions.DEFAULT.withMaxRetries(0);

    /** How often each task was done, and each operation, by queue and name. */
    private static final Map<String, Integer> DONE = new ConcurrentHashMap<>();

    private static final Map<String, Boolean> MENDED = new ConcurrentHashMap<>();

    private static TestServer server;
    private static WorkerClient client;

    @BeforeAll
    static void start(TestServer shared, WorkerClient connected) {
        server = shared;
        client = connected;
    }

    private static void count(String queue, String name) {
        DONE.merge(queue + " " + name, 1, Integer::sum);
    }

    private static int done(String queue, String name) {
        return DONE.getOrDefault(queue + " " + name, 0);
    }

    private static WorkerOptions options(WorkerStyle style, String queue) {
        return new WorkerOptions()
                .queue(queue)
                .name("worker of " + queue)
                .style(style)
                .workflow("order", (workflow, input) -> {
                    JsonNode price = workflow.run("price", () -> {
                        count(queue, "price");
                        return JsonData.from(7);
                    });
                    workflow.setState("price", price);
                    JsonNode reserved = workflow.scheduleTask("reserve", input).await();
                    JsonNode approved = workflow.waitForSignal("approve").await();
                    JsonNode charged =
                            workflow.scheduleTask("charge", price, ONCE).await();
                    return JsonData.from(List.of(price, reserved, approved, charged, input));
                })
                .workflow(
                        "parent",
                        (workflow, input) -> JsonData.from("of "
                                + workflow.childWorkflow("c", "order", input)
                                        .await()
                                        .get(3)
                                        .asText()))
                .task("reserve", (task, input) -> {
                    count(queue, "reserve");
                    return JsonData.from("reserved");
                })
                .task("charge", (task, input) -> {
                    count(queue, "charge");
                    if (!MENDED.getOrDefault(queue, false)) {
                        throw new IllegalStateException("card refused");
                    }
                    return JsonData.from("charged");
                });
    }

    private static JsonNode post(String path, String body, int status) {
        TestHttp.Answer answer = HTTP.post(server.http(API + path), body);
        assertEquals(status, answer.status(), () -> answer.body().toString());
        return answer.body();
    }

    private static JsonNode shown(String id) {
        return HTTP.get(server.http(API + "workflow-executions/" + id)).body();
    }

    private static String ended(String id) {
        return HTTP.ended(server.http(API + "workflow-executions/" + id))
                .path("status")
                .asText();
    }

    private static List<String> types(String id) {
        List<String> types = new ArrayList<>();
        HTTP.get(server.http(API + "workflow-executions/" + id + "/events"))
                .body()
                .path("events")
                .forEach(event -> types.add(event.path("eventType").asText()));
        return types;
    }

    private static String started(String kind, String queue, String input) {
        return post(
                        "workflow-executions",
                        "{\"kind\":\"" + kind + "\",\"queue\":\"" + queue + "\",\"input\":" + input + "}",
                        201)
                .path("id")
                .asText();
    }

    private static void approved(String id) {
        post("workflow-executions/" + id + "/signal", "{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}", 200);
    }

    @ParameterizedTest
    @EnumSource
    void anUnchangedWorkerCarriesOnWhereItWasGoodAndOnlyWhatFailedIsDoneAgain(WorkerStyle style) {
        String queue = "retry " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String id = started("order", queue, "{\"items\":3}");
            approved(id);
            assertEquals("FAILED", ended(id));
            MENDED.put(queue, true);

            JsonNode dry = post("workflow-executions/" + id + "/retry", "{\"dryRun\":true}", 200);
            assertEquals(
                    "[{\"what\":\"task\",\"name\":\"charge\",\"times\":1}]",
                    dry.path("again").toString());
            assertTrue(dry.path("id").isNull());
            JsonNode answer = post("workflow-executions/" + id + "/retry", "{\"reason\":\"card was mended\"}", 201);

            String run = answer.path("id").asText();
            assertEquals("COMPLETED", ended(run));
            assertEquals(
                    "[7,\"reserved\",\"Ada\",\"charged\",{\"items\":3}]",
                    shown(run).path("output").toString());
            assertEquals(
                    List.of(1, 1, 2), List.of(done(queue, "price"), done(queue, "reserve"), done(queue, "charge")));
            assertEquals(run.substring(19), id.substring(19), "the seed of random numbers is the same");
            assertNotEquals(run, id);
            assertEquals(id, shown(run).path("resetFrom").asText());
            assertEquals(run, shown(id).path("resetTo").asText());
            assertEquals("FAILED", shown(id).path("status").asText());
            JsonNode refused = post("workflow-executions/" + id + "/retry", "{}", 409);
            assertTrue(refused.at("/error/message").asText().contains("goes on as " + run), refused::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWorkflowThatIsResetToAnEventDoesTheRestAgainAndTheEarlierRunIsClosed(WorkerStyle style) {
        String queue = "reset " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            MENDED.put(queue, true);
            String id = started("order", queue, "1");
            Await.until(
                    "it to wait for the signal",
                    () -> types(id).contains("TASK_COMPLETED")
                            && shown(id).path("status").asText().equals("WAITING"));
            int reserved = types(id).indexOf("TASK_SCHEDULED"); // as an index, one less than its number
            TestHttp.Answer stale = HTTP.post(
                    server.http(API + "workflow-executions/" + id + "/reset?sequence=1"),
                    "{\"toEvent\":" + reserved + "}");
            assertEquals(412, stale.status(), stale::toString);
            post("workflow-executions/" + id + "/reset", "{\"toEvent\":99}", 409);

            JsonNode answer = post(
                    "workflow-executions/" + id + "/reset",
                    "{\"toEvent\":" + reserved + ",\"reason\":\"wrong shelf\"}",
                    201);

            String run = answer.path("id").asText();
            assertEquals(
                    "[{\"what\":\"task\",\"name\":\"reserve\",\"times\":1}]",
                    answer.path("again").toString());
            assertEquals("CANCELLED", shown(id).path("status").asText());
            assertEquals(
                    "Reset: it goes on as " + run + ": wrong shelf",
                    shown(id).path("error").asText());
            approved(id); // who knows the earlier run only reaches the new one
            assertEquals("COMPLETED", ended(run));
            assertEquals(List.of(1, 2), List.of(done(queue, "price"), done(queue, "reserve")));

            String other = post("workflow-executions/" + run + "/restart", "{\"input\":{\"n\":2}}", 201)
                    .path("id")
                    .asText();
            approved(other);
            assertEquals("COMPLETED", ended(other));
            assertEquals("{\"n\":2}", shown(other).path("output").get(4).toString());
            assertEquals(2, done(queue, "price"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aChildThatFailedIsRetriedWithItsParent(WorkerStyle style) {
        String queue = "family " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String parent = started("parent", queue, "1");
            Await.until("the child", () -> types(parent).contains("CHILD_WORKFLOW_INITIATED"));
            JsonNode events = HTTP.get(server.http(API + "workflow-executions/" + parent + "/events"))
                    .body()
                    .path("events");
            String child = events.findValue("childExecutionId").asText();
            Await.until(
                    "the child to be there",
                    () -> HTTP.get(server.http(API + "workflow-executions/" + child))
                                    .status()
                            == 200);
            approved(child);
            assertEquals("FAILED", ended(parent));
            MENDED.put(queue, true);

            String run = post("workflow-executions/" + parent + "/retry", "{}", 201)
                    .path("id")
                    .asText();

            assertEquals("COMPLETED", ended(run));
            assertEquals("\"of charged\"", shown(run).path("output").toString());
            assertEquals(
                    List.of(1, 1, 2), List.of(done(queue, "price"), done(queue, "reserve"), done(queue, "charge")));
            assertFalse(shown(child).path("resetTo").isNull());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatFailedIsTriedAgainAndTheLogThatCameOfAllThisGivesTheSameOnceMore(WorkerStyle style) {
        String queue = "task " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String id = post("task-executions", "{\"kind\":\"charge\",\"queue\":\"" + queue + "\"}", 201)
                    .path("id")
                    .asText();
            Await.until(
                    "it to fail",
                    () -> HTTP.get(server.http(API + "task-executions/" + id))
                            .body()
                            .path("status")
                            .asText()
                            .equals("FAILED"));
            MENDED.put(queue, true);
            assertTrue(post("task-executions/" + id + "/retry", "{\"reason\":\"mended\"}", 200)
                    .path("retried")
                    .asBoolean());
            assertEquals(
                    "COMPLETED",
                    HTTP.ended(server.http(API + "task-executions/" + id))
                            .path("status")
                            .asText());
            assertEquals(5, done(queue, "charge"), "its four attempts, and the one that it got back");
        }
        LogCommand verify = LogCommand.verify(server);
        assertTrue(verify.out().startsWith("the same: "), verify::all);
    }

    @ParameterizedTest
    @EnumSource
    void theLogAloneTellsWhoHadItGoOnAndWhy(WorkerStyle style) {
        String queue = "told " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String id = started("order", queue, "1");
            approved(id);
            assertEquals("FAILED", ended(id));
            String run = post("workflow-executions/" + id + "/retry", "{\"reason\":\"ticket 4711\"}", 201)
                    .path("id")
                    .asText();
            Await.until(
                    "the outcomes on the log",
                    () -> LogCommand.run(server, "history", id).out().contains("WORKFLOW_RESET"));

            LogCommand history = LogCommand.run(server, "history", id);
            assertTrue(history.out().contains("ticket 4711"), history::all);
            assertTrue(history.out().contains(run), history::all);
            LogCommand why = LogCommand.run(server, "why", id);
            assertTrue(why.out().contains(" It goes on as " + run + "."), why::all);
        }
    }
}
