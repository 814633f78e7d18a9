package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.system.TestHttp;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cancellation has to be forced, since no worker reacts to it: section 5.7 of the contract, traps 7 and 8. */
class CancellationRulesTest extends Protocol {

    @Test
    void cancellationIsRequestedAndDoneAtOnceInTheOrderThatReadersNeed() {
        String id = waiting();
        cancelWorkflow(id, "enough");

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "WORKFLOW_SUSPENDED",
                        "CANCELLATION_REQUESTED",
                        "WORKFLOW_CANCELLED",
                        "WORKFLOW_EXECUTION_FAILED"),
                types(id));
        assertEquals("enough", only(id, "CANCELLATION_REQUESTED").text("reason"));
        assertEquals("eve", only(id, "CANCELLATION_REQUESTED").text("requestedBy"));
        assertEquals("enough", only(id, "WORKFLOW_CANCELLED").text("reason"));
        assertEquals(
                "Workflow cancelled: enough",
                only(id, "WORKFLOW_EXECUTION_FAILED").text("error"));
        assertEquals("CANCELLED", status(id));
    }

    @Test
    void aPendingExecutionIsNoLongerHandedOut() {
        String id = start();
        cancelWorkflow(id, "enough");

        assertNothingReady();
    }

    @Test
    void theBatchOfAWorkerThatStillRunsIsIgnored() {
        String id = running();
        cancelWorkflow(id, "enough");
        List<String> after = types(id);

        submit(id, WorkflowStatus.COMPLETED, Commands.operation("late", "1"), Commands.complete("1"));

        assertEquals(after, types(id));
        assertEquals("CANCELLED", status(id));
    }

    @Test
    void itsTasksTimersAndPromisesGoWithIt() {
        String pending = newId();
        String running = newId();
        String id = waiting(
                Commands.task(running, "t"),
                Commands.timer("t", 1_000),
                Commands.promise(
                        CreatePromiseCommand.newBuilder().setPromiseId("p").setTimeoutMs(1_000)));
        claimTask();
        signal(id, "on", "1");
        claim();
        suspend(id, Commands.task(pending, "t"));
        cancelWorkflow(id, "enough");
        List<String> after = types(id);

        assertEquals("CANCELLED", task(running).path("status").asText());
        assertEquals("CANCELLED", task(pending).path("status").asText());
        assertTrue(pollTask(0).isEmpty());
        completeTask(running, "1");
        // A timer that was set later, for later, fires: so would have the others.
        awaitLast(waiting(Commands.timer("later", 1_100)), "TIMER_FIRED");
        assertEquals(after, types(id));
    }

    @Test
    void cancellingTwiceChangesNothing() {
        String id = waiting();
        assertTrue(cancel(id).body().path("cancelled").asBoolean());
        List<String> after = types(id);

        TestHttp.Answer again = cancel(id);

        assertEquals(200, again.status());
        assertFalse(again.body().path("cancelled").asBoolean());
        assertEquals(after, types(id));
    }

    @Test
    void aWorkflowMayCancelItself() {
        String id = running();
        submit(id, WorkflowStatus.SUSPENDED, Commands.cancel("my own wish"));

        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED"), types(id));
        assertEquals("my own wish", only(id, "WORKFLOW_CANCELLED").text("reason"));
    }

    @Test
    void whatTheCancellingBatchItselfIssuedGoesToo() {
        String task = newId();
        String child = newId();
        String id = running();
        submit(
                id,
                WorkflowStatus.FAILED,
                Commands.task(task, "t"),
                Commands.child(child, "c", "kid", ""),
                Commands.fail("changed my mind", "CANCELLED"));

        String cancelled = childOf(id, "c");
        awaitStarted(cancelled);
        awaitLast(cancelled, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
        assertEquals("CANCELLED", task(task).path("status").asText());
        assertTrue(pollTask(0).isEmpty());
        assertNothingReady();
    }

    @Test
    void anUnknownOrForeignExecutionIsNotFound() {
        String id = waiting();

        assertEquals(404, cancel(newId()).status());
        assertEquals(
                404,
                place.otherHttp()
                        .post(
                                place.server().http("/api/orgs/other/workflow-executions/" + id + "/cancel"),
                                "{\"reason\":\"spite\"}")
                        .status());
        assertEquals(2, types(id).size());
    }

    @Test
    void aReasonTooLongToStandInHistoriesIsRefused() {
        String id = waiting();

        TestHttp.Answer answer = place.http()
                .post(
                        place.server().http("/api/orgs/dev/workflow-executions/" + id + "/cancel"),
                        "{\"reason\":\"" + "x".repeat(100_000) + "\"}");

        assertEquals(413, answer.status());
        assertTrue(answer.body().path("error").path("message").asText().contains("reason"));
        assertEquals(2, types(id).size());
    }

    private TestHttp.Answer cancel(String id) {
        return place.http().post(place.server().http("/api/orgs/dev/workflow-executions/" + id + "/cancel"), "{}");
    }
}
