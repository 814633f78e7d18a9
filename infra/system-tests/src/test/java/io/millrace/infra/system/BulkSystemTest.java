package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bulk jobs over all layers, and over a kill of the server. */
class BulkSystemTest {

    private static final int MANY = 150;
    private static final String ORG = "/api/orgs/dev";
    private static final String[] SETTINGS = {"--set", "leases.bulk_job=2s", "--set", "topics.partitions=2"};

    private final TestHttp http = new TestHttp(Access.DEV_USER_KEY);

    private JsonNode get(ServerProcess server, String path) {
        TestHttp.Answer answer = http.get(server.http(ORG + path));
        assertEquals(200, answer.status(), () -> path + ": " + answer.body());
        return answer.body();
    }

    private JsonNode post(ServerProcess server, String path, String json, int status) {
        TestHttp.Answer answer = http.post(server.http(ORG + path), json);
        assertEquals(status, answer.status(), () -> path + ": " + answer.body());
        return answer.body();
    }

    private String begin(ServerProcess server, String action, String query, int rate) {
        return post(
                        server,
                        "/bulk-jobs",
                        "{\"action\":\"%s\",\"query\":\"%s\",\"reason\":\"ticket 4711\",\"rate\":%d}"
                                .formatted(action, query, rate),
                        201)
                .get("id")
                .asText();
    }

    private JsonNode awaitStatus(ServerProcess server, String job, String status) {
        Await.until("the job to be " + status, () -> {
            TestHttp.Answer answer = http.get(server.http(ORG + "/bulk-jobs/" + job));
            return answer.status() == 200
                    && answer.body().get("status").asText().equals(status);
        });
        return get(server, "/bulk-jobs/" + job);
    }

    private static void awaitReady(TestHttp http, ServerProcess server) {
        Await.until(
                "the read model to answer",
                () -> http.get(server.http(ORG + "/bulk-jobs")).status() == 200);
    }

    private static int through(JsonNode job) {
        return job.get("done").asInt()
                + job.get("refused").asInt()
                + job.get("skipped").asInt();
    }

    @Test
    void eachItemIsDoneOnceAlthoughTheServerIsKilledAmidAJob(@TempDir Path data) {
        String job;
        try (ServerProcess server = ServerProcess.start(data, SETTINGS)) {
            awaitReady(http, server);
            for (int i = 0; i < MANY; i++) {
                post(server, "/workflow-executions", "{\"kind\":\"nobody\"}", 201);
            }
            Await.until("the read model to have all", () -> matches(server) == MANY);
            String wrong = begin(server, "RETRY", "kind = nobody AND created > -1d", 1_000);
            JsonNode refused = awaitStatus(server, wrong, "COMPLETED");
            assertEquals(MANY, refused.get("refused").asInt(), refused::toString);
            awaitItems(server, wrong, MANY);
            String text = get(server, "/bulk-jobs/" + wrong + "/items?limit=1")
                    .get("items")
                    .get(0)
                    .get("text")
                    .asText();
            assertTrue(text.contains("expected a workflow execution that is FAILED or CANCELLED"), text);

            // All of them can be paused, and what is paused is found again: whoever asks twice would be seen to.
            job = begin(server, "PAUSE", "status = PENDING AND kind = nobody", 40);
            Await.until("some to be paused, and not all", () -> {
                TestHttp.Answer answer = http.get(server.http(ORG + "/bulk-jobs/" + job));
                return answer.status() == 200 && through(answer.body()) >= 40;
            });
            server.kill();
        }
        try (ServerProcess server = ServerProcess.start(data, SETTINGS)) {
            awaitReady(http, server);
            JsonNode ended = awaitStatus(server, job, "COMPLETED");

            assertEquals(MANY, ended.get("done").asInt(), ended::toString);
            assertEquals(MANY, through(ended), ended::toString);
            awaitItems(server, job, MANY);
            Set<String> items = new HashSet<>();
            for (JsonNode item :
                    get(server, "/bulk-jobs/" + job + "/items?limit=500").get("items")) {
                assertEquals("DONE", item.get("result").asText(), item::toString);
                assertTrue(items.add(item.get("id").asText()), item::toString);
            }
            assertEquals(MANY, items.size());
            Map<String, Integer> asked = new HashMap<>();
            for (JsonNode entry :
                    get(server, "/audit?command=pause_workflow&limit=500").get("entries")) {
                assertEquals("ticket 4711", entry.get("reason").asText(), entry::toString);
                assertEquals("DONE", entry.get("outcome").asText(), entry::toString);
                asked.merge(entry.get("executionId").asText(), 1, Integer::sum);
            }
            assertEquals(items, asked.keySet());
            assertTrue(asked.values().stream().allMatch(times -> times == 1), asked::toString);
            isSteered(server);
            leavesSuccessorsAlone(server);
        }
    }

