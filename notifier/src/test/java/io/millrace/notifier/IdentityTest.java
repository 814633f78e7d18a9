package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.Binding;
import io.millrace.proto.v1.ClaimWork.Claim;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdentityTest {

    private final Stage stage = new Stage();
    private final List<ManagedChannel> connections = new ArrayList<>();

    @AfterEach
    void close() {
        connections.forEach(ManagedChannel::shutdownNow);
        stage.close();
    }

    @Test
    void aWorkerThatPollsByANameOfItsOwnIsKnownByItsConnection() {
        ManagedChannel connection = connect();
        String id = Stage.register(connection, "service", "host", "echo");
        start("other");
        String echo = start("echo");

        assertEquals(echo, poll(connection, "worker-1"));
        assertEquals(id, lastClaim().getWorkerId(), "it holds work by the id of its registration");
    }

    @Test
    void aWorkerThatPollsByANameOfItsOwnIsKnownWhenItsConnectionIsGone() {
        ManagedChannel connection = connect();
        String id = Stage.register(connection, "service", "host", "echo");
        WorkflowDispatchGrpc.newBlockingStub(connection).pollWorkflow(Stage.pollOf("worker-1", 0));
        connection.shutdownNow();
        start("other");
        String echo = start("echo");

        assertEquals(echo, poll(connect(), "worker-1"));
        assertEquals(id, lastClaim().getWorkerId());
    }

    @Test
    void workersOfOneNameGetTheKindsOfTheirOwnConnection() {
        ManagedChannel one = connect();
        ManagedChannel two = connect();
        String first = Stage.register(one, "same", "host", "a");
        String second = Stage.register(two, "same", "host", "b");
        String b = start("b");
        String a = start("a");

        assertEquals(a, poll(one, "same"));
        assertEquals(first, lastClaim().getWorkerId());
        assertEquals(b, poll(two, "same"));
        assertEquals(second, lastClaim().getWorkerId());
    }

    @Test
    void severalRegistrationsOfAConnectionCountTogether() {
        ManagedChannel connection = connect();
        Stage.register(connection, "one", "host", "a");
        Stage.register(connection, "two", "host", "b");
        start("other");
        String a = start("a");
        String b = start("b");

        assertEquals(Set.of(a, b), Set.of(poll(connection, "worker-1"), poll(connection, "worker-1")));
    }

    @Test
    void aNameThatIsRegisteredElsewhereCountsMoreThanTheConnection() {
        ManagedChannel shared = connect();
        Stage.register(shared, "one", "host", "a");
        stage.workers.register("two", List.of("b"), List.of());
        start("a");
        String b = start("b");

        assertEquals(b, poll(shared, "two"));
    }

    @Test
    void whereSeveralOfANameLiveItIsTheNameThatHoldsTheWork() {
        stage.workers.register("same", List.of("a"), List.of());
        stage.workers.register("same", List.of("a"), List.of());
        String a = start("a");

        assertEquals(a, poll(connect(), "same"));
        assertEquals("same", lastClaim().getWorkerId());
    }

    @Test
    void aSubscriberIsKnownByItsConnectionToo() throws InterruptedException {
        ManagedChannel connection = connect();
        Stage.register(connection, "service", "host", "echo");
        Stage.Subscriber subscriber = stage.subscribe(connection, "worker-1");

        start("other");
        assertFalse(stage.notifier.stats().wakeUpsSent() > 0);
        start("echo");
        subscriber.next();
    }

    @Test
    void whoPollsByTheIdOrTheNameOfAnotherPrincipalsWorkerIsAWorkerOfItsOwn() {
        ManagedChannel ann = connectAs("ann", "key-1");
        String id = Stage.register(ann, "service", "host", "echo");
        ManagedChannel bob = connectAs("bob", "key-2");

        for (String calledSo : List.of(id, "service")) {
            String other = start("other");
            assertEquals(other, poll(bob, calledSo), "nobody knows which kinds it takes");
            assertEquals(calledSo + " of WORKER bob", lastClaim().getWorkerId());
            assertEquals("bob", lastClaim().getHolder().getId());
        }
        String echo = start("echo");
        assertEquals(echo, poll(ann, id));
        assertEquals(id, lastClaim().getWorkerId());
    }

    @Test
    void aRegistrationCountsWhateverKeyItsPrincipalShows() {
        String id = Stage.register(connectAs("ann", "key-1"), "service", "host", "echo");
        start("other");
        String echo = start("echo");

        assertEquals(echo, poll(connectAs("ann", "key-2"), id));
        assertEquals(id, lastClaim().getWorkerId());
    }

    @Test
    void ofTwoPrincipalsWorkersWithOneNameEachIsKnownByItsOwnRegistration() {
        String anns = Stage.register(connectAs("ann", "key-1"), "same", "host", "a");
        String bobs = Stage.register(connectAs("bob", "key-2"), "same", "host", "b");
        String b = start("b");
        String a = start("a");

        assertEquals(a, poll(connectAs("ann", "key-1"), "same"));
        assertEquals(anns, lastClaim().getWorkerId());
        assertEquals(b, poll(connectAs("bob", "key-2"), "same"));
        assertEquals(bobs, lastClaim().getWorkerId());
    }

    @Test
    void workersOfTwoPrincipalsThatPollByOneIdAreKnownWhenTheirConnectionsAreGone() {
        ManagedChannel ann = connectAs("ann", "key-1");
        ManagedChannel bob = connectAs("bob", "key-2");
        String anns = registerAndPoll(ann, "anns", "a", "worker-1");
        String bobs = registerAndPoll(bob, "bobs", "b", "worker-1");
        ann.shutdownNow();
        bob.shutdownNow();

        String other = start("other");
        String b = start("b");
        String a = start("a");
        assertEquals(b, poll(connectAs("bob", "key-3"), "worker-1"));
        assertEquals(bobs, lastClaim().getWorkerId());
        assertEquals(a, poll(connectAs("ann", "key-4"), "worker-1"));
        assertEquals(anns, lastClaim().getWorkerId());
        assertEquals(other, poll(connectAs("eve", "key-5"), "worker-1"));
        assertEquals("worker-1 of WORKER eve", lastClaim().getWorkerId());
    }

    @Test
    void soAreThoseThatShareAConnection() {
        ManagedChannel proxy = connect();
        registerAndPoll(Stage.throughAs(proxy, "ann", "key-1"), "anns", "a", "worker-1");
        String bobs = registerAndPoll(Stage.throughAs(proxy, "bob", "key-2"), "bobs", "b", "worker-1");
        proxy.shutdownNow();

        start("a");
        String b = start("b");
        assertEquals(b, poll(connectAs("bob", "key-2"), "worker-1"));
        assertEquals(bobs, lastClaim().getWorkerId());
    }

    @Test
    void aWorkerThatPollsByTheNameOfAnotherPrincipalsIsKnownWhenItsConnectionIsGone() {
        Stage.register(connectAs("ann", "key-1"), "service", "host", "a");
        ManagedChannel bob = connectAs("bob", "key-2");
        String bobs = registerAndPoll(bob, "bobs", "b", "service");
        bob.shutdownNow();

        start("a");
        String b = start("b");
        assertEquals(b, poll(connectAs("bob", "key-2"), "service"));
        assertEquals(bobs, lastClaim().getWorkerId());
        assertEquals(0, stage.workers.lastSeenMs(Stage.ORG, "service"), "it is no sign of life of the other");
    }

    private static String registerAndPoll(Channel connection, String name, String kind, String polledAs) {
        String id = Stage.register(connection, name, "host", kind);
        WorkflowDispatchGrpc.newBlockingStub(connection).pollWorkflow(Stage.pollOf(polledAs, 0));
        return id;
    }

    @Test
    void whatNobodyInParticularRegisteredCountsForAll() {
        String id =
                stage.workers.register("service", List.of("echo"), List.of()).toString();
        start("other");
        String echo = start("echo");

        assertEquals(echo, poll(connectAs("ann", "key-1"), id));
        assertEquals(id, lastClaim().getWorkerId());
    }

    @Test
    void aClaimSaysWhoPollsIfThatIsKnown() {
        start("echo");
        poll(connect(), "w");
        assertFalse(lastClaim().hasHolder());
        assertEquals(Binding.BINDING_UNSPECIFIED, lastClaim().getBinding());

        start("echo");
        poll(connectAs("ann", "key-1"), "w");
        assertEquals(
                Principal.newBuilder()
                        .setType(Principal.Type.WORKER)
                        .setId("ann")
                        .setCredential("key-1")
                        .build(),
                lastClaim().getHolder());
        assertEquals(Binding.PRINCIPAL, lastClaim().getBinding());
    }

    private ManagedChannel connectAs(String id, String key) {
        ManagedChannel connection = stage.connectAs(id, key);
        connections.add(connection);
        return connection;
    }

    private ManagedChannel connect() {
        ManagedChannel connection = stage.connect();
        connections.add(connection);
        return connection;
    }

    private String start(String kind) {
        return stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, kind).toString();
    }

    private static String poll(Channel connection, String worker) {
        PollResponse answer = WorkflowDispatchGrpc.newBlockingStub(connection).pollWorkflow(Stage.pollOf(worker, 30));
        return answer.getWorkflowExecution().getId();
    }

    private Claim lastClaim() {
        return stage.log.written.stream()
                .filter(CommandRecord::hasClaimWork)
                .reduce((before, last) -> last)
                .orElseThrow()
                .getClaimWork()
                .getClaims(0);
    }
}
