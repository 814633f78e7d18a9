package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SubmitWorkflowCommands: sections 2.1.5, 4.1, 4.2, 5.3 to 5.5 of the contract, traps 4, 5 and 7. */
class SubmissionRulesTest extends Protocol {

    @Test
    void bothNumberingStylesAreTaken() {
        String ffi = waiting(Commands.operation("a", "1"));
        signal(ffi, "on", "1");
        claim();
        suspend(ffi, Commands.operation("b", "2"));

        String rust = running();
        rustBatch(rust, WorkflowStatus.SUSPENDED, Commands.operation("a", "1"), Commands.suspend("x"));
        signal(rust, "on", "1");
        claim();
        rustBatch(rust, WorkflowStatus.SUSPENDED, Commands.operation("b", "2"), Commands.suspend("x"));

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "OPERATION_COMPLETED",
                        "WORKFLOW_SUSPENDED",
                        "SIGNAL_RECEIVED",
                        "OPERATION_COMPLETED",
                        "WORKFLOW_SUSPENDED"),
                types(ffi));
        assertEquals(types(ffi), types(rust));
    }

    @Test
    void aSuspensionWithoutItsCommandIsRecordedAllTheSame() {
        String id = waiting();

        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_SUSPENDED"), types(id));
        assertNothingReady();
    }

    @Test
    void theReasonOfASuspensionIsKept() {
        String id = waiting(Commands.suspend("waits for a task"));

        assertEquals("waits for a task", only(id, "WORKFLOW_SUSPENDED").text("reason"));
    }

    @Test
    void runningAndUnspecifiedCountAsSuspended() {
        for (WorkflowStatus status : List.of(WorkflowStatus.RUNNING, WorkflowStatus.WORKFLOW_STATUS_UNSPECIFIED)) {
            String id = running();
            submit(id, status, Commands.operation("a", "1"));

            assertEquals(List.of("WORKFLOW_STARTED", "OPERATION_COMPLETED", "WORKFLOW_SUSPENDED"), types(id));
        }
    }

    @Test
    void aStatusThatNobodyKnowsIsRefused() {
        String id = running();

        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "SUSPENDED, COMPLETED, CANCELLED, FAILED] as status, but got 17",
                () -> worker.workflows()
                        .submitWorkflowCommands(batch(id, WorkflowStatus.SUSPENDED, 1).toBuilder()
                                .setStatusValue(17)
                                .build()));

        assertEquals(List.of("WORKFLOW_STARTED"), types(id));
    }

    @Test
    void completedWithoutItsCommandHasANullOutput() {
        String id = running();
        submit(id, WorkflowStatus.COMPLETED, Commands.operation("a", "1"));

        assertTrue(only(id, "WORKFLOW_COMPLETED").data().get("output").isNull());
    }

    @Test
    void failedWithoutItsCommandFails() {
        String id = running();
        submit(id, WorkflowStatus.FAILED);

        awaitLast(id, "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED");
    }

    @Test
    void aTerminalCommandWinsOverTheStatus() {
        String id = running();
        submit(id, WorkflowStatus.SUSPENDED, Commands.complete("42"));

        assertEquals(42, only(id, "WORKFLOW_COMPLETED").data().path("output").asInt());
        assertEquals(2, types(id).size());
    }

    @Test
    void cancelledIsACancellation() {
        String id = running();
        submit(id, WorkflowStatus.CANCELLED);

        awaitLast(id, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
    }

    @Test
    void aFailureOfTypeCancelledIsACancellation() {
        String id = running();
        submit(id, WorkflowStatus.FAILED, Commands.fail("changed my mind", "CANCELLED"));

        awaitLast(id, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
        assertEquals("changed my mind", only(id, "WORKFLOW_CANCELLED").text("reason"));
        assertTrue(only(id, "WORKFLOW_EXECUTION_FAILED").text("error").startsWith("Workflow cancelled: "));
    }

    @Test
    void unspecifiedCommandsAreSkipped() {
        String id = waiting(Commands.unspecified(), Commands.operation("a", "1"), Commands.unspecified());

        assertEquals(List.of("WORKFLOW_STARTED", "OPERATION_COMPLETED", "WORKFLOW_SUSPENDED"), types(id));
    }

    @Test
    void clearingAStateKeyIsAlwaysRecorded() {
        String id = waiting(Commands.clear("nothing"), Commands.clear("nothing"));

        assertEquals(List.of("WORKFLOW_STARTED", "STATE_CLEARED", "STATE_CLEARED", "WORKFLOW_SUSPENDED"), types(id));
    }

    @Test
    void aBatchIsTakenAsAWholeOrNotAtAll() {
        String id = running();

        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "command 1",
                () -> suspend(
                        id,
                        Commands.operation("a", "1"),
                        Commands.operation("b", "no json"),
                        Commands.operation("c", "1")));

        assertEquals(List.of("WORKFLOW_STARTED"), types(id));
        complete(id);
    }

    @Test
    void aBatchToAClosedExecutionIsAnsweredAndChangesNothing() {
        String id = running();
        complete(id);
        List<String> closed = types(id);

        complete(id);
        suspend(id, Commands.operation("late", "1"));

        assertEquals(closed, types(id));
    }

    /**
     * Section 5.5 recommends FAILED_PRECONDITION, on the ground that SDKs only log it. Those on the foreign-function core answer
     * any error with a second batch that fails the workflow, so that late batches have to be answered OK.
     */
    @Test
    void aBatchToAnExecutionThatNobodyHoldsIsAnsweredAndChangesNothing() {
        String pending = start();
        complete(pending);
        claim();
        suspend(pending);
        complete(pending);

        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_SUSPENDED"), types(pending));
    }

    /** Answered OK against section 5.5, as above. */
    @Test
    void aBatchOfAWorkerThatCountedFewerEventsThanTheClaimSawChangesNothing() {
        String id = waiting(Commands.operation("a", "1"));
        signal(id, "on", "1");
        claim();
        List<String> before = types(id);

        worker.workflows().submitWorkflowCommands(batch(id, WorkflowStatus.COMPLETED, 3, Commands.complete("1")));

        assertEquals(before, types(id));
    }

    @Test
    void aWorkerThatComesLateIsNotToldOfAnErrorAndTheRunOfTheNextGoesOn() {
        new Late().doesNoHarm();
    }

    @Test
    void aBatchFromAnEmptyHistoryIsThrownAwayAndTheWorkflowHandedOutAgain() {
        String task = newId();
        WorkflowCommand[] first = {Commands.operation("a", "1"), Commands.task(task, "t"), Commands.set("k", "1")};
        String id = waiting(first);
        claimTask();
        completeTask(task, "1");
        claim();
        List<String> before = types(id);

        suspend(id, first);

        assertEquals(before, types(id));
        assertEquals(id, claim().getId());
        complete(id);
    }

    @Test
    void oneKnownIdentityOfAnyKindProvesABatchStale() {
        String child = newId();
        for (WorkflowCommand known : List.of(
                Commands.timer("t", 600_000),
                Commands.promise("p"),
                Commands.child(child, "c", "kid", queue + "-kids"))) {
            String id = waiting(known);
            signal(id, "on", "1");
            claim();
            List<String> before = types(id);

            submit(id, WorkflowStatus.COMPLETED, Commands.operation("new", "1"), known, Commands.complete("1"));

            assertEquals(before, types(id));
            assertEquals(id, claim().getId());
            complete(id);
        }
    }

    @Test
    void staleRoundsInARowFailTheWorkflow() {
        String id = waiting(Commands.timer("t", 600_000));
        signal(id, "on", "1");
        for (int round = 0; round < 6; round++) {
            claim();
            suspend(id, Commands.timer("t", 600_000));
        }

        awaitLast(id, "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED");
        assertEquals(
                "DETERMINISM_VIOLATION", only(id, "WORKFLOW_EXECUTION_FAILED").text("failureType"));
    }

    @Test
    void goodBatchesBetweenForgiveStaleRounds() {
        String id = waiting(Commands.timer("t", 600_000));
        for (int round = 0; round < 7; round++) {
            signal(id, "on", "1");
            claim();
            suspend(id, Commands.timer("t", 600_000));
            claim();
            suspend(id, Commands.operation("op" + round, "1"));
        }

        assertEquals("WORKFLOW_SUSPENDED", types(id).get(types(id).size() - 1));
    }

    @Test
    void whatABatchIssuesTwiceCountsOnce() {
        String task = newId();
        String id = waiting(
                Commands.task(task, "t"),
                Commands.task(task, "t"),
                Commands.timer("t", 600_000),
                Commands.timer("t", 600_000),
                Commands.promise("p"),
                Commands.promise("p"));

        assertEquals(
                List.of("WORKFLOW_STARTED", "TASK_SCHEDULED", "TIMER_STARTED", "PROMISE_CREATED", "WORKFLOW_SUSPENDED"),
                types(id));
    }

    @Test
    void terminalWinsOverEventsThatItsWorkerDidNotSee() {
        String id = running();
        signal(id, "unseen", "1");
        complete(id);

        assertEquals(List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED", "WORKFLOW_COMPLETED"), types(id));
        assertNothingReady();
    }

    @Test
    void aFailedWorkflowIsNotTriedAgain() {
        String id = running();
        submit(id, WorkflowStatus.FAILED, Commands.fail("Determinism violation: no", "ERROR"));

        assertNothingReady();
        assertEquals("Determinism violation: no", only(id, "WORKFLOW_FAILED").text("error"));
    }

    @Test
    void aWorkerThatNeverAnswersGetsItsWorkflowAgainUntilItFailsLoudly() {
        new Unanswered().failsAfterTheLastDelivery();
    }

    /** As the Rust SDK numbers: on from the events that it saw. */
    private void rustBatch(String id, WorkflowStatus status, WorkflowCommand... commands) {
        worker.workflows().submitWorkflowCommands(batch(id, status, types(id).size() + 1, commands));
    }

    @Test
    void aWorkflowThatRunsInCirclesFailsLoudly() {
        new Circling().failsWhenItsHistoryIsFull();
    }

    private static final class Circling extends Protocol {

        Circling() {
            super(SharedServers.strict());
        }

        /** Each round resumes the workflow at once, so nothing but the history's limit ends this. */
        void failsWhenItsHistoryIsFull() {
            String id = start();
            int rounds = 0;
            for (; !status(id).equals("FAILED") && rounds < 1_000; rounds++) {
                claim();
                suspend(id, Commands.timer("t".repeat(200) + rounds, 0));
            }

            assertEquals("HISTORY_LIMIT", only(id, "WORKFLOW_EXECUTION_FAILED").text("failureType"));
            assertTrue(rounds > 10);
        }
    }

    private static final class Late extends Protocol {

        Late() {
            super(SharedServers.strict());
        }

        void doesNoHarm() {
            String id = running();
            signal(id, "on", "1");
            Await.until("the end of the claim", () -> status(id).equals("PENDING"));
            suspend(id);
            assertEquals(id, claim().getId());

            // Numbered as the worker does that has seen one event, while the present claim has seen two.
            worker.workflows().submitWorkflowCommands(batch(id, WorkflowStatus.SUSPENDED, 2, Commands.suspend("late")));
            complete(id);

            assertEquals(List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED", "WORKFLOW_COMPLETED"), types(id));
        }
    }

    private static final class Unanswered extends Protocol {

        Unanswered() {
            super(SharedServers.strict());
        }

        void failsAfterTheLastDelivery() {
            String id = start();
            long clock = claim().getWorkflowTaskTimeMillis();
            for (int delivery = 1; delivery < SharedServers.STRICT_DELIVERIES; delivery++) {
                assertEquals(clock, claim().getWorkflowTaskTimeMillis(), "a redelivery has the clock of the delivery");
            }

            Await.until("failure of " + id, () -> types(id).contains("WORKFLOW_FAILED"));
            assertEquals("WORKER_CRASH", only(id, "WORKFLOW_EXECUTION_FAILED").text("failureType"));
            assertTrue(only(id, "WORKFLOW_FAILED").text("error").contains("2 deliveries"));
        }
    }
}