    private int matches(ServerProcess server) {
        return post(
                        server,
                        "/bulk-jobs",
                        "{\"action\":\"PAUSE\",\"query\":\"kind = nobody\",\"reason\":\"look\",\"dryRun\":true}",
                        200)
                .get("expected")
                .asInt();
    }

    /** It rests where it is told to, goes on from there, and stops before it is through. */
    private void isSteered(ServerProcess server) {
        String job = begin(server, "RESUME", "kind = nobody", 5);
        Await.until("it to begin", () -> {
            TestHttp.Answer answer = http.get(server.http(ORG + "/bulk-jobs/" + job));
            return answer.status() == 200 && through(answer.body()) > 0;
        });
        post(server, "/bulk-jobs/" + job + "/pause", "{}", 200);
        awaitStatus(server, job, "PAUSED");
        post(server, "/bulk-jobs/" + job + "/resume", "{}", 200);
        int before = through(get(server, "/bulk-jobs/" + job));
        Await.until("it to go on", () -> through(get(server, "/bulk-jobs/" + job)) > before);
        post(server, "/bulk-jobs/" + job + "/stop", "{\"reason\":\"look first\"}", 200);
        JsonNode stopped = awaitStatus(server, job, "STOPPED");
        assertTrue(through(stopped) < MANY, stopped::toString);
        assertEquals("look first", stopped.get("statusReason").asText());
        assertEquals(0, stopped.get("refused").asInt(), stopped::toString);
        awaitItems(server, job, through(stopped));
    }

    /** A run that goes on in a new one is refused, and the new one, which the query does not find, goes on. */
    private void leavesSuccessorsAlone(ServerProcess server) {
        String id = post(server, "/workflow-executions", "{\"kind\":\"twice\"}", 201)
                .get("id")
                .asText();
        post(server, "/workflow-executions/" + id + "/restart", "{\"reason\":\"new version\"}", 201);
        Await.until(
                "the read model to have both runs",
                () -> get(server, "/workflow-executions?kind=twice")
                                .get("workflowExecutions")
                                .size()
                        == 2);

        JsonNode ended = awaitStatus(
                server, begin(server, "TERMINATE", "kind = twice AND status = CANCELLED", 1_000), "COMPLETED");

        assertEquals(1, ended.get("refused").asInt(), ended::toString);
        awaitItems(server, ended.get("id").asText(), 1);
        JsonNode item = get(server, "/bulk-jobs/" + ended.get("id").asText() + "/items")
                .get("items")
                .get(0);
        String successor =
                get(server, "/workflow-executions/" + id).get("resetTo").asText();
        assertTrue(item.get("text").asText().contains(id + " goes on as " + successor), item::toString);
        assertEquals(
                "PENDING",
                get(server, "/workflow-executions/" + successor).get("status").asText());
    }

    /** They stand in other partitions than the job, and so may come later. */
    private void awaitItems(ServerProcess server, String job, int count) {
        Await.until(
                "the read model to have the items",
                () -> get(server, "/bulk-jobs/" + job + "/items?limit=500")
                                .get("items")
                                .size()
                        == count);
    }
}
