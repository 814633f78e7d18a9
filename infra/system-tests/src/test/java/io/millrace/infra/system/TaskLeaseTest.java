package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkerHeartbeatRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * How long tasks stay with their workers, on a whole server with short leases. Others poll for more than two leases to see
 * whether they get a task that somebody has. Each test has a queue of its own.
 */
@Order(1)
class TaskLeaseTest {

    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final int LEASES_S = 14;

    private static TestServer server;
    private static TestClient others;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                Map.of("leases.task", LEASE.toMillis() + "ms", "leases.worker_return", "500ms"), false);
        others = server.worker();
    }

    @AfterAll
    static void stop() {
        others.close();
        server.close();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskThatMayRunLongerThanTheLeaseIsNotHandedOutTwice() {
        try (TestClient worker = server.worker()) {
            String id = beating(worker, register(worker, 60));
            String task = submit("registered", 0);
            assertEquals(task, poll(worker, id, "registered", 60).orElseThrow().getTaskExecutionId());
            assertFalse(poll(others, "other", "registered", LEASES_S).isPresent());
            complete(worker, task);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskWithATimeoutBeyondTheLeaseIsNotHandedOutTwice() {
        try (TestClient worker = server.worker()) {
            String id = beating(worker, register(worker, 0));
            String task = submit("timeout", 60_000);
            assertEquals(task, poll(worker, id, "timeout", 60).orElseThrow().getTaskExecutionId());
            assertFalse(poll(others, "other", "timeout", LEASES_S).isPresent());
            complete(worker, task);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aBusyWorkerWhoseConnectionStaysOpenKeepsItsTask() {
        try (TestClient worker = server.worker()) {
            String task = submit("busy", 0);
            assertEquals(
                    task,
                    poll(worker, register(worker, 0), "busy", 60).orElseThrow().getTaskExecutionId());
            assertFalse(poll(others, "other", "busy", LEASES_S).isPresent());
            complete(worker, task);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskOfADeadConnectionIsHandedOutAgain() {
        TestClient worker = server.worker();
        String task = submit("dead", 0);
        assertEquals(
                task,
                poll(worker, register(worker, 0), "dead", 60).orElseThrow().getTaskExecutionId());

        worker.close();

        TaskExecutionInfo again = poll(others, "other", "dead", 60).orElseThrow();
        assertEquals(task, again.getTaskExecutionId());
        assertEquals(2, again.getExecutionCount());
        complete(others, task);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskOfARevokedKeyIsHandedOutAgainThoughItsConnectionStaysOpen() {
        try (TestHttp admin = new TestHttp(Access.DEV_USER_KEY)) {
            JsonNode key = admin.post(
                            server.http("/api/orgs/dev/keys"),
                            "{\"principalType\":\"WORKER\",\"principalId\":\"gone\"}")
                    .body();
            try (TestClient worker =
                    server.client(TestServer.FIRST, key.get("secret").textValue())) {
                String task = submit("revoked", 0);
                assertEquals(
                        task,
                        poll(worker, register(worker, 0), "revoked", 60)
                                .orElseThrow()
                                .getTaskExecutionId());

                admin.post(server.http("/api/orgs/dev/keys/" + key.get("id").textValue() + "/revoke"), "{}");

                assertEquals(
                        task, poll(others, "other", "revoked", 60).orElseThrow().getTaskExecutionId());
                complete(others, task);
            }
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskThatAWorkerWithHeartbeatsNeverReportsIsHandedOutAgain() {
        try (TestClient worker = server.worker()) {
            String id = beating(worker, register(worker, 0));
            String task = submit("panicked", 0);
            assertEquals(task, poll(worker, id, "panicked", 60).orElseThrow().getTaskExecutionId());
            assertEquals(
                    task, poll(others, "other", "panicked", 60).orElseThrow().getTaskExecutionId());
            complete(others, task);
        }
    }

    private static String register(TestClient worker, int timeoutSeconds) {
        return worker.workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerName("napi-worker")
                        .addTasks(TaskCapability.newBuilder().setKind("slow").setTimeoutSeconds(timeoutSeconds))
                        .build())
                .getWorkerId();
    }

    private static String beating(TestClient worker, String id) {
        worker.workers()
                .sendHeartbeat(
                        WorkerHeartbeatRequest.newBuilder().setWorkerId(id).build());
        return id;
    }

    private static String submit(String queue, long timeoutMs) {
        return others.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setKind("slow")
                        .setQueue(queue)
                        .setMaxRetries(3)
                        .setTimeoutMs(timeoutMs)
                        .build())
                .getTaskExecutionId();
    }

    private static Optional<TaskExecutionInfo> poll(TestClient worker, String id, String queue, int seconds) {
        var answer = worker.tasks()
                .pollTask(PollTaskRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerId(id)
                        .setQueue(queue)
                        .setTimeoutSeconds(seconds)
                        .build());
        return answer.hasTask() ? Optional.of(answer.getTask()) : Optional.empty();
    }

    private static void complete(TestClient worker, String task) {
        worker.tasks()
                .completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setOutput(ByteString.copyFromUtf8("1"))
                        .build());
    }
}
