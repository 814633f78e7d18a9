package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.v1.Binding;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CompleteTask;
import io.millrace.proto.v1.FailTask;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ReleaseClaim;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which tasks stay with workers that say nothing, and what claims say of those that may run for long. */
class RenewalTest {

    private static final Duration LEASE = Duration.ofMillis(80);

    private static Stage stage(Duration longest) {
        return new Stage(NotifierConfig.defaults().withLeases(LEASE, LEASE, longest, 10), 2);
    }

    /**
     * Hands a task out to the worker, through a connection of its own.
     *
     * @return the task
     */
    private static UUID hand(Stage stage, Channel connection, String worker) {
        UUID task = stage.log.submitTask(Stage.ORG, Stage.QUEUE, "pay");
        PollTaskResponse answer = TaskExecutionGrpc.newBlockingStub(connection).pollTask(pollOf(worker, 20));
        assertEquals(task.toString(), answer.getTask().getTaskExecutionId());
        return task;
    }

    private static PollTaskRequest pollOf(String worker, long seconds) {
        return PollTaskRequest.newBuilder()
                .setOrgId(Stage.ORG.toString())
                .setQueue(Stage.QUEUE)
                .setWorkerId(worker)
                .setTimeoutSeconds(seconds)
                .build();
    }

    /** Waits until a busy worker's lease was renewed so often that those of the others would have been too. */
    private static void renewedManyTimes(Stage stage, UUID task) {
        long before = stage.log.renewals(task);
        Stage.await(() -> stage.log.renewals(task) >= before + 4);
    }

    @Test
    void aBusyWorkerKeepsItsTaskAsLongAsItsConnectionIsOpen() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            stage.workers.register("leaves", List.of(), List.of("pay"));
            stage.workers.register("stays", List.of(), List.of("pay"));
            ManagedChannel leaving = stage.connect();
            ManagedChannel staying = stage.connect();
            UUID left = hand(stage, leaving, "leaves");
            UUID kept = hand(stage, staying, "stays");
            renewedManyTimes(stage, left);

            leaving.shutdownNow();
            renewedManyTimes(stage, kept);
            long then = stage.log.renewals(left);
            renewedManyTimes(stage, kept);

