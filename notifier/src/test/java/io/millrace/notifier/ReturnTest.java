package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.millrace.proto.ClaimId;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.WorkerBack;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that were there before this process was: every stage here is one that has just started. */
@Timeout(60)
class ReturnTest {

    private static final int PARTITIONS = 4;

    @Test
    void ofAWorkerThatPollsWithItsOnlyThreadNothingIsInItsHands() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String serial = stage.workers.register("serial", List.of("echo"), List.of("resize")).toString();
            poll(stage, serial);
            poll(stage, serial);

            List<WorkerBack> back = back(stage);
            assertEquals(PARTITIONS, back.size(), "each partition is told, once");
            assertTrue(back.stream().allMatch(WorkerBack::getIdle));
            assertTrue(back.stream().allMatch(each -> each.getWorkerId().equals(serial)));
        }
    }

    @Test
    void whatThisProcessClaimsIsNotMeant() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS);
                Stage next = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String worker = stage.workers.register("serial", List.of(), List.of()).toString();
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertTrue(stage.poll(worker, 30).get(10, TimeUnit.SECONDS).hasWorkflowExecution());
            UUID claim = Ids.fromBytes(stage.log.written.stream()
                    .filter(CommandRecord::hasClaimWork)
                    .findFirst()
                    .orElseThrow()
                    .getClaimWork()
                    .getClaims(0)
                    .getClaimId());
            poll(next, next.workers.register("other", List.of(), List.of()).toString());

            assertFalse(ClaimId.isOfEarlierProcess(claim, back(stage).getFirst().getProcess()));
            assertTrue(ClaimId.isOfEarlierProcess(claim, back(next).getFirst().getProcess()), "of the same node");
            assertNotEquals(back(stage).getFirst().getProcess(), back(next).getFirst().getProcess());
        }
    }

    @Test
    void aWorkerThatMayBeBusyHasAMomentToReport() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            stage.workers.register("parallel", List.of("echo"), List.of("resize"));
            poll(stage, "parallel");

            WorkerBack back = back(stage).getFirst();
            assertFalse(back.getIdle());
            assertTrue(back.getGraceMs() > 0 && back.getMomentsMs() > 0);
        }
    }

    @Test
    void aWorkerThatRegistersAnewOrNotAtAllHasNothingFromBefore() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            ManagedChannel connection = stage.connect();
            String fresh = Stage.register(connection, "fresh", "host", "echo");
            WorkflowDispatchGrpc.newBlockingStub(connection).pollWorkflow(Stage.pollOf(fresh, 0));
            connection.shutdownNow();
            poll(stage, "stranger");

            assertEquals(List.of(), back(stage));
        }
    }

    @Test
    void onceNoLeaseOfBeforeCanRunNothingIsSaid() throws Exception {
        Duration lease = Duration.ofMillis(1);
        NotifierConfig config = NotifierConfig.defaults().withLeases(lease, lease, Duration.ofHours(1), 10);
        try (Stage stage = new Stage(config, PARTITIONS)) {
            long begun = System.nanoTime();
            Stage.await(() -> System.nanoTime() - begun > lease.toNanos());
            poll(stage, stage.workers.register("late", List.of(), List.of()).toString());

            assertEquals(List.of(), back(stage));
        }
    }

    private static void poll(Stage stage, String worker) throws Exception {
        stage.poll(worker, 0).get(10, TimeUnit.SECONDS);
    }

    private static List<WorkerBack> back(Stage stage) {
        return stage.log.written.stream()
                .filter(CommandRecord::hasWorkerBack)
                .map(CommandRecord::getWorkerBack)
                .toList();
    }
}
