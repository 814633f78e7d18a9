package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import org.junit.jupiter.api.Test;

/**
 * Workers whose only thread polls and makes the calls of their clients too. A call of any other client of this machine that came
 * meanwhile would tell of a second thread, so the server is of this test alone.
 */
class OneThreadTest {

    private static final String QUEUE = "one";
    /** Far longer than a poll of such a worker is held. */
    private static final int HELD_S = 30;

    @Test
    void aThreadThatPollsAndMakesAClientsCallsIsNotKeptFromThem() {
        try (TestServer server = TestServer.start();
                TestClient worker = server.worker()) {
            String id = worker.workers()
                    .registerWorker(WorkerRegistrationRequest.newBuilder()
                            .setWorkerName("one thread")
                            .setWorkerVersion("1.0.0")
                            .setWorkerType("UNIFIED")
                            .setOrgId(Access.DEV_ORG.toString())
                            .addWorkflows(WorkflowCapability.newBuilder().setKind("a"))
                            .addTasks(TaskCapability.newBuilder().setKind("t"))
                            .build())
                    .getWorkerId();
            long alone = takeTurnsInVain(worker, id, 3);

            Await.until("turns that take less than half of " + alone + " ns", () -> {
                worker.start("b", "elsewhere");
                return takeTurnsInVain(worker, id, 3) < alone / 2;
            });
        }
    }

    /** @return how long that took, in nanoseconds */
    private static long takeTurnsInVain(TestClient worker, String id, int turns) {
        long begun = System.nanoTime();
        for (int i = 0; i < turns; i++) {
            assertTrue(worker.poll(id, QUEUE, HELD_S).isEmpty());
            assertFalse(worker.tasks()
                    .pollTask(PollTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkerId(id)
                            .setQueue(QUEUE)
                            .setTimeoutSeconds(HELD_S)
                            .build())
                    .hasTask());
        }
        return System.nanoTime() - begun;
    }
}
