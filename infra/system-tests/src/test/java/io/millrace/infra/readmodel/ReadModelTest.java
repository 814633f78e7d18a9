package io.millrace.infra.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.system.Figures;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.validation.JsonText;
import io.millrace.proto.Topics;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The read model against real Kafka and PostgreSQL: each event lands exactly once, whatever happens on the way. */
@Order(1)
class ReadModelTest {

    private static final String EXECUTIONS = "/api/orgs/dev/workflow-executions";

    private static final UUID SMALL = UUID.fromString("7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001");

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

    @BeforeAll
    static void start() throws IOException {
        Path access = Files.writeString(folder.resolve("access.toml"), """
                [[orgs]]
                id = "%1$s"
                slug = "dev"
                [[orgs]]
                id = "%2$s"
                slug = "small"
                [orgs.limits]
                open_workflows = 3
                schedules = 2
                [auth.static_api_key]
                keys = [
                  { key = "%3$s", org_id = "%1$s", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                  { key = "%4$s", org_id = "%1$s", principal_type = "Worker", principal_id = "w" },
                  { key = "small", org_id = "%2$s", principal_type = "User", principal_id = "eve", role = "ADMIN" },
                ]
                """.formatted(
                        Access.DEV_ORG, SMALL, Access.DEV_USER_KEY, Access.DEV_WORKER_KEY));
        server = TestServer.start(
                Map.of("server.access_file", access.toString(), "telemetry.kind_figures", "1000"), true);
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Here, since this server has everything that shows figures. */
    @Test
    void theFiguresAreThoseOfThePageTheAlertsAndTheDashboards() throws IOException {
        try (TestClient client = server.worker()) { // kinds show when there is some work of them
            run(client, "figures", true);
            client.tasks()
                    .submitTask(SubmitTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setKind("figure")
                            .setQueue("figures")
                            .setInput(ByteString.copyFromUtf8("1"))
                            .build());
            client.tasks()
                    .pollTask(PollTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkerId("w")
                            .setQueue("figures")
                            .setTimeoutSeconds(30)
                            .build());
        }
        Figures.expectAsThePagesSay(HTTP.text(server.http("/_/metrics")));
    }

    @Test
    void anOrganisationGetsNoMoreOpenWorkflowsAndSchedulesThanItMayHaveAndAgainOnceSomeAreOver() {
        try (TestHttp small = new TestHttp("small")) {
            List<String> ids = new ArrayList<>();
            TestHttp.Answer refused = untilRefused(
                    () -> small.post(
                            server.http("/api/orgs/small/workflow-executions"),
                            "{\"kind\":\"echo\",\"queue\":\"idle\"}"),
                    ids);
            assertEquals(
                    "expected the organisation 'small' to have at most 3 open workflows, but it has as many, as was counted"
                            + " 2 s ago or later",
                    refused.body().at("/error/message").textValue());
            TestHttp.Answer ofSchedules = untilRefused(
                    () -> small.post(
                            server.http("/api/orgs/small/schedules"),
                            "{\"name\":\"" + UUID.randomUUID()
                                    + "\",\"everyMs\":3600000,\"kind\":\"echo\",\"queue\":\"idle\"}"),
                    new ArrayList<>());
            assertTrue(
                    ofSchedules.body().at("/error/message").textValue().contains("at most 2 schedules"),
                    ofSchedules.body().toString());

            for (String id : ids) {
                TestHttp.Answer ended = small.post(
                        server.http("/api/orgs/small/workflow-executions/" + id + "/terminate"),
                        "{\"reason\":\"test\"}");
                assertEquals(200, ended.status(), () -> ended.body().toString());
            }
            Await.until(
                    "room for another",
                    () -> small.post(
                                            server.http("/api/orgs/small/workflow-executions"),
                                            "{\"kind\":\"echo\",\"queue\":\"idle\"}")
                                    .status()
                            != 429);
        }
    }

    /** What the node knows may be behind: it is asked until it says that there are enough. */
    private static TestHttp.Answer untilRefused(Supplier<TestHttp.Answer> ask, List<String> ids) {
        return Await.found("a refusal", () -> {
            TestHttp.Answer answer = ask.get();
            if (answer.status() == 429) {
                return Optional.of(answer);
            }
            assertTrue(answer.status() < 300, () -> answer.body().toString());
            ids.add(answer.body().path("id").asText());
            return Optional.empty();
        });
    }

    private static Connection database() throws SQLException {
        DatabaseSettings settings = server.database();
        return DriverManager.getConnection(settings.url(), settings.user(), settings.password());
    }

    private static List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private static List<String> events(String id) throws SQLException {
        return rows("SELECT type FROM events WHERE execution_id = '" + id + "' AND history_sequence > 0"
                + " ORDER BY history_sequence");
    }

    private static String run(TestClient client, String queue, boolean complete) {
        String id = client.start("echo", queue);
        if (complete) {
            WorkflowExecution work = client.poll("w", queue, 60).orElseThrow();
            client.complete(work.getId(), "{\"n\":2}");
        }
        return id;
    }

    private static void awaitEvents(String id, List<String> expected) {
        Await.until("the events of " + id, () -> {
            try {
                return events(id).equals(expected);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void anExecutionLandsWithItsEventsAndItsEnd() throws Exception {
        try (TestClient client = server.worker()) {
            String id = run(client, "lands", true);
            awaitEvents(id, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
            JsonNode row = HTTP.get(server.http(EXECUTIONS + "?queue=lands"))
                    .body()
                    .path("workflowExecutions")
                    .get(0);
            assertEquals(id, row.path("id").asText());
            assertEquals("COMPLETED", row.path("status").asText());
            assertEquals(2, row.path("historyLength").asInt());
            assertTrue(row.path("closedAt").isTextual());
        }
    }

    @Test
    void peopleAreToldOfASignalThatCameBehindTheEnd() {
        try (TestClient client = server.worker()) {
            String id = run(client, "late", true);

            JsonNode answer = HTTP.post(server.http(EXECUTIONS + "/" + id + "/signal"), "{\"signalName\":\"late\"}")
                    .body();

            assertEquals(false, answer.path("delivered").asBoolean(true));
            Await.until(
                    "the late signal in the events for people",
                    () -> HTTP.get(server.http(EXECUTIONS + "/" + id + "/events?audience=people"))
                            .body()
                            .path("events")
                            .findValuesAsText("eventType")
                            .equals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED", "SIGNAL_NOT_DELIVERED")));
            assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), client.eventTypes(id));
        }
    }

    @Test
    void aKilledConnectionLosesAndRepeatsNothing() throws Exception {
        try (TestClient client = server.worker()) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                ids.add(run(client, "killed", true));
                if (i % 10 == 5) {
                    try (Connection connection = database();
                            Statement statement = connection.createStatement()) {
                        statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
                    }
                }
            }
            for (String id : ids) {
                awaitEvents(id, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
            }
            assertEquals(
                    List.of(),
                    rows("SELECT chain_sequence FROM events WHERE execution_id IS NOT NULL"
                            + " GROUP BY execution_id, chain_sequence HAVING count(*) > 1"));
        }
    }

    @Test
    void aRestartGoesOnWhereTheLastTransactionStands() throws Exception {
        String before;
        try (TestClient client = server.worker()) {
            before = run(client, "restart", true);
        }
        server.stopNode(TestServer.FIRST);
        server.restartNode(TestServer.FIRST);
        try (TestClient client = server.worker()) {
            String after = run(client, "restart", true);
            awaitEvents(before, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
            awaitEvents(after, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
        }
    }

    @Test
    void whatCannotBeReadIsNotedAndPassedOver() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
                TestClient client = server.worker()) {
            for (int partition = 0;
                    partition < producer.partitionsFor(Topics.EVENTS).size();
                    partition++) {
                producer.send(new ProducerRecord<>(Topics.EVENTS, partition, null, new byte[] {-1, -1, -1, -1}))
                        .get();
            }
            String id = run(client, "poison", true);
            awaitEvents(id, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
            Await.until("the failures", () -> {
                try {
                    return rows("SELECT error FROM projection_failures").size() >= 4;
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            int failures = rows("SELECT error FROM projection_failures").size();
            Await.until(
                    "the count of the failures",
                    () -> HTTP.get(server.http("/api/orgs/dev/read-model"))
                                    .body()
                                    .path("passedOver")
                                    .asInt()
                            == failures);
        }
    }

    @Test
    void whatIsNestedAsDeepAsTheDoorAllowsIsListed() throws Exception {
        String deep = "[".repeat(JsonText.MAX_LEVELS) + "]".repeat(JsonText.MAX_LEVELS);
        try (TestClient client = server.worker()) {
            String id = client.workflows()
                    .startWorkflow(TestClient.startRequest("echo", "deep")
                            .setInput(ByteString.copyFromUtf8(deep))
                            .build())
                    .getWorkflowExecutionId();
            client.complete(client.poll("w", "deep", 60).orElseThrow().getId(), deep);
            awaitEvents(id, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
            JsonNode row = HTTP.get(server.http(EXECUTIONS + "?queue=deep"))
                    .body()
                    .path("workflowExecutions")
                    .get(0);
            assertEquals("COMPLETED", row.path("status").asText());
            assertEquals(
                    List.of(deep),
                    rows("SELECT convert_from(output, 'UTF8') FROM workflow_executions WHERE id = '" + id + "'"));
        }
    }

    @Test
    void peopleHearOfFailedAttemptsAndOfOneEnd() {
        String task = UUID.randomUUID().toString();
        try (TestClient client = server.worker()) {
            String id = run(client, "people", false);
            client.poll("w", "people", 60).orElseThrow();
            client.workflows()
                    .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                            .setWorkflowExecutionId(id)
                            .setStatus(WorkflowStatus.SUSPENDED)
                            .addCommands(WorkflowCommand.newBuilder()
                                    .setCommandType(CommandType.SCHEDULE_TASK)
                                    .setSequenceNumber(1)
                                    .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                            .setTaskExecutionId(task)
                                            .setKind("t")
                                            .setMaxRetries(3)))
                            .build());
            assertTrue(client.tasks()
                    .pollTask(PollTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkerId("w")
                            .setQueue("people")
                            .setTimeoutSeconds(10)
                            .build())
                    .hasTask());
            client.tasks()
                    .failTask(FailTaskRequest.newBuilder()
                            .setTaskExecutionId(task)
                            .setError("no luck")
                            .build());
            HTTP.post(server.http(EXECUTIONS + "/" + id + "/cancel"), "{\"reason\":\"enough\"}");

            Await.until(
                    "people to be told",
                    () -> told(id, "people")
                            .equals(List.of(
                                    "WORKFLOW_STARTED",
                                    "TASK_SCHEDULED",
                                    "WORKFLOW_SUSPENDED",
                                    "TASK_ATTEMPT_FAILED",
                                    "CANCELLATION_REQUESTED",
                                    "TASK_CANCELLED",
                                    "WORKFLOW_CANCELLED")));
            assertEquals(client.eventTypes(id), told(id, "workers"));
            JsonNode row = HTTP.get(server.http(EXECUTIONS + "?queue=people"))
                    .body()
                    .path("workflowExecutions")
                    .get(0);
            assertEquals("CANCELLED", row.path("status").asText());
            assertEquals("enough", row.path("error").asText());
        }
    }

    private static List<String> told(String id, String audience) {
        return HTTP.get(server.http(EXECUTIONS + "/" + id + "/events?audience=" + audience))
                .body()
                .path("events")
                .findValuesAsText("eventType");
    }

    @Test
    void listsPageWithoutGapsAndRepeats() throws Exception {
        try (TestClient client = server.worker()) {
            Set<String> started = new HashSet<>();
            String last = "";
            for (int i = 0; i < 25; i++) {
                last = run(client, "pages", false);
                started.add(last);
            }
            awaitEvents(last, List.of("WORKFLOW_STARTED"));
            Await.until("all to be listed", () -> {
                try {
                    return rows("SELECT id FROM workflow_executions WHERE queue = 'pages'")
                                    .size()
                            == 25;
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            List<String> listed = new ArrayList<>();
            String cursor = "";
            do {
                JsonNode page = HTTP.get(server.http(EXECUTIONS + "?queue=pages&limit=10" + cursor))
                        .body();
                page.path("workflowExecutions")
                        .forEach(row -> listed.add(row.path("id").asText()));
                cursor = page.path("nextCursor").isNull()
                        ? null
                        : "&cursor=" + page.path("nextCursor").asText();
            } while (cursor != null);
            assertEquals(25, listed.size());
            assertEquals(started, new HashSet<>(listed));
        }
    }

    @Test
    void theLagFallsToNothing() {
        try (TestClient client = server.worker()) {
            run(client, "lag", true);
        }
        Await.until(
                "no lag",
                () -> HTTP.get(server.http("/api/orgs/dev/read-model"))
                                .body()
                                .path("lagRecords")
                                .asInt(-1)
                        == 0);
    }
}
