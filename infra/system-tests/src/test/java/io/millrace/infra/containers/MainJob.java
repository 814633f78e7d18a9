package io.millrace.infra.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicPlan;
import io.millrace.ingest.config.Access;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The main job from end to end, on a Kafka and a PostgreSQL that somebody else runs. */
final class MainJob {

    private static final Duration READY = Duration.ofSeconds(120);

    private MainJob() {}

    /** Starts a node with all roles, and sees a workflow through it. */
    static void run(String bootstrapServers, DatabaseSettings database) throws Exception {
        try (TempFolder folder = new TempFolder()) {
            ServerConfig config = ServerConfig.load(
                    Map.ofEntries(
                            Map.entry("server.node", "node-1"),
                            Map.entry("server.data", folder.path().toString()),
                            Map.entry("grpc.port", "0"),
                            Map.entry("http.port", "0"),
                            Map.entry("dispatcher.reads_port", "0"),
                            Map.entry("kafka.bootstrap_servers", bootstrapServers),
                            Map.entry(
                                    "commands.mac.key_file",
                                    TestKeys.in(folder.path()).toString()),
                            Map.entry("topics.partitions", "4"),
                            Map.entry("topics.replication_factor", "1"),
                            Map.entry("topics.min_insync_replicas", "1"),
                            Map.entry("postgres.url", database.url()),
                            Map.entry("postgres.user", database.user()),
                            Map.entry("postgres.password", database.password())),
                    Map.of(),
                    Optional.empty());
            try (TopicAdmin topics = new TopicAdmin(bootstrapServers, Map.of(), TopicPlan.of(config))) {
                topics.createMissing();
                assertEquals(List.of(), topics.differences());
            }
            String before;
            try (MillraceServer server = start(config)) {
                before = oneWorkflow(server);
            }
            try (MillraceServer again = start(config);
                    TestClient client = new TestClient(again.grpcPort(), Access.DEV_WORKER_KEY)) {
                assertEquals(2, client.eventTypes(before).size(), "a restart serves on");
            }
        }
    }

    private static MillraceServer start(ServerConfig config) throws InterruptedException {
        MillraceServer server = MillraceServer.start(config);
        if (!server.awaitReady(READY)) {
            server.close();
            throw new AssertionError("expected the node to be ready, but it waits for " + server.notReady());
        }
        return server;
    }

    /** @return id of a workflow that was started, notified of, claimed, completed and listed */
    private static String oneWorkflow(MillraceServer server) throws Exception {
        try (TestClient worker = new TestClient(server.grpcPort(), Access.DEV_WORKER_KEY);
                TestHttp user = new TestHttp(Access.DEV_USER_KEY);
                TestSubscriber subscriber = new TestSubscriber(worker, "w", "orders")) {
            Await.until(
                    "the subscription",
                    () -> server.notifierStats().orElseThrow().subscriptions() == 1);
            String id = worker.start("order", "orders");

            subscriber.next();
            assertEquals(id, worker.poll("w", "orders", 60).orElseThrow().getId());
            worker.complete(id, "{\"n\":2}");
            assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), worker.eventTypes(id));

            URI list = URI.create(
                    "http://127.0.0.1:" + server.httpPort() + "/api/orgs/dev/workflow-executions?status=COMPLETED");
            Await.until("the read model to list it", () -> {
                TestHttp.Answer answer = user.get(list);
                return answer.status() == 200 && names(answer.body(), id);
            });
            return id;
        }
    }

    private static boolean names(JsonNode list, String id) {
        return list.get("workflowExecutions").findValuesAsText("id").contains(id);
    }
}
