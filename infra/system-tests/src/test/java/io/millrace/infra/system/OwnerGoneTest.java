package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The owner of partitions goes, in each way in which it can: no read ever goes back behind what was seen or acknowledged. */
@Order(1)
class OwnerGoneTest {

    private static final Logger LOG = LoggerFactory.getLogger(OwnerGoneTest.class);
    private static final int WORKFLOWS = 24;
    private static final int CLAIMED = 8;

    private static TestServer server;
    private static TestHttp anybody;
    private static TestClient a;
    private static TempFolder folder;

    /** Events that each workflow is known to have. */
    private final Map<String, Integer> known = new ConcurrentHashMap<>();

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
        try {
            Outcomes.expectNoCopies(server.kafka());
        } finally {
            a.close();
            anybody.close();
            server.close();
            folder.close();
        }
    }

    private static NodeProcess second(String name) {
        return NodeProcess.second(name, folder.path(), server, "a", anybody);
    }

    private void startWorkflows(String queue) {
        for (int i = 0; i < WORKFLOWS; i++) {
            known.put(a.start("echo", queue), 1);
        }
    }

    private void completeHalf(String queue) {
        for (int i = 0; i < WORKFLOWS / 2; i++) {
            String id = a.poll("w", queue, 60).orElseThrow().getId();
            a.complete(id, "1");
            known.put(id, 2);
        }
    }

    /** @return whether it could be read; what is read is never less than what was known before */
    private boolean read(TestClient client, String id) {
        int before = known.get(id);
        try {
            int now = client.events(id).size();
            assertTrue(now >= before, "expected " + before + " events of " + id + ", but a read gave " + now);
            return true;
        } catch (StatusRuntimeException e) {
            assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode(), id + ": " + e.getMessage());
            return false;
        }
    }

    private void readAllAgain(String how) {
        long since = System.nanoTime();
        Await.until("node a to serve all", () -> known.keySet().stream().allMatch(id -> read(a, id)));
        LOG.info(
                "{}: all partitions served again after {} ms",
                how,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
        completeHalf(how);
        known.keySet().forEach(id -> assertTrue(read(a, id)));
    }

    @Test
    void killed() {
        NodeProcess b = second("killed");
        startWorkflows("killed");
        completeHalf("killed");
        b.kill();
        readAllAgain("killed");
    }

    /** Whether the answers came through nobody knows but the worker, which has nothing in its hands when it polls. */
    @Test
    void whatItHadClaimedGoesToItsWorkerAtAnotherNode() {
        NodeProcess b = second("moved");
        String worker = a.workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkerName("mover")
                        .addWorkflows(WorkflowCapability.newBuilder().setKind("echo"))
                        .build())
                .getWorkerId();
        Set<String> claimed = new HashSet<>();
        try (TestClient atB = b.worker()) {
            for (int i = 0; i < CLAIMED; i++) {
                a.start("echo", "moved");
            }
            Await.until("all to be claimed", () -> {
                atB.poll(worker, "moved", 1).ifPresent(work -> claimed.add(work.getId()));
                return claimed.size() == CLAIMED;
            });
            b.kill();
        }

        Set<String> again = new HashSet<>();
        try (TestClient moved = server.client("a", Access.DEV_WORKER_KEY)) {
            Await.until("all to be handed out again", () -> {
                moved.poll(worker, "moved", 1).ifPresent(work -> again.add(work.getId()));
                return again.size() == CLAIMED;
            });
        }
        assertEquals(claimed, again);
    }

    @Test
    void stoppedInOrder() {
        NodeProcess b = second("stopped");
        startWorkflows("stopped");
        completeHalf("stopped");
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(b::close);
        Await.until("the node to have left", () -> {
            known.keySet().forEach(id -> read(a, id));
            return stopping.isDone();
        });
        readAllAgain("stopped");
        stopping.join();
    }

    @Test
    void asleepForLongerThanItsSessionAndAwakeAgain() {
        try (NodeProcess b = second("asleep");
                TestClient atB = b.worker();
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            startWorkflows("asleep");
            known.keySet().forEach(id -> assertTrue(read(atB, id)));

            b.sleep();
            readAllAgain("asleep"); // and half of them go on
            List<CompletableFuture<Boolean>> reads = new ArrayList<>();
            for (String id : known.keySet()) {
                reads.add(CompletableFuture.supplyAsync(() -> read(atB, id), readers)); // waits in its socket
            }
            b.wake();

            reads.forEach(CompletableFuture::join);
            for (int round = 0; round < 20; round++) {
                known.keySet().forEach(id -> read(atB, id));
            }
        }
    }
}
