package io.millrace.infra.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.SharedServer;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What operators do to end workflows, with a worker that hears of it and with one that does not, over HTTP. */
@ExtendWith(SharedServer.class)
class EndingTest {

    private static final String EXECUTIONS = "/api/orgs/dev/workflow-executions";
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

    private static TestServer server;
    private static WorkerClient client;

    @BeforeAll
    static void start(TestServer shared, WorkerClient connected) {
        server = shared;
        client = connected;
    }

    private static WorkerOptions options(WorkerStyle style, String queue) {
        return new WorkerOptions()
                .queue(queue)
                .name("worker of " + queue)
                .style(style)
                .workflow("tidy", (workflow, input) -> {
                    if (workflow.cancellationRequested().isPresent()) {
                        JsonNode undone = workflow.scheduleTask("undo", input).await();
                        throw new WorkflowCancelledException("undone " + undone.asText() + ", since "
                                + workflow.cancellationRequested().get());
                    }
                    return workflow.promise("never").await();
                })
                .workflow("deaf", (workflow, input) -> workflow.promise("never").await())
                .task("undo", (task, input) -> input);
    }

    private static String startedAndWaiting(String kind, String queue) {
        String id = HTTP.post(
                        server.http(EXECUTIONS),
                        "{\"kind\":\"" + kind + "\",\"queue\":\"" + queue + "\",\"input\":\"A-17\"}")
                .body()
                .path("id")
                .asText();
        Await.until("the promise", () -> types(id).contains("PROMISE_CREATED"));
        Await.until("it to wait", () -> shown(id).path("status").asText().equals("WAITING"));
        return id;
    }

    private static JsonNode shown(String id) {
        return HTTP.get(server.http(EXECUTIONS + "/" + id)).body();
    }

    private static List<String> types(String id) {
        List<String> types = new ArrayList<>();
        HTTP.get(server.http(EXECUTIONS + "/" + id + "/events"))
                .body()
                .path("events")
                .forEach(event -> types.add(event.path("eventType").asText()));
        return types;
    }

    private static TestHttp.Answer post(String id, String what, String body) {
        return HTTP.post(server.http(EXECUTIONS + "/" + id + "/" + what), body);
    }

    private static String ended(String id) {
        return HTTP.ended(server.http(EXECUTIONS + "/" + id)).path("status").asText();
    }

    @ParameterizedTest
    @EnumSource
    void aWorkerThatHearsOfTheRequestCleansUpAndEndsItInItsOwnWords(WorkerStyle style) {
        String queue = "tidy " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String id = startedAndWaiting("tidy", queue);

            TestHttp.Answer asked = post(id, "cancel", "{\"reason\":\"sold out\",\"forceAfterMs\":60000}");

            assertEquals(200, asked.status(), asked::toString);
            assertTrue(asked.body().path("requested").asBoolean(), asked::toString);
            assertFalse(asked.body().path("cancelled").asBoolean(), asked::toString);
            // Of the SDKs, those in Rust tell an end by cancellation as a failure.
            assertEquals(style == WorkerStyle.RUST ? "FAILED" : "CANCELLED", ended(id));
            assertTrue(shown(id).path("error").asText().contains("undone A-17, since sold out"));
            assertTrue(types(id).contains("TASK_COMPLETED"), "it did its cleaning up");
            assertTrue(shown(id).path("cancelledByForceAt").isNull());
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatDoesNotIsCancelledByForceWhenTheTimeIsOver(WorkerStyle style) {
        String queue = "deaf " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String id = startedAndWaiting("deaf", queue);
            assertTrue(post(id, "cancel", "{\"reason\":\"sold out\",\"forceAfterMs\":3600000}")
                    .body()
                    .path("requested")
                    .asBoolean());
            assertFalse(shown(id).path("cancelledByForceAt").isNull());
            Await.until(
                    "it to wait again", () -> shown(id).path("status").asText().equals("WAITING"));
            String why = HTTP.get(server.http(EXECUTIONS + "/" + id + "/why"))
                    .body()
                    .path("sentence")
                    .asText();
            assertTrue(why.contains(" It was asked to cancel, and is cancelled by force at "), why);

            post(id, "cancel", "{\"reason\":\"sold out\",\"forceAfterMs\":400}");

            assertEquals("CANCELLED", ended(id));
            assertEquals("sold out", shown(id).path("error").asText());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTerminatedOneIsOverAtOnceUnlessItHasChangedMeanwhile(WorkerStyle style) {
        String queue = "terminated " + style;
        try (Worker worker = new Worker(client, options(style, queue))) {
            String id = startedAndWaiting("tidy", queue);
            int seen = shown(id).path("historyLength").asInt();

            TestHttp.Answer late = post(id, "terminate?sequence=" + (seen - 1), "{\"reason\":\"runs wild\"}");
            assertEquals(412, late.status(), late::toString);
            assertTrue(
                    late.body().at("/error/message").asText().endsWith("it has changed meanwhile, so look at it again"),
                    late::toString);
            assertEquals(400, post(id, "terminate?sequence=none", "{}").status(), "what is no number is no sequence");
            assertEquals("WAITING", shown(id).path("status").asText());

            TestHttp.Answer now = post(id, "terminate?sequence=" + seen, "{\"reason\":\"runs wild\"}");

            assertEquals(200, now.status(), now::toString);
            assertTrue(now.body().path("terminated").asBoolean());
            assertEquals("Terminated: runs wild", shown(id).path("error").asText());
            assertFalse(types(id).contains("CANCELLATION_REQUESTED"), "nobody was asked");
            assertFalse(post(id, "terminate", "{}").body().path("terminated").asBoolean());
        }
    }
}
