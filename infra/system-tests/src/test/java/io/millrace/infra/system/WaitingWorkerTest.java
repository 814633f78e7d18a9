package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Parked polls, and workers that die, on a whole server. Each test has a queue of its own. */
class WaitingWorkerTest {

    private static TestServer server;
    private static TestClient worker;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of("leases.workflow", "10s"), false);
        worker = server.worker();
    }

    @AfterAll
    static void stop() {
        worker.close();
        server.close();
    }

    @Test
    void aParkedPollIsAnsweredWhenWorkComes() {
        CompletableFuture<Optional<WorkflowExecution>> parked = poll("w", "parked", 20);
        Await.until("the poll to park", () -> parkedPolls() > 0);

        String id = worker.start("echo", "parked");

        assertEquals(id, parked.join().orElseThrow().getId());
    }

    /** Whoever waits when work comes needs no command of its own: the outcome that brings the work says who has it. */
    @Test
    void theClaimOfAParkedPollRidesOnTheStartThatBringsItsWork() {
        Set<String> started = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Optional<WorkflowExecution>> parked = poll("w", "riding", 20);
            Await.until("the poll to park", () -> parkedPolls() > 0);
            String id = worker.start("echo", "riding");
            assertEquals(id, parked.join().orElseThrow().getId());
            worker.complete(id, "1");
            started.add(id);
        }
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            OutcomeRecord outcome = outcomes.await(
                    "a start that was claimed at once",
                    candidate -> candidate.getEventsCount() == 3
                            && started.contains(String.valueOf(executionOf(candidate.getEvents(0)))));
            assertEquals("start_workflow", outcome.getCommand());
            assertEquals(
                    List.of("WORKFLOW_STARTED", "WORKFLOW_READY", "WORK_CLAIMED"),
                    outcome.getEventsList().stream().map(EventRecord::getType).toList());
        }
    }

    private static UUID executionOf(EventRecord event) {
        return event.getExecutionId().isEmpty() ? null : Ids.fromBytes(event.getExecutionId());
    }

    @Test
    void aPollWhoseTimeIsOverIsEmptyAndNoError() {
        long begin = System.nanoTime();

        Optional<WorkflowExecution> nothing = worker.poll("w", "never", 1);

        assertTrue(nothing.isEmpty());
        assertTrue(System.nanoTime() - begin >= Duration.ofMillis(900).toNanos(), "it did not wait");
    }

    /** Work that becomes ready in the very moment in which a poll parks must not be overlooked by both. */
    @Test
    void workThatComesWhileAPollParksIsNotOverlooked() {
        Set<String> started = new HashSet<>();
        Set<String> found = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Optional<WorkflowExecution>> poll = poll("w", "racing", 20);
            started.add(worker.start("echo", "racing"));
            WorkflowExecution work = poll.join().orElseThrow();
            found.add(work.getId());
            worker.complete(work.getId(), "1");
        }

        assertEquals(started, found);
    }

    /**
     * Each round cancels at another moment: before the claim is made, while it is under way, and after it. Where the answer was on
     * its way already, nobody can know that it was not taken, and the work comes with the end of the lease.
     */
    @Test
    void aPollThatWentAwayGivesItsClaimBack() {
        Set<String> dropped = new HashSet<>();
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            Await.until("a claim that is given back", () -> {
                dropped.add(roundWithADroppedPoll(dropped.size() % 20 * 150_000L));
                return !outcomes.all(outcome -> givesBackOneOf(dropped, outcome))
                        .isEmpty();
            });
        }
    }

    private static String roundWithADroppedPoll(long afterNanos) {
        ListenableFuture<PollResponse> poll = WorkflowDispatchGrpc.newFutureStub(worker.channel())
                .withCallCredentials(worker.key())
                .pollWorkflow(TestClient.pollRequest("gone", "dropped", 20));
        CompletableFuture<String> started = CompletableFuture.supplyAsync(() -> worker.start("echo", "dropped"));
        LockSupport.parkNanos(afterNanos);
        boolean inTime = poll.cancel(true);
        String id = started.join();
        if (inTime) {
            assertEquals(id, worker.poll("here", "dropped", 60).orElseThrow().getId());
        }
        worker.complete(id, "1");
        return id;
    }

    private static boolean givesBackOneOf(Set<String> ids, OutcomeRecord outcome) {
        return outcome.getEventsList().stream()
                .filter(event -> event.getType().equals("CLAIM_RELEASED"))
                .anyMatch(event -> ids.contains(String.valueOf(executionOf(event))));
    }

    private static CompletableFuture<Optional<WorkflowExecution>> poll(String name, String queue, int seconds) {
        return CompletableFuture.supplyAsync(() -> worker.poll(name, queue, seconds));
    }

    private static long parkedPolls() {
        return server.node(TestServer.FIRST).notifierStats().orElseThrow().parkedPolls();
    }
}
