package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.ManagedChannel;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.ClaimWork.Claim;
import io.millrace.proto.v1.CommandRecord;
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

    private ManagedChannel connect() {
        ManagedChannel connection = stage.connect();
        connections.add(connection);
        return connection;
    }

    private String start(String kind) {
        return stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, kind).toString();
    }

    private static String poll(ManagedChannel connection, String worker) {
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
