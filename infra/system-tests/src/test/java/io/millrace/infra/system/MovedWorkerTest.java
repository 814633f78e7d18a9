package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.HeartbeatRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A worker with several threads goes on at another node, since its own is gone. */
class MovedWorkerTest {

    private static final String QUEUE = "moved";

    @Test
    void whatItIsBusyWithItKeepsAndWhatMayBeLostComesAgain() throws Exception {
        try (TestServer server = TestServer.withoutNodes(Map.of(), false)) {
            server.addNode("a", "ingest,dispatcher,notifier");
            server.addNode("b", "ingest,dispatcher,notifier");
            String worker;
            String lost;
            String busyWith;
            try (TestClient a = server.client("a", Access.DEV_WORKER_KEY)) {
                worker = register(a);
                lost = a.start("flow", QUEUE);
                take(a, worker, lost);
                a.workflows().submitWorkflowCommands(scheduling(lost));
                busyWith = Await.found(
                                "the task",
                                () -> Optional.of(pollTask(a, worker)).filter(PollTaskResponse::hasTask))
                        .getTask()
                        .getTaskExecutionId();
                a.tasks()
                        .heartbeat(HeartbeatRequest.newBuilder()
                                .setTaskExecutionId(busyWith)
                                .build());
                a.workflows()
                        .signalWorkflow(SignalWorkflowRequest.newBuilder()
                                .setOrgId(Access.DEV_ORG.toString())
                                .setWorkflowExecutionId(lost)
                                .setSignalName("wake")
                                .build());
                take(a, worker, lost);
            }
            server.stopNode("a");

            try (TestClient b = server.client("b", Access.DEV_WORKER_KEY)) {
                Queue<PollTaskResponse> tasks = new ConcurrentLinkedQueue<>();
                AtomicBoolean over = new AtomicBoolean();
                CompletableFuture<Void> polling = CompletableFuture.runAsync(() -> {
                    while (!over.get()) {
                        tasks.add(pollTask(b, worker));
                    }
                });
                take(b, worker, lost);
                b.tasks()
                        .completeTask(CompleteTaskRequest.newBuilder()
                                .setTaskExecutionId(busyWith)
                                .setOutput(ByteString.copyFromUtf8("1"))
                                .build());
                b.complete(lost, "1");
                over.set(true);
                polling.get(60, TimeUnit.SECONDS);
                assertTrue(
                        tasks.stream().noneMatch(PollTaskResponse::hasTask),
                        "what it was busy with was handed out once more");
            }
        }
    }

    private static String register(TestClient client) {
        return client.workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerName("several threads")
                        .addWorkflows(WorkflowCapability.newBuilder().setKind("flow"))
                        .addTasks(TaskCapability.newBuilder().setKind("long"))
                        .build())
                .getWorkerId();
    }

    private static SubmitWorkflowCommandsRequest scheduling(String workflow) {
        return SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(workflow)
                .setStatus(WorkflowStatus.SUSPENDED)
                .addCommands(WorkflowCommand.newBuilder()
                        .setCommandType(CommandType.SCHEDULE_TASK)
                        .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                .setKind("long")
                                .setTaskExecutionId(UUID.randomUUID().toString())))
                .build();
    }

    private static void take(TestClient client, String worker, String workflow) {
        assertEquals(
                workflow,
                Await.found("the workflow", () -> client.poll(worker, QUEUE, 2)).getId());
    }

    private static PollTaskResponse pollTask(TestClient client, String worker) {
        return client.tasks()
                .pollTask(PollTaskRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerId(worker)
                        .setQueue(QUEUE)
                        .setTimeoutSeconds(2)
                        .build());
    }
}
