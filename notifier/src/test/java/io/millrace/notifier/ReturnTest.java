package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.ClaimId;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.WorkerBack;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Workers that were there before this process was: every stage here is one that has just started. */
class ReturnTest {

    private static final int PARTITIONS = 4;

    @Test
    void ofAWorkerThatIsSeenToPollWithItsOnlyThreadNothingIsInItsHands() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String serial = stage.workers
                    .register("serial", List.of("echo"), List.of("resize"))
                    .toString();
            poll(stage, serial);
            assertTrue(
                    awaitBack(stage, PARTITIONS).stream().noneMatch(WorkerBack::getIdle), "it may have many threads");

            Stage.await(() -> {
                takeTurns(stage, serial);
                return idle(stage).size() >= PARTITIONS;
            });
            assertEquals(
                    Collections.nCopies(PARTITIONS, serial),
                    idle(stage).stream().map(WorkerBack::getWorkerId).toList(),
                    "each partition is told, once");
            assertEquals(
                    1,
                    back(stage).stream().map(WorkerBack::getUntilMs).distinct().count(),
                    "what was claimed before");
        }
    }

    /** What it polls first says nothing, whichever of its threads is first. */
    @Test
    void aWorkerWithSeveralThreadsIsNeverIdleAlthoughItsPollsBeginOneAfterTheOther() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String parallel = stage.workers
                    .register("parallel", List.of("echo"), List.of("resize"))
                    .toString();
            stage.pollTask(parallel, 30);
            stage.dispatch.pollWorkflow(Stage.pollOf(parallel, 30));

            assertTrue(awaitBack(stage, 2 * PARTITIONS).stream().noneMatch(WorkerBack::getIdle), "and when said again");
        }
    }

    /** What it got there may be in the hands of the thread that polls there. */
    @Test
    void aWorkerThatPollsAnotherNodeAsWellIsNotIdle() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String both = stage.workers
                    .register("both", List.of("echo"), List.of("resize"))
                    .toString();
            String alone = stage.workers
                    .register("alone", List.of("echo"), List.of("resize"))
                    .toString();
            stage.workers.livesElsewhere(both);
            poll(stage, both);
            poll(stage, alone);
            Stage.await(() -> {
                takeTurns(stage, both);
                takeTurns(stage, alone);
                return idle(stage).size() >= PARTITIONS;
            });
            for (int turn = 0; turn < 20; turn++) {
                takeTurns(stage, both);
            }
            assertTrue(idle(stage).stream().allMatch(back -> back.getWorkerId().equals(alone)));
        }
    }

    @Test
    void aWorkerThatPollsWhileItHasATaskIsNotIdle() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String busy = stage.workers
                    .register("busy", List.of("echo"), List.of("resize"))
                    .toString();
            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");
            assertTrue(stage.pollTask(busy, 30).get(10, TimeUnit.SECONDS).hasTask());

            Stage.await(() -> {
                takeTurns(stage, busy);
                return back(stage).size() >= 2 * PARTITIONS;
            });
            takeTurns(stage, busy);
            poll(
                    stage,
                    stage.workers.register("next", List.of("echo"), List.of()).toString());
            assertTrue(awaitBack(stage, 3 * PARTITIONS).stream().noneMatch(WorkerBack::getIdle));
        }
    }

    @Test
    void ofManyWorkersThatComeBackAtOnceEachIsTold() throws Exception {
        int workers = 50;
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            Set<String> all = new HashSet<>();
            for (int i = 0; i < workers; i++) {
                String worker = stage.workers
                        .register("worker-" + i, List.of("echo"), List.of())
                        .toString();
                all.add(worker);
                poll(stage, worker);
            }

            List<WorkerBack> back = awaitBack(stage, workers * PARTITIONS);
            assertEquals(all, back.stream().map(WorkerBack::getWorkerId).collect(Collectors.toSet()));
        }
    }

    @Test
    void whatThisProcessClaimsIsNotMeant() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS);
                Stage next = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String worker =
                    stage.workers.register("serial", List.of(), List.of()).toString();
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

            assertFalse(ClaimId.isOfEarlierProcess(
                    claim, awaitBack(stage, PARTITIONS).getFirst().getProcess()));
            assertTrue(
                    ClaimId.isOfEarlierProcess(
                            claim, awaitBack(next, PARTITIONS).getFirst().getProcess()),
                    "of the same node");
            assertNotEquals(
                    awaitBack(stage, PARTITIONS).getFirst().getProcess(),
                    awaitBack(next, PARTITIONS).getFirst().getProcess());
        }
    }

    @Test
    void aWorkerThatMayBeBusyHasAMomentToReport() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            stage.workers.register("parallel", List.of("echo"), List.of("resize"));
            poll(stage, "parallel");

            WorkerBack back = awaitBack(stage, PARTITIONS).getFirst();
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
            String known =
                    stage.workers.register("known", List.of("echo"), List.of()).toString();
            poll(stage, known);

            List<WorkerBack> back = awaitBack(stage, PARTITIONS);
            assertTrue(back.stream().allMatch(each -> each.getWorkerId().equals(known)), back::toString);
        }
    }

    @Test
    void whoPollsByTheIdOfAnotherPrincipalsWorkerDoesNotBringItBack() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            ManagedChannel ann = stage.connectAs("ann", "key-1");
            String anns = Stage.register(ann, "serial", "host", "echo");
            ann.shutdownNow();
            pollAs(stage, "bob", anns);
            String known =
                    stage.workers.register("known", List.of("echo"), List.of()).toString();
            poll(stage, known);
            assertTrue(awaitBack(stage, PARTITIONS).stream()
                    .allMatch(back -> back.getWorkerId().equals(known)));

            pollAs(stage, "ann", anns);
            WorkerBack back = awaitBack(stage, 2 * PARTITIONS).getLast();
            assertEquals(anns, back.getWorkerId());
            assertEquals("ann", back.getPrincipal().getId());
        }
    }

    private static void pollAs(Stage stage, String who, String worker) {
        ManagedChannel connection = stage.connectAs(who, "key of " + who);
        WorkflowDispatchGrpc.newBlockingStub(connection).pollWorkflow(Stage.pollOf(worker, 0));
        connection.shutdownNow();
    }

    @Test
    void onceNoLeaseOfBeforeCanRunNothingIsSaid() throws Exception {
        Duration lease = Duration.ofMillis(1);
        NotifierConfig config = NotifierConfig.defaults().withLeases(lease, lease, Duration.ofHours(1), 10);
        try (Stage stage = new Stage(config, PARTITIONS)) {
            long begun = System.nanoTime();
            Stage.await(() -> System.nanoTime() - begun > lease.toNanos());
            // Two workers live by this name: what other nodes claimed may be in the hands of the other.
            stage.workers.register("late", List.of(), List.of());
            stage.workers.register("late", List.of(), List.of());
            poll(stage, "late");
            poll(stage, stage.workers.register("next", List.of(), List.of()).toString());

            assertTrue(awaitBack(stage, PARTITIONS).stream()
                    .noneMatch(back -> back.getWorkerId().equals("late")));
        }
    }

    @Test
    void whatAnyNodeClaimedForAWorkerUntilItCameHereIsMeant() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String worker =
                    stage.workers.register("moved", List.of(), List.of()).toString();
            long beganMs = System.currentTimeMillis();
            poll(stage, worker);

            WorkerBack back = awaitBack(stage, PARTITIONS).getFirst();
            assertTrue(back.getUntilMs() >= beganMs, "what was claimed before");
            assertTrue(back.getRecentMs() > 0);
        }
    }

    @Test
    void aWorkerThatComesBackFromElsewhereIsToldOfAgain() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), PARTITIONS)) {
            String worker = stage.workers
                    .register("serial", List.of("echo"), List.of("resize"))
                    .toString();
            Stage.await(() -> {
                ManagedChannel connection = stage.connect();
                WorkflowDispatchGrpc.newBlockingStub(connection).pollWorkflow(Stage.pollOf(worker, 0));
                connection.shutdownNow();
                return back(stage).size() >= 3 * PARTITIONS; // twice of the first time
            });
        }
    }

    private static void takeTurns(Stage stage, String worker) {
        try {
            poll(stage, worker);
            stage.pollTask(worker, 0).get(10, TimeUnit.SECONDS);
        } catch (Exception fault) {
            throw new AssertionError(fault);
        }
    }

    private static List<WorkerBack> idle(Stage stage) {
        return back(stage).stream().filter(WorkerBack::getIdle).toList();
    }

    private static void poll(Stage stage, String worker) throws Exception {
        stage.poll(worker, 0).get(10, TimeUnit.SECONDS);
    }

    /** Workers are told of in the order in which they came. */
    private static List<WorkerBack> awaitBack(Stage stage, int count) throws Exception {
        Stage.await(() -> back(stage).size() >= count);
        return back(stage);
    }

    private static List<WorkerBack> back(Stage stage) {
        return stage.log.written.stream()
                .filter(CommandRecord::hasWorkerBack)
                .map(CommandRecord::getWorkerBack)
                .toList();
    }
}
