package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.ClaimId;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.WorkerBack;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DepartureTest {

    private static final NotifierConfig SOON =
            NotifierConfig.defaults().withWorkerReturn(Duration.ofMillis(50), Duration.ofMillis(50));
    private static final NotifierConfig SOON_IF_IT_WAITED =
            NotifierConfig.defaults().withWorkerReturn(Duration.ofMillis(50), Duration.ofSeconds(60));
    private static final int PARTITIONS = 4;

    @Test
    void aWorkerWhoseConnectionEndsIsGoneWhereItGotWork() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");
            long leftMs = System.currentTimeMillis();

            Stage.await(() -> !stage.log.gone().isEmpty());
            long untilMs = stage.log.gone().get(0).getUntilMs();
            UUID claim = Ids.fromBytes(
                    stage.log.written.element().getClaimWork().getClaims(0).getClaimId());
            assertTrue(ClaimId.askedAtMs(claim) <= untilMs, "what it had is given back");
            assertTrue(
                    untilMs < System.currentTimeMillis() && untilMs >= leftMs - 1_000,
                    "and nothing that it gets later");
            assertEquals("leaving", stage.log.gone().get(0).getWorkerId());
            assertTrue(stage.log.gone().get(0).getReason().contains("did not come back within"));
            assertEquals(1, stage.log.gone().size(), "only partition " + Shards.partition(id, PARTITIONS) + " is told");
        }
    }

    @Test
    void whatWasOnItsWayWhenTheConnectionBrokeIsInDoubtThoughItsWorkerIsBack() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            String worker = stage.workers
                    .register("back", List.of("echo"), List.of("resize"))
                    .toString();
            stage.workers.livesElsewhere(worker); // so that nobody says that it is gone while this test is slow
            Stage.await(() -> {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
                take(stage, worker); // its connection ends within moments, unless the machine is very slow
                return !inDoubt(stage).isEmpty();
            });

            WorkerBack back = inDoubt(stage).getFirst();
            assertEquals(worker, back.getWorkerId());
            assertTrue(back.getGraceMs() > 0 && !back.getIdle(), "it may have got through");
            List<ByteString> claims = stage.log.written.stream()
                    .filter(CommandRecord::hasClaimWork)
                    .flatMap(command -> command.getClaimWork().getClaimsList().stream())
                    .map(ClaimWork.Claim::getClaimId)
                    .toList();
            assertTrue(claims.containsAll(back.getClaimIdsList()));
            assertEquals(List.of(), stage.log.gone());
        }
    }

    private static List<WorkerBack> inDoubt(Stage stage) {
        return stage.log.written.stream()
                .filter(CommandRecord::hasWorkerBack)
                .map(CommandRecord::getWorkerBack)
                .filter(back -> back.getClaimIdsCount() > 0)
                .toList();
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
        Duration two = Duration.ofSeconds(2);
        try (Stage stage = new Stage(NotifierConfig.defaults().withWorkerReturn(two, two), PARTITIONS)) {
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

    /** Then a sign of life at another node may be on its way. */
    @Test
    void nobodyIsGoneWhileThisNodeDoesNotHearWhatOthersTell() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            stage.workers.hearsUntilMs = stage.workers.nowMs();
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");
            int asked = stage.workers.askedWhatItHears.get();
            Stage.await(() -> stage.workers.askedWhatItHears.get() > asked + 10);
            assertEquals(List.of(), stage.log.gone());

            stage.workers.hearsUntilMs = Long.MAX_VALUE;
            Stage.await(() -> !stage.log.gone().isEmpty());
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

    @Test
    void aWorkerThatIsBusyWhenItsConnectionEndsHasLongerToComeBack() {
        try (Stage stage = new Stage(SOON_IF_IT_WAITED, PARTITIONS)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "busy");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            takeAndWaitForMore(stage, stage.connect(), "waiting");

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals("waiting", stage.log.gone().get(0).getWorkerId());
        }
    }

    @Test
    void aWorkerThatMayLiveWithAnotherNodeKeepsItsWork() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            stage.workers.livesElsewhere("elsewhere");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "elsewhere");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            take(stage, "leaving");

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals("leaving", stage.log.gone().get(0).getWorkerId());
        }
    }

    @Test
    void anotherWorkerOfTheNameIsNotTakenForTheOneThatLeft() {
        try (Stage stage = new Stage(SOON_IF_IT_WAITED, PARTITIONS)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            ManagedChannel first = stage.connect();
            String left = Stage.register(first, "same", "host", "echo");
            ManagedChannel second = stage.connect();
            Stage.register(second, "same", "other host", "echo");
            takeAndWaitForMore(stage, first, "same");
            WorkflowDispatchGrpc.newFutureStub(second).pollWorkflow(Stage.pollOf("same", 30));

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals(left, stage.log.gone().get(0).getWorkerId());
            second.shutdownNow();
        }
    }

    @Test
    void aBusyWorkerThatStartsAgainOnItsHostIsNotWaitedFor() {
        try (Stage stage = new Stage(SOON_IF_IT_WAITED, PARTITIONS)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            ManagedChannel first = stage.connect();
            String left = Stage.register(first, "same", "host", "echo");
            take(first, "same");
            first.shutdownNow();
            Stage.await(first::isTerminated);
            ManagedChannel second = stage.connect();
            Stage.await(() -> {
                Stage.register(second, "same", "host", "echo");
                return !stage.log.gone().isEmpty();
            });

            assertEquals(left, stage.log.gone().get(0).getWorkerId());
            second.shutdownNow();
        }
    }

    @Test
    void aWorkerOfAnotherPrincipalIsNotTheOneThatStartsAgain() {
        try (Stage stage = new Stage(SOON_IF_IT_WAITED, PARTITIONS)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            leave(stage.connectAs("ann", "key-1"), "same");
            ManagedChannel bob = stage.connectAs("bob", "key-2");
            Stage.register(bob, "same", "host", "echo");

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            String later = leave(stage.connectAs("ann", "key-1"), "later");
            ManagedChannel again = stage.connectAs("ann", "key-1");
            Stage.await(() -> {
                Stage.register(again, "later", "host", "echo");
                return !stage.log.gone().isEmpty();
            });

            assertEquals(later, stage.log.gone().get(0).getWorkerId());
            assertEquals("ann", stage.log.gone().get(0).getPrincipal().getId());
            bob.shutdownNow();
            again.shutdownNow();
        }
    }

    @Test
    void aWorkerIsMissedThoughAnotherPrincipalsPollsByTheSameId() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            ManagedChannel before = stage.connectAs("bob", "key-2");
            Stage.register(before, "bobs", "host", "other");
            WorkflowDispatchGrpc.newBlockingStub(before).pollWorkflow(Stage.pollOf("worker-1", 0));
            before.shutdownNow();
            ManagedChannel bob = stage.connectAs("bob", "key-2");
            WorkflowDispatchGrpc.newFutureStub(bob).pollWorkflow(Stage.pollOf("worker-1", 60));
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            ManagedChannel ann = stage.connectAs("ann", "key-1");
            String left = Stage.register(ann, "anns", "host", "echo");
            take(ann, "worker-1");
            ann.shutdownNow();

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals(left, stage.log.gone().get(0).getWorkerId());
            bob.shutdownNow();
        }
    }

    @Test
    void aWorkerIsMissedThoughAnotherPrincipalsOfItsNamePolls() {
        try (Stage stage = new Stage(SOON, PARTITIONS)) {
            ManagedChannel before = stage.connectAs("bob", "key-2");
            Stage.register(before, "same", "host", "other");
            before.shutdownNow();
            ManagedChannel bob = stage.connectAs("bob", "key-2"); // known by its name alone
            WorkflowDispatchGrpc.newFutureStub(bob).pollWorkflow(Stage.pollOf("same", 60));
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            String left = leave(stage.connectAs("ann", "key-1"), "same");

            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals(left, stage.log.gone().get(0).getWorkerId());
            bob.shutdownNow();
        }
    }

    @Test
    void oneOfSeveralWorkersOfANameThatComesBackByItIsNotMissed() {
        Duration two = Duration.ofSeconds(2);
        try (Stage stage = new Stage(NotifierConfig.defaults().withWorkerReturn(two, two), PARTITIONS)) {
            ManagedChannel first = stage.connectAs("ann", "key-1");
            ManagedChannel second = stage.connectAs("ann", "key-1");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            Stage.register(second, "same", "host", "echo");
            leave(first, "same");
            ManagedChannel back = stage.connectAs("ann", "key-1"); // nobody can tell which of the two
            WorkflowDispatchGrpc.newFutureStub(back).pollWorkflow(Stage.pollOf("same", 60));

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "other");
            String later = leave(stage.connectAs("bob", "key-2"), "later", "other");
            Stage.await(() -> !stage.log.gone().isEmpty());
            assertEquals(later, stage.log.gone().get(0).getWorkerId());
            back.shutdownNow();
            second.shutdownNow();
        }
    }

    /** @return the id of a worker that took work and closed its connection */
    private static String leave(ManagedChannel connection, String name) {
        return leave(connection, name, "echo");
    }

    private static String leave(ManagedChannel connection, String name, String kind) {
        String id = Stage.register(connection, name, "host", kind);
        take(connection, name);
        connection.shutdownNow();
        Stage.await(connection::isTerminated);
        return id;
    }

    @Test
    void aWorkerThatStartsAgainAtANodeWhoseClockIsBehindIsNotWaitedFor() {
        try (Stage stage = new Stage(SOON_IF_IT_WAITED, PARTITIONS)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            ManagedChannel first = stage.connect();
            String left = Stage.register(first, "same", "host", "echo");
            take(first, "same");
            first.shutdownNow();
            Stage.await(first::isTerminated);
            long hourAgoMs = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
            Stage.await(() -> {
                stage.workers.register(WorkerRegistration.newBuilder()
                        .setOrgId(Ids.toByteString(Stage.ORG))
                        .setWorkerId(Ids.toByteString(Shards.newId()))
                        .setName("same")
                        .setHostName("host")
                        .setRegisteredAtMs(hourAgoMs)
                        .build());
                return !stage.log.gone().isEmpty();
            });

            assertEquals(left, stage.log.gone().get(0).getWorkerId());
        }
    }

    /** Takes work through a connection that ends then. */
    private static void take(Stage stage, String worker) {
        ManagedChannel channel = stage.connect();
        take(channel, worker);
        channel.shutdownNow();
    }

    /** Takes work and polls again through a connection that ends then. */
    private static void takeAndWaitForMore(Stage stage, ManagedChannel channel, String worker) {
        take(channel, worker);
        WorkflowDispatchGrpc.newFutureStub(channel).pollWorkflow(Stage.pollOf(worker, 30));
        Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
        channel.shutdownNow();
    }

    private static void take(ManagedChannel channel, String worker) {
        assertTrue(WorkflowDispatchGrpc.newBlockingStub(channel)
                .pollWorkflow(Stage.pollOf(worker, 30))
                .hasWorkflowExecution());
    }
}
