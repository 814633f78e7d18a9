package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Keys that are kept to queues and kinds, on a whole server: {@code billing} to a queue, {@code reader} to a kind. */
class ScopedKeysTest {

    private static final String DEV = "550e8400-e29b-41d4-a716-446655440000";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TestClient all;
    private static TestClient billing;
    private static TestClient reader;

    @BeforeAll
    static void start() throws IOException {
        Path access = Files.writeString(folder.resolve("access.toml"), """
                [[orgs]]
                id = "%1$s"
                slug = "dev"
                [auth.static_api_key]
                keys = [
                  { key = "all", org_id = "%1$s", principal_type = "Worker", principal_id = "all" },
                  { key = "billing", org_id = "%1$s", principal_type = "Worker", principal_id = "billing", queues = ["billing"] },
                  { key = "reader", org_id = "%1$s", principal_type = "Worker", principal_id = "reader", kinds = ["read"] },
                ]
                """.formatted(DEV));
        server = TestServer.start(Map.of("server.access_file", access.toString()), false);
        all = server.client(TestServer.FIRST, "all");
        billing = server.client(TestServer.FIRST, "billing");
        reader = server.client(TestServer.FIRST, "reader");
    }

    @AfterAll
    static void stop() {
        all.close();
        billing.close();
        reader.close();
        server.close();
    }

    @Test
    void workOfTheKeysQueueGoesOnAsWithAnyKey() {
        String id = billing.start("pay", "billing");

        assertEquals(id, billing.poll("w", "billing", 60).orElseThrow().getId());
        billing.complete(id, "1");
        assertEquals("WORKFLOW_COMPLETED", billing.eventTypes(id).getLast());
    }

    @Test
    void anotherQueueIsNeitherPolledNorSubscribedToNorStartedOn() {
        assertDenied("queues [billing]", () -> billing.poll("w", "shipping", 0));
        assertDenied("queues [billing]", () -> billing.poll("w", "", 0));
        assertDenied(
                "queues [billing]",
                () -> billing.tasks()
                        .pollTask(PollTaskRequest.newBuilder()
                                .setOrgId(DEV)
                                .setWorkerId("w")
                                .setQueue("shipping")
                                .build()));
        assertDenied("queues [billing]", () -> billing.start("pay", "shipping"));
        assertDenied(
                "queues [billing]",
                () -> billing.tasks()
                        .submitTask(SubmitTaskRequest.newBuilder()
                                .setOrgId(DEV)
                                .setKind("pay")
                                .setQueue("shipping")
                                .build()));
    }

    @Test
    void workOfAnotherQueueIsNeitherSeenNorTouched() {
        String id = all.start("pack", "shipping");
        String task = all.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(DEV)
                        .setKind("wrap")
                        .setQueue("shipping")
                        .build())
                .getTaskExecutionId();

        assertDenied("'pack' on the queue 'shipping'", () -> billing.events(id));
        assertDenied("'pack' on the queue 'shipping'", () -> billing.complete(id, "1"));
        assertDenied(
                "'pack' on the queue 'shipping'",
                () -> billing.workflows()
                        .signalWorkflow(SignalWorkflowRequest.newBuilder()
                                .setOrgId(DEV)
                                .setWorkflowExecutionId(id)
                                .setSignalName("s")
                                .build()));
        assertDenied(
                "'pack' on the queue 'shipping'",
                () -> billing.workflows()
                        .resolvePromise(ResolvePromiseRequest.newBuilder()
                                .setPromiseId(id + ":p")
                                .build()));
        assertDenied(
                "<workflow id>:<name>",
                () -> billing.workflows()
                        .resolvePromise(ResolvePromiseRequest.newBuilder()
                                .setPromiseId(id)
                                .build()));
        assertDenied(
                "another queue",
                () -> billing.workflows()
                        .signalWithStartWorkflow(SignalWithStartWorkflowRequest.newBuilder()
                                .setOrgId(DEV)
                                .setWorkflowId("any")
                                .setWorkflowKind("pay")
                                .setQueue("billing")
                                .setSignalName("s")
                                .build()));
        assertDenied(
                "'wrap' on the queue 'shipping'",
                () -> billing.tasks()
                        .completeTask(CompleteTaskRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .setOutput(ByteString.copyFromUtf8("1"))
                                .build()));
        assertEquals(List.of("WORKFLOW_STARTED"), all.eventTypes(id));
        try (TestHttp http = new TestHttp("billing")) {
            assertEquals(
                    403,
                    http.get(server.http("/api/orgs/dev/workflow-executions/" + id))
                            .status());
            assertEquals(
                    403,
                    http.get(server.http("/api/orgs/dev/workflow-executions/" + id + "/stream"))
                            .status());
            assertEquals(
                    403,
                    http.get(server.http("/api/orgs/dev/workflow-executions/" + id + "/proof"))
                            .status());
            assertEquals(
                    403,
                    http.get(server.http("/api/orgs/dev/task-executions/" + task + "/proof"))
                            .status());
            assertEquals(
                    403,
                    http.get(server.http("/api/orgs/dev/task-executions/" + task))
                            .status());
            assertEquals(403, http.get(server.http("/api/orgs/dev/queues")).status());
        }
    }

    @Test
    void aPollBringsTheKeysKindsOnlyWhateverItsWorkerTakes() {
        String other = all.start("write", "mixed");
        String own = all.start("read", "mixed");

        assertEquals(own, reader.poll("w", "mixed", 60).orElseThrow().getId());
        assertTrue(reader.poll("w", "mixed", 0).isEmpty());
        assertEquals(other, all.poll("w", "mixed", 60).orElseThrow().getId());
    }

    @Test
    void aSubscriptionTellsOfTheKeysKindsOnly() throws InterruptedException {
        try (TestSubscriber mine = new TestSubscriber(reader, "s", "told");
                TestSubscriber any = new TestSubscriber(all, "t", "told")) {
            all.start("write", "told");
            any.next();
            assertTrue(mine.next(Duration.ZERO).isEmpty());

            all.start("read", "told");
            mine.next();
        }
    }

    @Test
    void aRegistrationForOtherKindsIsRefused() {
        assertDenied(
                "kind 'write'",
                () -> reader.workers()
                        .registerWorker(WorkerRegistrationRequest.newBuilder()
                                .setOrgId(DEV)
                                .setWorkerName("w")
                                .addTasks(TaskCapability.newBuilder().setKind("write"))
                                .build()));
    }

    private static void assertDenied(String text, Executable call) {
        StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, call);

        assertEquals(Status.Code.PERMISSION_DENIED, refusal.getStatus().getCode(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
    }
}