            assertEquals(then, stage.log.renewals(left));
            staying.shutdownNow();
        }
    }

    @Test
    void whoSendsHeartbeatsOrIsUnknownIsLeftToTheLease() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            ManagedChannel connection = stage.connect();
            UUID beating = stage.workers.register("beats", List.of(), List.of("pay"));
            stage.workers.beat(Stage.ORG, beating.toString());
            stage.workers.register("silent", List.of(), List.of("pay"));
            UUID beaten = hand(stage, connection, "beats");
            UUID unknown = hand(stage, connection, "unknown");
            UUID silent = hand(stage, connection, "silent");

            renewedManyTimes(stage, silent);

            assertEquals(0, stage.log.renewals(beaten) + stage.log.renewals(unknown));
            connection.shutdownNow();
        }
    }

    @Test
    void aWorkerThatIsKnownByItsConnectionAloneKeepsItsTaskUnlessItSendsHeartbeats() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            ManagedChannel silent = stage.connect();
            ManagedChannel beating = stage.connect();
            Stage.register(silent, "service", "one");
            String id = Stage.register(beating, "service", "two");
            UUID kept = hand(stage, silent, "alias of one");
            UUID left = hand(stage, beating, "alias of two");
            renewedManyTimes(stage, left);

            stage.workers.beat(Stage.ORG, id);
            renewedManyTimes(stage, kept);
            long then = stage.log.renewals(left);
            renewedManyTimes(stage, kept);

            assertEquals(then, stage.log.renewals(left));
            silent.shutdownNow();
            beating.shutdownNow();
        }
    }

    /** The other node tells the engine that what this one handed out may be lost. */
    @Test
    void aTaskOfAWorkerThatPollsAnotherNodeAsWellIsVouchedForOnce() {
        Duration lease = Duration.ofMinutes(5);
        NotifierConfig config = NotifierConfig.defaults().withLeases(lease, lease, Duration.ofHours(1), 10);
        try (Stage stage = new Stage(config, 2)) {
            ManagedChannel connection = stage.connect();
            UUID both = stage.workers.register("both", List.of(), List.of("pay"));
            UUID beating = stage.workers.register("beating", List.of(), List.of("pay"));
            UUID here = stage.workers.register("here", List.of(), List.of("pay"));
            stage.workers.beat(Stage.ORG, beating.toString());
            UUID first = hand(stage, connection, here.toString());
            UUID sure = hand(stage, connection, both.toString());
            UUID beaten = hand(stage, connection, beating.toString());
            stage.workers.livesElsewhere(both.toString());
            stage.workers.livesElsewhere(beating.toString());
            Stage.await(() -> stage.log.renewals(sure) > 0 && stage.log.renewals(beaten) > 0);

            UUID next = hand(stage, connection, both.toString());
            Stage.await(() -> stage.log.renewals(next) > 0);

            assertEquals(
                    List.of(0L, 1L, 1L),
                    List.of(stage.log.renewals(first), stage.log.renewals(sure), stage.log.renewals(beaten)));
            connection.shutdownNow();
        }
    }

    /** The proxy keeps its connection when a worker behind it dies. */
    @Test
    void behindAProxyAWorkerThatHasFallenSilentIsLeftToTheLeaseInTheEnd() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            ManagedChannel proxy = stage.connect();
            ManagedChannel own = stage.connect();
            UUID first = stage.workers.register("one", "host-1", List.of(), List.of("pay"));
            UUID second = stage.workers.register("two", "host-2", List.of(), List.of("pay"));
            UUID busy = stage.workers.register("busy", "host-3", List.of(), List.of("pay"));
            UUID kept = hand(stage, own, busy.toString());
            UUID ofFirst = hand(stage, proxy, first.toString());
            UUID ofSecond = hand(stage, proxy, second.toString());
            renewedManyTimes(stage, kept);

            areRenewedNoMore(stage, kept, ofFirst, ofSecond);
            proxy.shutdownNow();
            own.shutdownNow();
        }
    }

    @Test
    void behindAProxyAWorkerThatPollsWhileItWorksKeepsItsTaskAsLongAsItDoes() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            Metadata added = new Metadata();
            added.put(Metadata.Key.of("x-forwarded-for", Metadata.ASCII_STRING_MARSHALLER), "10.0.0.7");
            ManagedChannel proxy = stage.connect();
            Channel through = ClientInterceptors.intercept(proxy, MetadataUtils.newAttachHeadersInterceptor(added));
            ManagedChannel own = stage.connect();
            stage.workers.register("polling", "host-1", List.of(), List.of("pay"));
            stage.workers.register("busy", "host-2", List.of(), List.of("pay"));
            UUID kept = hand(stage, own, "busy");
            List<ListenableFuture<PollTaskResponse>> polls = Stream.generate(
                            () -> TaskExecutionGrpc.newFutureStub(through).pollTask(pollOf("polling", 60)))
                    .limit(2)
                    .toList();
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 2);
            UUID task = stage.log.submitTask(Stage.ORG, Stage.QUEUE, "pay");
            for (int i = 0; i < 10; i++) { // longer than a dozen leases
                renewedManyTimes(stage, task);
            }

            polls.forEach(poll -> poll.cancel(true));
            areRenewedNoMore(stage, kept, task);
            proxy.shutdownNow();
            own.shutdownNow();
        }
    }

    /** Waits until the others are left alone, while the one is renewed many times. */
    private static void areRenewedNoMore(Stage stage, UUID kept, UUID... others) {
        Stage.await(() -> {
            List<Long> then = renewals(stage, others);
            renewedManyTimes(stage, kept);
            return then.equals(renewals(stage, others));
        });
    }

    @Test
    void aTaskThatIsReportedOrGivenBackIsNotRenewed() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            ManagedChannel connection = stage.connect();
            stage.workers.register("silent", List.of(), List.of("pay"));
            UUID completed = hand(stage, connection, "silent");
            UUID failed = hand(stage, connection, "silent");
            report(stage, completion(completed));
            report(stage, failure(failed));
            UUID returned = hand(stage, connection, "silent");
            UUID busy = hand(stage, connection, "silent");
            renewedManyTimes(stage, returned);
            giveBack(stage, returned);
            renewedManyTimes(stage, busy);
            List<Long> then = renewals(stage, completed, failed, returned);

            renewedManyTimes(stage, busy);

            assertEquals(then, renewals(stage, completed, failed, returned));
            connection.shutdownNow();
        }
    }

    @Test
    void aReportOfAnotherPrincipalLeavesTheHolderItsLease() {
        try (Stage stage = stage(Duration.ofHours(1))) {
            ManagedChannel ann = stage.connectAs("ann", "key-1");
            Stage.register(ann, "silent", "host");
            UUID first = hand(stage, ann, "silent");
            UUID second = hand(stage, ann, "silent");
            report(stage, completion(first).setPrincipal(worker("bob", "key-2")));
            report(stage, failure(second).setPrincipal(worker("bob", "key-2")));
            report(stage, completion(second));

            renewedManyTimes(stage, first);
            renewedManyTimes(stage, second);

            report(stage, failure(second).setPrincipal(worker("ann", "key-3")));
            renewedManyTimes(stage, first);
            long then = stage.log.renewals(second);
            renewedManyTimes(stage, first);
            assertEquals(then, stage.log.renewals(second), "it is hers to report, whatever key she shows");
            ann.shutdownNow();
        }
    }

    @Test
    void whereTheVeryKeyCountsAReportWithAnotherLeavesTheLease() {
        NotifierConfig config = NotifierConfig.defaults()
                .withLeases(LEASE, LEASE, Duration.ofHours(1), 10)
                .withBinding(Binding.CREDENTIAL);
        try (Stage stage = new Stage(config, 2)) {
            ManagedChannel ann = stage.connectAs("ann", "key-1");
            Stage.register(ann, "silent", "host");
            UUID kept = hand(stage, ann, "silent");
            UUID reported = hand(stage, ann, "silent");
            report(stage, completion(kept).setPrincipal(worker("ann", "key-2")));
            report(stage, completion(reported).setPrincipal(worker("ann", "key-1")));

            renewedManyTimes(stage, kept);
            long then = stage.log.renewals(reported);
            renewedManyTimes(stage, kept);
            assertEquals(then, stage.log.renewals(reported));
            ann.shutdownNow();
        }
    }

    private static Principal worker(String id, String key) {
        return Principal.newBuilder()
                .setType(Principal.Type.WORKER)
                .setId(id)
                .setCredential(key)
                .build();
    }

    private static CommandRecord.Builder completion(UUID task) {
        return CommandRecord.newBuilder()
                .setCompleteTask(CompleteTask.newBuilder().setTaskId(Ids.toByteString(task)));
    }

    private static CommandRecord.Builder failure(UUID task) {
        return CommandRecord.newBuilder().setFailTask(FailTask.newBuilder().setTaskId(Ids.toByteString(task)));
    }

    private static List<Long> renewals(Stage stage, UUID... tasks) {
        return Stream.of(tasks).map(stage.log::renewals).toList();
    }

    private static void report(Stage stage, CommandRecord.Builder command) {
        assertTrue(stage.notifier
                .riders()
                .board(0, command.setOrgId(Ids.toByteString(Stage.ORG)))
                .isEmpty());
    }

    private static void giveBack(Stage stage, UUID task) {
        CommandRecord renewal = stage.log.written.stream()
                .filter(CommandRecord::hasHeartbeatTask)
                .filter(command ->
                        Ids.fromBytes(command.getHeartbeatTask().getTaskId()).equals(task))
                .findFirst()
                .orElseThrow();
        stage.log
                .tell(
                        Shards.partition(task, 2),
                        CommandRecord.newBuilder()
                                .setReleaseClaim(ReleaseClaim.newBuilder()
                                        .setWorkType(WorkType.TASK)
                                        .setClaimId(renewal.getHeartbeatTask().getClaimId())))
                .join();
    }

    /** Its worker has to end it, or to be heard of at another node. */
    @Test
    void aNodeThatStopsRenewsTheLeasesOfBusyWorkersOnceMore() {
        Duration lease = Duration.ofMinutes(5);
        NotifierConfig config = NotifierConfig.defaults().withLeases(lease, lease, Duration.ofHours(1), 10);
        try (Stage stage = new Stage(config, 2)) {
            ManagedChannel connection = stage.connect();
            stage.workers.register("silent", List.of(), List.of("pay"));
            UUID beating = stage.workers.register("beats", List.of(), List.of("pay"));
            stage.workers.beat(Stage.ORG, beating.toString());
            UUID busy = hand(stage, connection, "silent");
            UUID beaten = hand(stage, connection, "beats");
            UUID ended = hand(stage, connection, "silent");
            report(stage, completion(ended));

            stage.notifier.close();

            assertEquals(List.of(1L, 0L, 0L), renewals(stage, busy, beaten, ended));
            assertTrue(stage.log.isLeft(busy), "its end must not count, as nobody can renew it");
            connection.shutdownNow();
        }
    }

    @Test
    void nobodyKeepsATaskForEver() {
        try (Stage stage = stage(LEASE.multipliedBy(3))) {
            ManagedChannel connection = stage.connect();
            stage.workers.register("silent", List.of(), List.of("pay"));
            UUID first = hand(stage, connection, "silent");
            Stage.await(() -> stage.log.renewals(first) >= 2);
            for (int later = 0; later < 3; later++) {
                UUID next = hand(stage, connection, "silent");
                Stage.await(() -> stage.log.renewals(next) >= 2);
            }
            assertTrue(stage.log.renewals(first) <= 6, "renewed " + stage.log.renewals(first) + " times");
            connection.shutdownNow();
        }
    }

    @Test
    void claimsSayWhichKindsMayRunForLonger() {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 2)) {
            stage.workers.register(WorkerRegistration.newBuilder()
                    .setOrgId(Ids.toByteString(Stage.ORG))
                    .setWorkerId(Ids.toByteString(Shards.newId()))
                    .setName("slow")
                    .addTaskKinds("pay")
                    .addTaskKinds("mail")
                    .putTaskTimeoutSeconds("pay", 1_800)
                    .putTaskTimeoutSeconds("mail", 10)
                    .build());
            ManagedChannel connection = stage.connect();
            hand(stage, connection, "slow");

            ClaimWork.Claim claim = stage.log.written.stream()
                    .filter(CommandRecord::hasClaimWork)
                    .findFirst()
                    .orElseThrow()
                    .getClaimWork()
                    .getClaims(0);
            assertEquals(330_000, claim.getLeaseMs());
            assertEquals(Map.of("pay", 1_830_000L), claim.getLongerLeaseMsMap());
            connection.shutdownNow();
        }
    }
}
