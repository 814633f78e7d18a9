package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SetStateCommand;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server tells how things were at a moment, and tells the same as the log. */
class PastOverHttpTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ORG = "/api/orgs/dev";
    private static final int UNAVAILABLE = 503;
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

    private static TestServer server;
    private static String id;
    private static JsonNode history;

    @BeforeAll
    static void work() {
        server = TestServer.start(Map.of(), true);
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
        try (TestClient worker = server.worker()) {
            id = worker.start("flow", "past");
            awaitNextMillisecond();
            assertEquals(id, worker.poll("w", "past", 60).orElseThrow().getId());
            awaitNextMillisecond();
            worker.workflows()
                    .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                            .setWorkflowExecutionId(id)
                            .setStatus(WorkflowStatus.SUSPENDED)
                            .addCommands(WorkflowCommand.newBuilder()
                                    .setSequenceNumber(1)
                                    .setCommandType(CommandType.SET_STATE)
                                    .setSetState(SetStateCommand.newBuilder()
                                            .setKey("price")
                                            .setValue(ByteString.copyFromUtf8("12.50"))))
                            .addCommands(WorkflowCommand.newBuilder()
                                    .setSequenceNumber(2)
                                    .setCommandType(CommandType.SCHEDULE_TASK)
                                    .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                            .setKind("pay")
                                            .setTaskExecutionId(
                                                    UUID.randomUUID().toString())))
                            .build());
            awaitNextMillisecond();
            worker.tasks()
                    .pollTask(PollTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkerId("t")
                            .setQueue("past")
                            .setTimeoutSeconds(5)
                            .build());
            awaitNextMillisecond();
        }
        Await.until("the claim of the task on the log", () -> {
            history = read(LogCommand.run(server, "history", id, "--json").out());
            return last().path("events").toString().contains("TASK_CLAIMED");
        });
        Await.until(
                "the read model",
                () -> get("/read-model", 200).path("lagRecords").asLong(-1) == 0
                        && get("/workflow-executions/" + id + "/events?audience=all", 200)
                                .toString()
                                .contains("TASK_CLAIMED"));
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("expected JSON, but got " + json, e);
        }
    }

    /** What follows is decided later than what was. */
    private static void awaitNextMillisecond() {
        long begun = System.currentTimeMillis();
        Await.until("the next millisecond", () -> System.currentTimeMillis() > begun + 1);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode last() {
        return history.path("steps").path(history.path("steps").size() - 1);
    }

    /** Whatever was decided just now, the read model may not have it yet: then it says so, and is asked again. */
    private static JsonNode get(String path, int status) {
        AtomicReference<TestHttp.Answer> last = new AtomicReference<>();
        Await.until("the read model to have all before " + path, () -> {
            last.set(HTTP.get(server.http(ORG + path)));
            return last.get().status() != UNAVAILABLE;
        });
        assertEquals(status, last.get().status(), () -> path + " " + last.get().body());
        return last.get().body();
    }

    private static int status(String path) {
        return HTTP.get(server.http(ORG + path)).status();
    }

    private static JsonNode workflow(String rest, int status) {
        return get("/workflow-executions/" + id + rest, status);
    }

    private static String refused(String path, int status) {
        return get(path, status).path("error").path("message").asText();
    }

    @Test
    void beforeEachCommandItStandsAsTheLogTells() {
        int compared = 0;
        for (JsonNode step : history.path("steps")) {
            String at = "?at=" + history.path("partition").asInt() + ":"
                    + step.path("offset").asLong();
            JsonNode before = step.path("before");
            if (before.isNull()) {
                assertTrue(workflow(at, 404).toString().contains("was created at"));
                continue;
            }
            JsonNode then = workflow(at, 200);
            assertEquals(before.path("status").asText(), then.path("status").asText(), at);
            assertEquals(
                    before.path("historyLength").asInt(),
                    then.path("historyLength").asInt(),
                    at);
            assertEquals(
                    before.path("lease").path("worker").asText(""),
                    then.path("workerId").asText(""),
                    at);
            assertEquals(
                    before.path("state").size(),
                    workflow("/state" + at, 200).path("state").size(),
                    at);
            assertEquals(
                    before.path("historyLength").asInt(),
                    workflow("/events" + at, 200).path("events").size(),
                    at);
            compared++;
        }
        assertTrue(compared >= 3, history::toString);
        String now = "?at=" + Instant.parse(last().path("decided").asText()).plusMillis(1);
        assertEquals(workflow("", 200).path("status"), workflow(now, 200).path("status"));
        assertEquals(12.5, workflow("/state/price" + now, 200).path("value").asDouble());
        assertEquals(workflow("/events", 200), workflow("/events" + now, 200));
    }

    @Test
    void aTimeIsBeforeWhatWasDecidedThen() {
        JsonNode claim = history.path("steps").path(1);
        JsonNode submission = history.path("steps").path(2);

        assertEquals(
                "PENDING",
                workflow("?at=" + claim.path("decided").asText(), 200)
                        .path("status")
                        .asText());
        assertEquals(
                "RUNNING",
                workflow("?at=" + submission.path("decided").asText(), 200)
                        .path("status")
                        .asText());
        assertEquals(
                "expected a state key of the workflow execution, but it has none of the name 'price'",
                refused(
                        "/workflow-executions/" + id + "/state/price?at="
                                + submission.path("decided").asText(),
                        404));
    }

    @Test
    void queuesAndWorkersAreToldAsTheyWere() {
        String ready = "?at=" + history.path("steps").path(1).path("decided").asText();
        String held = "?at=" + history.path("steps").path(2).path("decided").asText();
        String task = "?at=" + Instant.parse(last().path("decided").asText()).plusMillis(1);

        JsonNode queues = get("/queues" + ready, 200).path("queues");
        assertEquals(1, queues.size(), queues::toString);
        assertEquals("past", queues.path(0).path("queue").asText());
        assertEquals("WORKFLOW", queues.path(0).path("workType").asText());
        assertEquals(1, queues.path(0).path("ready").asInt());
        assertEquals(0, get("/workers" + ready, 200).path("workers").size());
        assertEquals(0, get("/queues" + held, 200).path("queues").size());
        JsonNode workers = get("/workers" + held, 200).path("workers");
        assertEquals(1, workers.size(), workers::toString);
        assertEquals(id, workers.path(0).path("work").path(0).path("id").asText());
        JsonNode working =
                get("/workers" + task, 200).path("workers").path(0).path("work").path(0);
        assertEquals("TASK", working.path("workType").asText());
        assertEquals("pay", working.path("kind").asText());
        assertEquals(id, working.path("executionId").asText());
    }

    @Test
    void whatAWorkflowLeftToDoWhenItEndedStandsInItsQueue() {
        String task = UUID.randomUUID().toString();
        try (TestClient worker = server.worker()) {
            String ended = worker.start("flow", "ends");
            assertEquals(ended, worker.poll("w", "ends", 60).orElseThrow().getId());
            worker.workflows()
                    .submitWorkflowCommands(TestClient.completion(ended, "1").toBuilder()
                            .clearCommands()
                            .addCommands(WorkflowCommand.newBuilder()
                                    .setSequenceNumber(1)
                                    .setCommandType(CommandType.SCHEDULE_TASK)
                                    .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                            .setKind("late")
                                            .setQueue("left")
                                            .setTaskExecutionId(task)))
                            .addCommands(TestClient.completion(ended, "1").getCommands(0).toBuilder()
                                    .setSequenceNumber(2))
                            .build());
        }
        Await.until(
                "the task in the read model",
                () -> HTTP.get(server.http(ORG + "/task-executions?queue=left"))
                        .body()
                        .toString()
                        .contains(task));
        String now = Instant.now().toString();

        JsonNode queues = get("/queues?at=" + now, 200).path("queues");
        JsonNode left = queues.valueStream()
                .filter(queue -> queue.path("queue").asText().equals("left"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(queues));
        assertEquals(1, left.path("ready").asInt());
        JsonNode told = read(LogCommand.run(server, "replay", "--until", now, "--queue", "left", "--json")
                .out());
        assertTrue(told.path("ready").toString().contains(task), told::toString);
    }

    @Test
    void whatTheReadModelDoesNotHaveYetIsUnavailableAndNotLeftOut() throws Exception {
        DatabaseSettings settings = server.database();
        try (TestClient worker = server.worker();
                Connection database =
                        DriverManager.getConnection(settings.url(), settings.user(), settings.password());
                Statement lock = database.createStatement()) {
            database.setAutoCommit(false);
            lock.execute("LOCK TABLE projector_offsets IN EXCLUSIVE MODE"); // the projector cannot move on
            String fresh = worker.start("flow", "behind");
            Await.until(
                    "the start on the log",
                    () -> LogCommand.run(server, "history", fresh, "--json")
                            .out()
                            .contains("WORKFLOW_STARTED"));
            JsonNode told =
                    read(LogCommand.run(server, "history", fresh, "--json").out());
            JsonNode start = told.path("steps").path(0);
            Instant decided = Instant.parse(start.path("decided").asText());
            Await.until(
                    "the millisecond after the start", () -> System.currentTimeMillis() > decided.toEpochMilli() + 1);
            String now = "?at=" + decided.plusMillis(1);

            assertEquals(UNAVAILABLE, status("/workflow-executions/" + fresh + now));
            assertEquals(UNAVAILABLE, status("/queues" + now));
            assertEquals(UNAVAILABLE, status("/workers" + now));
            assertEquals(
                    UNAVAILABLE,
                    status("/workflow-executions/" + fresh + "?at="
                            + told.path("partition").asInt() + ":"
                            + (start.path("offset").asLong() + 1)));
            database.rollback();
            assertEquals(
                    "PENDING",
                    get("/workflow-executions/" + fresh + now, 200)
                            .path("status")
                            .asText());
        }
    }

    @Test
    void aTaskIsToldWhyItStandsWhereItDoes() {
        JsonNode event = last().path("events").path(0);
        String task = event.path("task").asText();

        JsonNode why = get("/task-executions/" + task + "/why", 200);

        assertTrue(why.path("sentence").asText().startsWith("The task worker "), why::toString);
        assertTrue(why.path("sentence").asText().contains(" (attempt 1 of "), why::toString);
        assertEquals("RUNNING", why.path("facts").path("status").asText());
        assertEquals(0, why.path("workers").size());
        assertTrue(refused("/task-executions/" + UUID.randomUUID() + "/why", 404)
                .startsWith("expected a task of your organisation that the read model knows, but there is none"));
    }

    @Test
    void aQueueIsToldWhyWorkWaitsInIt() {
        String waiting = HTTP.post(
                        server.http(ORG + "/task-executions"), "{\"kind\":\"nobody knows\",\"queue\":\"waits\"}")
                .body()
                .path("id")
                .asText();
        Await.until(
                "the task in the read model",
                () -> HTTP.get(server.http(ORG + "/task-executions?queue=waits"))
                        .body()
                        .toString()
                        .contains(waiting));

        JsonNode why = get("/queues/waits/why", 200);

        String sentence = why.path("sentence").asText();
        assertTrue(sentence.startsWith("In queue waits 1 task waits for a worker, the oldest since "), sentence);
        assertTrue(
                sentence.endsWith(
                        " No worker is known to live that registered the task kind nobody knows, of which 1 is pending."),
                sentence);
        assertEquals(1, why.path("work").path(1).path("came").asInt(), why::toString);
        assertEquals(
                "Nothing waits in queue other.",
                get("/queues/other/why", 200).path("sentence").asText());
    }

    @Test
    void whatIsNoMomentOfTheLogIsRefusedWithWhatThereIs() {
        String self = "/workflow-executions/" + id;
        assertTrue(refused(self + "?at=noon", 400)
                .startsWith("expected a time such as 2026-01-31T14:03:00Z, or partition"));
        assertTrue(refused(self + "?at=2026-01-31T24:61:00Z", 400).startsWith("expected a time such as"));
        assertTrue(refused(self + "?at=2026-01-31T14:03:00%2B01:00", 400).startsWith("expected a time such as"));
        assertTrue(refused(self + "?at=9999-01-01T00:00:00Z", 400).contains("is yet to come"));
        assertTrue(refused(self + "?at=2001-01-01T00:00:00Z", 400)
                .contains("is before it: the first thing was decided at "));
        assertTrue(refused("/queues?at=2001-01-01T00:00:00Z", 400)
                .contains("is before it: the first thing was decided at "));
        int home = history.path("partition").asInt();
        assertEquals(
                "expected a moment in the log as at, but " + home
                        + ":999999999999 is behind the last command of the partition",
                refused(self + "?at=" + home + ":999999999999", 400));
        assertTrue(refused(self + "?at=" + (home + 1) % 4 + ":1", 400)
                .startsWith("expected a moment of partition " + home + ", where the execution lives, as at"));
        assertTrue(refused("/queues?at=1:1", 400).startsWith("expected a time as at"));
        assertTrue(refused(self + "?wait=1s&at=2026-01-31T14:03:00Z", 400).startsWith("expected no wait beside at"));
        assertTrue(refused(self + "/events?audience=all&at=2026-01-31T14:03:00Z", 400)
                .startsWith("expected no audience beside at"));
        String now = last().path("decided").asText();
        assertTrue(refused("/workflow-executions/" + UUID.randomUUID() + "?at=" + now, 404)
                .startsWith("expected a workflow execution of your organisation that was there at "));
    }
}
