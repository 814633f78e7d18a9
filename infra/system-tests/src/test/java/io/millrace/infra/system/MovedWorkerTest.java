package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.HeartbeatRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A worker with several threads goes on at another node, since its own is gone, which owned partitions that its work came from. */
@Order(1)
class MovedWorkerTest {

    /** So many of each that the node which goes owned the partition of some. */
    private static final int WORK = 16;

    private static TestServer server;
    private static TestHttp anybody;
    private static TestClient a;
    private static TempFolder folder;

    @BeforeAll
    static void start() {
        folder = new TempFolder();
        server = TestServer.withoutNodes(Map.of(), false);
        server.addNode("a", "ingest,dispatcher,notifier");
        anybody = new TestHttp(null);
        a = server.client("a", Access.DEV_WORKER_KEY);
    }

    @AfterAll
    static void stop() throws IOException {
        a.close();
        anybody.close();
        server.close();
        folder.close();
    }

    private enum End {
        KILLED,
        STOPPED
    }

    /**
     * A task that it took a moment ago was on its way in the last moments of its partition's owner. An older one was not. Both gave a
     * sign of life, so they have reached the worker.
     */
    @ParameterizedTest
    @CsvSource({"KILLED,0", "KILLED,3", "STOPPED,0"})
    void whatItIsBusyWithItKeepsAndWhatMayBeLostComesAgain(End end, int oldS) {
        String queue = end + "-" + oldS;
        String worker = register(queue);
        Set<String> lost = new HashSet<>();
        Set<String> busyWith = new HashSet<>();
        try (NodeProcess node = NodeProcess.second(queue, folder.path(), server, "a", anybody);
                TestClient b = node.worker()) {
            for (int i = 0; i < WORK; i++) {
                lost.add(a.start("flow", queue));
                busyWith.add(submit(queue));
            }
            Set<String> taken = new HashSet<>();
            Await.until("all tasks to be handed out", () -> {
                PollTaskResponse polled = pollTask(b, worker, queue);
                if (polled.hasTask()) {
                    taken.add(polled.getTask().getTaskExecutionId());
                    heartbeat(b, polled.getTask().getTaskExecutionId());
                }
                return taken.equals(busyWith);
            });
            long tookNanos = System.nanoTime();
            Await.until("them to be as old", () -> System.nanoTime() - tookNanos >= TimeUnit.SECONDS.toNanos(oldS));
            taken.clear();
            // Last, since only what was handed out a moment before it moves may be lost.
            Await.until("all workflows to be handed out", () -> {
                b.poll(worker, queue, 1).ifPresent(work -> taken.add(work.getId()));
                return taken.equals(lost);
            });
            switch (end) {
                case KILLED -> node.kill();
                case STOPPED -> node.close();
            }
        }

        // One that it did not register through: from there it comes back.
        try (TestClient moved = server.client("a", Access.DEV_WORKER_KEY)) {
            Set<String> twice = ConcurrentHashMap.newKeySet();
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Void> polling = CompletableFuture.runAsync(() -> {
                do {
                    PollTaskResponse polled = pollTask(moved, worker, queue);
                    if (polled.hasTask()) {
                        twice.add(polled.getTask().getTaskExecutionId());
                    }
                } while (!over.get());
            });
            Set<String> again = new HashSet<>();
            Await.until("what may be lost to be handed out again", () -> {
                moved.poll(worker, queue, 1).ifPresent(work -> again.add(work.getId()));
                return again.equals(lost);
            });
            over.set(true);
            polling.join();
            busyWith.forEach(task -> moved.tasks()
                    .completeTask(CompleteTaskRequest.newBuilder()
                            .setTaskExecutionId(task)
                            .setOutput(ByteString.copyFromUtf8("1"))
                            .build()));
            lost.forEach(workflow -> moved.complete(workflow, "1"));
            assertEquals(Set.of(), twice, "what it was busy with was handed out once more");
        }
    }

    private static String register(String name) {
        return a.workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerName(name)
                        .addWorkflows(WorkflowCapability.newBuilder().setKind("flow"))
                        .addTasks(TaskCapability.newBuilder().setKind("long"))
                        .build())
                .getWorkerId();
    }

    private static String submit(String queue) {
        return a.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setKind("long")
                        .setQueue(queue)
                        .setInput(ByteString.copyFromUtf8("1"))
                        .build())
                .getTaskExecutionId();
    }

    private static void heartbeat(TestClient client, String task) {
        client.tasks()
                .heartbeat(
                        HeartbeatRequest.newBuilder().setTaskExecutionId(task).build());
    }

    private static PollTaskResponse pollTask(TestClient client, String worker, String queue) {
        return client.tasks()
                .pollTask(PollTaskRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerId(worker)
                        .setQueue(queue)
                        .setTimeoutSeconds(1)
                        .build());
    }
}
