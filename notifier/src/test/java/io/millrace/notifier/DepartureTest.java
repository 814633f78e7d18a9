package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DepartureTest {

    private static final NotifierConfig SOON = NotifierConfig.defaults().withWorkerReturn(Duration.ofMillis(50));
    private static final int PARTITIONS = 4;

    @Test
    void aWorkerWhoseConnectionEndsIsGoneWhereItGotWork() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals("leaving", stage.log.gone().get(0).getWorkerId());
            assertTrue(stage.log.gone().get(0).getReason().contains("did not come back within 50 ms"));
            assertEquals(1, stage.log.gone().size(), "only partition " + Shards.partition(id, PARTITIONS) + " is told");
        }
    }

    @Test
    void aWorkerWithAPollOpenThroughAnotherConnectionKeepsItsWork() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            stage.pollTask("busy", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "busy");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals("leaving", stage.log.gone().get(0).getWorkerId());
        }
    }

    @Test
    void aWorkerThatGivesASignOfLifeElsewhereKeepsItsWork() {
        try (Stage stage = new Stage(NotifierConfig.defaults().withWorkerReturn(Duration.ofSeconds(2)), PARTITIONS)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "back");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");
            Stage.await(() -> {
                stage.workers.seen(Stage.ORG, "back");
                return !stage.log.gone().isEmpty();
            });
            assertEquals("leaving", stage.log.gone().get(0).getWorkerId());
        }
    }

    @Test
    void aWorkerThatGotNothingIsNotMissed() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            ManagedChannel idle = stage.connect();
            WorkflowDispatchGrpc.newBlockingStub(idle).pollWorkflow(Stage.pollOf("idle", 0));
            idle.shutdownNow();
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals("leaving", stage.log.gone().get(0).getWorkerId());
        }
    }

    /** Takes work through a connection that ends then. */
    private static void take(Stage stage, String worker) {
        ManagedChannel channel = stage.connect();
        assertTrue(WorkflowDispatchGrpc.newBlockingStub(channel)
                .pollWorkflow(Stage.pollOf(worker, 30))
                .hasWorkflowExecution());
        channel.shutdownNow();
    }
}
