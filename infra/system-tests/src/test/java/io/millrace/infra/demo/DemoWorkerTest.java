package io.millrace.infra.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import org.junit.jupiter.api.Test;

/** The walk through the README: with the demo's worker alone, everything can be done over HTTP. */
class DemoWorkerTest {

    private static final String API = "/api/orgs/dev/";

    @Test
    void withItWorkflowsAndTasksOfTheDefaultQueueRun() {
        try (TestServer server = TestServer.start();
                DemoWorker worker = new DemoWorker(
                        "127.0.0.1", server.node(TestServer.FIRST).grpcPort(), Access.DEV_WORKER_KEY);
                TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            String order = "{\"kind\":\"order\",\"input\":{\"order\":\"A-17\",\"items\":3}}";
            String signal = "{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}";
            String id =
                    post(http, server, "workflow-executions", order).get("id").textValue();
            post(http, server, "workflow-executions/" + id + "/signal", signal);
            Await.until(
                    "the promise to be resolved",
                    () -> http.post(server.http(API + "promises/" + id + ":delivery/resolve"), "{\"value\":true}")
                                    .status()
                            == 200);
            Await.until(
                    "the order to end",
                    () -> status(http, server, "workflow-executions/" + id).equals("COMPLETED"));

            String task = post(http, server, "task-executions", "{\"kind\":\"reserve\",\"input\":{\"items\":2}}")
                    .get("id")
                    .textValue();
            Await.until(
                    "the task to end",
                    () -> status(http, server, "task-executions/" + task).equals("COMPLETED"));
            assertEquals(
                    "{\"reserved\":2}",
                    http.get(server.http(API + "task-executions/" + task))
                            .body()
                            .get("output")
                            .toString());
        }
    }

    private static JsonNode post(TestHttp http, TestServer server, String path, String body) {
        return http.post(server.http(API + path), body).body();
    }

    private static String status(TestHttp http, TestServer server, String path) {
        return http.get(server.http(API + path)).body().get("status").textValue();
    }
}
