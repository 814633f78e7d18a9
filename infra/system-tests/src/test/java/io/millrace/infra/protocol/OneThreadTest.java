package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Workers whose only thread polls and makes the calls of their clients too. A call of any other client of this machine that came
 * meanwhile would tell of a second thread.
 */
@Isolated
class OneThreadTest extends Protocol {

    @Test
    void aThreadThatPollsAndMakesAClientsCallsIsNotKeptFromThem() {
        String id = worker.workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setWorkerName("one thread")
                        .setWorkerVersion("1.0.0")
                        .setWorkerType("UNIFIED")
                        .setOrgId(orgId)
                        .addWorkflows(WorkflowCapability.newBuilder().setKind("a"))
                        .addTasks(TaskCapability.newBuilder().setKind("t"))
                        .build())
                .getWorkerId();
        long alone = takeTurnsInVain(id, 3);

        // There may be too many pollers of this machine to tell of them, until those of other tests are forgotten.
        Await.until("turns that take less than half of " + alone + " ns", () -> {
            worker.start("b", "elsewhere-" + queue);
            return takeTurnsInVain(id, 3) < alone / 2;
        });
    }

    /** @return how long that took, in nanoseconds */
    private long takeTurnsInVain(String id, int turns) {
        long begun = System.nanoTime();
        for (int i = 0; i < turns; i++) {
            assertTrue(worker.poll(id, queue, LONG_S).isEmpty());
            assertFalse(worker.tasks().pollTask(taskPoll(id, queue, LONG_S)).hasTask());
        }
        return System.nanoTime() - begun;
    }
}
