package io.millrace.infra.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.ShortRetention;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestHttp.Answer;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.StartChildWorkflowRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Executions that ended so long ago that only the read model still has them. */
class LongEndedTest {

    private static final String WORKFLOWS = "/api/orgs/dev/workflow-executions";
    private static final String TASKS = "/api/orgs/dev/task-executions";

    private static TestServer server;
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

    @BeforeAll
    static void start() {
        server = TestServer.start(ShortRetention.of(Duration.ofSeconds(3)));
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
    }

    @AfterAll
    static void stop() {
        HTTP.close();
        server.close();
    }

    private static String withTask(String task) {
        try (TestClient worker = server.worker()) {
            String id = worker.start("echo", "here");
            worker.poll("w", "here", 60).orElseThrow();
            worker.workflows()
                    .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                            .setWorkflowExecutionId(id)
                            .setStatus(WorkflowStatus.SUSPENDED)
                            .addCommands(WorkflowCommand.newBuilder()
                                    .setSequenceNumber(1)
                                    .setCommandType(CommandType.SCHEDULE_TASK)
                                    .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                            .setTaskExecutionId(task)
                                            .setKind("resize")
                                            .setQueue("away")))
                            .build());
            return id;
        }
    }

    private static Answer get(String path) {
        return HTTP.get(server.http(path));
    }

    private static Answer post(String path, String body) {
        return HTTP.post(server.http(path), body);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aWorkflowIsAnsweredForAsWhenItHadJustEnded() {
        String task = UUID.randomUUID().toString();
        String id = withTask(task);
        post(WORKFLOWS + "/" + id + "/cancel", "{\"reason\":\"enough\"}");
        Answer signalled = post(WORKFLOWS + "/" + id + "/signal", "{\"signalName\":\"go\"}");
        assertEquals(409, signalled.status());
        awaitGone(task, WORKFLOWS + "/" + id);

        Answer later = post(WORKFLOWS + "/" + id + "/signal", "{\"signalName\":\"go\"}");
        Answer cancelled = post(WORKFLOWS + "/" + id + "/cancel", "{}");

        assertEquals(signalled, later);
        assertEquals(200, cancelled.status());
        assertEquals(false, cancelled.body().get("cancelled").booleanValue());
        assertEquals("CANCELLED", get(WORKFLOWS + "/" + id).body().get("status").textValue());
        Answer why = get(WORKFLOWS + "/" + id + "/why");
        assertTrue(why.body().path("sentence").asText().startsWith("The workflow was cancelled at "), why::toString);
        assertTrue(why.body().path("sentence").asText().endsWith(", because: enough."), why::toString);
        try (TestClient worker = server.worker()) {
            StatusRuntimeException refusal = assertThrows(
                    StatusRuntimeException.class,
                    () -> worker.workflows()
                            .startChildWorkflow(StartChildWorkflowRequest.newBuilder()
                                    .setOrgId(Access.DEV_ORG.toString())
                                    .setParentWorkflowExecutionId(id)
                                    .setChildExecutionName("c")
                                    .setWorkflowKind("kid")
                                    .build()));
            assertEquals(Status.Code.FAILED_PRECONDITION, refusal.getStatus().getCode());
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskIsAnsweredForAsWhenItHadJustEnded() {
        String id = post(TASKS, "{\"kind\":\"resize\",\"queue\":\"away\"}")
                .body()
                .get("id")
                .textValue();
        assertEquals(200, post(TASKS + "/" + id + "/cancel", "{}").status());
        Answer again = post(TASKS + "/" + id + "/cancel", "{}");
        assertEquals(409, again.status());
        awaitGone(id, TASKS + "/" + id);

        assertEquals(again, post(TASKS + "/" + id + "/cancel", "{}"));
        Answer shown = get(TASKS + "/" + id);
        assertEquals("CANCELLED", shown.body().get("status").textValue());
        assertTrue(shown.body().path("log").isMissingNode(), "the log is not among what the read model keeps");
    }

    /** Only the dispatchers' stores have the log of a task, so its absence tells that it and its workflow have left them. */
    private static void awaitGone(String task, String cancelled) {
        Await.until(task + " to be in the read model alone", () -> {
            Answer shown = get(TASKS + "/" + task);
            return shown.status() == 200 && !shown.body().has("log");
        });
        Await.until(
                "the read model to know the end of " + cancelled,
                () -> get(cancelled).body().path("status").asText().equals("CANCELLED"));
    }
}
