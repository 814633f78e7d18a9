package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.ChangeTaskState;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.ReleaseClaim;
import io.millrace.dispatcher.engine.command.Command.ReportTaskProgress;
import io.millrace.dispatcher.engine.command.Command.StateChange;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tasks of workflows. */
class TaskTest {

    private final Story story = new Story();
    private final UUID task = story.newId();

    private UUID scheduled(int retries, long timeoutMs) {
        return story.waiting(new ScheduleTask("pay", Story.json("{\"sum\":5}"), task, retries, timeoutMs, ""));
    }

    private Status taskStatus(UUID id) {
        return story.state.task(id, task).status();
    }

    @Test
    void aTaskIsReadyOnceItStandsInTheHistory() {
        UUID id = scheduled(0, 0);
        assertTrue(story.history(id).contains("TASK_SCHEDULED"));
        Answer.Grant grant = story.claimTask("t", "pay");
        assertEquals(task, grant.taskId());
        assertEquals(id, grant.executionId());
    }

    @Test
    void failedAttemptsAreRetriedAndOnlyTheLastIsAnEvent() {
        UUID id = scheduled(2, 0);
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertEquals(task, story.claimTask("t").taskId());
            assertEquals(attempt, story.state.task(id, task).attempt());
            assertFalse(story.history(id).contains("TASK_FAILED"));
            story.given(new FailTask(task, id, "attempt " + attempt, 100));
            story.passes(101);
        }
        assertEquals(Status.FAILED, taskStatus(id));
        assertTrue(story.data(id, "TASK_FAILED").contains("attempt 3"));
        assertEquals(1, story.history(id).stream().filter("TASK_FAILED"::equals).count());
    }

    @Test
    void aRetryWaitsForItsDelay() {
        scheduled(1, 0);
        UUID id = story.claimTask("t").executionId();
        story.given(new FailTask(task, id, "broken", 1_000));
        story.passes(999);
        assertNull(story.claimTask("t").taskId());
        story.passes(2);
        assertEquals(task, story.claimTask("t").taskId());
    }

    @Test
    void lateAndRepeatedCompletionsAreTakenAndChangeNothing() {
        UUID id = scheduled(0, 0);
        story.claimTask("t");
        story.given(new CompleteTask(task, id, Story.json("1")));
        List<String> once = story.history(id);
        story.given(new CompleteTask(task, id, Story.json("2")));
        story.given(new FailTask(task, id, "late", 0));
        assertEquals(once, story.history(id));
        assertTrue(story.data(id, "TASK_COMPLETED").contains("\"output\":1"));
    }

    @Test
    void aTaskThatNobodyKnowsIsNotFound() {
        UUID id = scheduled(0, 0);
        Outcome stray = story.when(new CompleteTask(story.newId(), id, Story.json("1")));
        assertEquals(Refusal.Reason.NOT_FOUND, stray.refusal().reason());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), new CompleteTask(task, id, Story.json("1")))
                        .refusal()
                        .reason());
    }

    @Test
    void aDeadlineHoldsOverAllAttempts() {
        UUID id = scheduled(5, 1_000);
        story.claimTask("t");
        story.passes(1_001);
        assertEquals(Status.FAILED, taskStatus(id));
        assertTrue(story.history(id).contains("TASK_FAILED"));
        assertEquals(0, story.readyWork(WorkType.TASK));
    }

    @Test
    void aCancelledTaskSurfacesAsFailed() {
        UUID id = scheduled(0, 0);
        story.given(new CancelTask(task, id, Command.ANY_VERSION));
        assertEquals(Status.CANCELLED, taskStatus(id));
        assertTrue(story.history(id).contains("TASK_FAILED"));
        assertNull(story.claimTask("t").taskId());
    }

    @Test
    void aLostTaskIsHandedOutAgainAndAHeartbeatKeepsIt() {
        UUID id = scheduled(3, 0);
        story.claimTask("t");
        story.passes(Story.LEASE_MS - 10);
        story.given(new HeartbeatTask(task, id, null));
        story.passes(Story.LEASE_MS - 10);
        assertEquals(Status.RUNNING, taskStatus(id));
        story.passes(11);
        assertEquals(1, story.readyWork(WorkType.TASK));
    }

    @Test
    void aHeartbeatForAClaimThatIsOverKeepsNothing() {
        UUID id = scheduled(3, 0);
        UUID claim = story.claimTask("t").claimId();
        story.passes(Story.LEASE_MS - 10);
        assertEquals(
                new Answer.Accepted(true),
                story.given(new HeartbeatTask(task, id, claim)).answer());
        story.passes(Story.LEASE_MS);
        UUID next = story.claimTask("t").claimId();

        assertEquals(
                new Answer.Accepted(false),
                story.given(new HeartbeatTask(task, id, claim)).answer());
        assertEquals(
                new Answer.Accepted(true),
                story.given(new HeartbeatTask(task, id, next)).answer());
    }

    @Test
    void aTaskThatMayRunLongerThanTheLeaseIsNotHandedOutTwice() {
        UUID id = scheduled(3, 10 * Story.LEASE_MS);
        story.claimTask("t");
        story.passes(10 * Story.LEASE_MS - 1);
        assertEquals(Status.RUNNING, taskStatus(id));
        assertEquals(1, story.state.task(id, task).attempt());
    }

    @Test
    void aTaskOfAKindThatItsWorkerTakesLongForIsNotHandedOutTwice() {
        UUID id = scheduled(3, 0);
        Claim poll = new Claim(
                story.newId(),
                "t",
                List.of("pay"),
                false,
                Story.LEASE_MS,
                3,
                Map.of("pay", 10 * Story.LEASE_MS, "x", 1L),
                null);
        story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(poll)));
        story.passes(10 * Story.LEASE_MS - 1);
        assertEquals(Status.RUNNING, taskStatus(id));
        story.passes(1);
        assertEquals(Status.PENDING, taskStatus(id));
    }

    @Test
    void progressIsASignOfLife() {
        keptAliveBy(new ReportTaskProgress(task, scheduled(3, 0), 0.5, "half"));
    }

    @Test
    void aLogLineIsASignOfLifeEvenIfItIsNotKept() {
        keptAliveBy(new LogTaskMessage(task, scheduled(3, 0), "INFO", "still here", 1, 0));
    }

    @Test
    void aChangeOfStateIsASignOfLife() {
        keptAliveBy(new ChangeTaskState(task, scheduled(3, 0), StateChange.SET, "at", Story.json("7"), 100));
    }

    private void keptAliveBy(Command sign) {
        UUID id = story.claimTask("t").executionId();
        for (int i = 0; i < 3; i++) {
            story.passes(Story.LEASE_MS - 10);
            assertTrue(Story.types(story.given(sign)).contains("TASK_HEARTBEAT"));
        }
        assertEquals(Status.RUNNING, taskStatus(id));
        story.passes(Story.LEASE_MS / 10);
        assertFalse(Story.types(story.given(sign)).contains("TASK_HEARTBEAT"), "it hardly moves the lease");
        story.passes(Story.LEASE_MS - Story.LEASE_MS / 10 + 1);
        assertEquals(1, story.readyWork(WorkType.TASK));
        assertFalse(Story.types(story.given(sign)).contains("TASK_HEARTBEAT"), "nobody holds it");
    }

    @Test
    void aTaskWhoseWorkersAllVanishFailsInTheEnd() {
        UUID id = scheduled(1, 0);
        for (int delivery = 0; delivery < 2; delivery++) {
            assertEquals(task, story.claimTask("t").taskId());
            story.passes(Story.LEASE_MS);
        }
        assertEquals(Status.FAILED, taskStatus(id));
        assertEquals(1, story.count(id, "TASK_FAILED"));
    }

    @Test
    void aReleasedTaskCountsNoAttempt() {
        UUID id = scheduled(0, 0);
        for (int i = 0; i < 5; i++) {
            Answer.Grant grant = story.claimTask("t");
            story.given(new ReleaseClaim(WorkType.TASK, id, task, grant.claimId(), "gone"));
            assertEquals(1, story.readyWork(WorkType.TASK));
        }
        story.claimTask("t");
        assertEquals(1, story.state.task(id, task).attempt());
    }

    @Test
    void aHeartbeatNeverPutsOffTheDeadline() {
        UUID id = scheduled(5, Story.LEASE_MS);
        story.claimTask("t");
        story.passes(Story.LEASE_MS - 10);
        story.given(new HeartbeatTask(task, id, null));
        story.passes(10);
        assertEquals(Status.FAILED, taskStatus(id));
        assertTrue(story.data(id, "TASK_FAILED").contains("timed out"));
        assertEquals(
                new Answer.Accepted(false),
                story.given(new HeartbeatTask(task, id, null)).answer());
    }

    @Test
    void aCompletionWithoutAClaimIsTakenAndChangesNothing() {
        UUID id = scheduled(0, 0);
        assertEquals(
                new Answer.Accepted(false),
                story.given(new CompleteTask(task, id, Story.json("1"))).answer());
        assertEquals(Status.PENDING, taskStatus(id));
        assertEquals(task, story.claimTask("t").taskId());
    }

    @Test
    void aTaskOfAClosedWorkflowRunsOnAndItsEndStaysOutOfTheHistory() {
        UUID id = story.running();
        story.given(
                story.submit(id, SubmissionStatus.COMPLETED, new ScheduleTask("pay", Story.json("1"), task, 0, 0, "")));
        List<String> closed = story.history(id);
        assertEquals(task, story.claimTask("t").taskId());
        story.given(new CompleteTask(task, id, Story.json("2")));
        assertEquals(Status.COMPLETED, taskStatus(id));
        assertEquals(closed, story.history(id));
    }

    @Test
    void anOutputThatOutgrowsTheHistoryFailsTheWorkflowLoudly() {
        UUID id = scheduled(0, 0);
        story.claimTask("t");
        String large = '"' + "x".repeat((int) Story.MAX_HISTORY) + '"';
        story.given(new CompleteTask(task, id, Story.json(large)));
        assertEquals(Status.FAILED, story.status(id));
        assertEquals(Status.COMPLETED, taskStatus(id));
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("History limit: expected "));
    }
}
