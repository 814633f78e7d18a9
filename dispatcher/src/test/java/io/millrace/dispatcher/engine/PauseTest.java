package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.PauseWorkflow;
import io.millrace.dispatcher.engine.command.Command.ResumeWorkflow;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Nothing of a paused workflow is handed out, and nothing of what comes meanwhile is lost. */
class PauseTest {

    private final Story story = new Story();

    private Outcome paused(UUID id) {
        return story.given(new PauseWorkflow(id, "stock-taking", "ann", 0));
    }

    private Outcome resumed(UUID id) {
        return story.given(new ResumeWorkflow(id, "done", "ann", 0));
    }

    private static ScheduleTask task(UUID taskId) {
        return new ScheduleTask("pay", Story.json("1"), taskId, 3, 0, "");
    }

    @Test
    void aReadyWorkflowLeavesItsQueueUntilItIsResumed() {
        UUID id = story.started();
        assertEquals(new Answer.Accepted(true), paused(id).answer());
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        assertNull(story.claim("w").executionId());
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(new Answer.Accepted(false), paused(id).answer());

        assertEquals(new Answer.Accepted(true), resumed(id).answer());

        assertEquals(id, story.claim("w").executionId());
        assertEquals(new Answer.Accepted(false), resumed(id).answer());
    }

    @Test
    void whatHasGoneOnSinceItWasSeenStaysPaused() {
        UUID id = story.started();
        paused(id);
        int seen = story.state.execution(id).lastSequence();
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0));
        Outcome outcome = story.when(new ResumeWorkflow(id, "done", "ann", seen));
        assertEquals(Refusal.Reason.ABORTED, outcome.refusal().reason());
        assertTrue(outcome.refusal().text().contains("it has changed meanwhile, so look at it again"));
        assertTrue(story.state.execution(id).paused());
        int now = story.state.execution(id).lastSequence();
        assertEquals(
                new Answer.Accepted(true),
                story.when(new ResumeWorkflow(id, "done", "ann", now)).answer());
    }

    @Test
    void itsTasksAreNotHandedOutEither() {
        UUID running = story.newId();
        UUID retried = story.newId();
        UUID ready = story.newId();
        UUID id = story.waiting(task(running), task(retried), task(ready));
        assertEquals(running, story.claimTask("t").taskId());
        assertEquals(retried, story.claimTask("t").taskId());
        story.given(new FailTask(retried, id, "broken", 500));
        paused(id);
        assertEquals(0, story.readyWork(WorkType.TASK));
        story.passes(500);
        assertEquals(0, story.readyWork(WorkType.TASK), "its next attempt is due, and waits");

        story.given(new CompleteTask(running, id, Story.json("1")));
        assertEquals("TASK_COMPLETED", story.history(id).getLast(), "what a worker has goes on");
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));

        resumed(id);
        assertEquals(2, story.readyWork(WorkType.TASK));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void whatTheRunningActivationIssuesWaitsToo() {
        UUID task = story.newId();
        UUID id = story.running();
        paused(id);
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, task(task)));
        assertEquals(0, story.readyWork(WorkType.TASK));
        resumed(id);
        assertEquals(task, story.claimTask("t").taskId());
    }

    @Test
    void timersFireAndSignalsComeIn() {
        UUID id = story.waiting(new StartTimer("t", 500));
        paused(id);
        story.passes(500);
        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));
        assertEquals(1, story.count(id, "TIMER_FIRED"));
        assertEquals(1, story.count(id, "SIGNAL_RECEIVED"));
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        resumed(id);
        assertEquals(id, story.claim("w").executionId());
    }

    @Test
    void aWorkflowThatWaitsForNothingReadyGoesOnWaiting() {
        UUID id = story.waiting(new StartTimer("t", 500));
        paused(id);
        resumed(id);
        assertEquals(Status.WAITING, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void aLeaseThatRunsOutBringsNothingBackIntoTheQueue() {
        UUID id = story.running();
        paused(id);
        story.passes(Story.LEASE_MS);
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        resumed(id);
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void theTasksOfAWorkflowThatEndsMeanwhileAreHandedOutAsThoseOfOthersThatEnd() {
        UUID task = story.newId();
        UUID id = story.waiting(task(task), new StartTimer("t", 10));
        story.passes(10);
        story.claim("w");
        paused(id);
        story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertEquals(task, story.claimTask("t").taskId());
        assertFalse(story.state.execution(id).paused());
    }

    @Test
    void aPausedWorkflowCanBeEnded() {
        UUID id = story.started();
        paused(id);
        story.given(new TerminateWorkflow(id, "enough", "ann", 0));
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void whoPausedItAndWhyIsKeptInTheStore() {
        UUID id = story.started();
        paused(id);
        story.state.flush();
        PartitionState stored = new PartitionState(story.storage, 16 << 20);
        Execution execution = stored.execution(id);
        assertTrue(execution.paused());
        assertEquals("ann", execution.pausedBy());
        assertEquals("stock-taking", execution.pauseReason());
        assertFalse(execution.ready());
    }

    @Test
    void whatIsClosedForeignOrChangedIsRefused() {
        UUID id = story.running();
        assertEquals(
                Refusal.Reason.ABORTED,
                story.when(new PauseWorkflow(id, "", "ann", 7)).refusal().reason());
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(new PauseWorkflow(id, "", "ann", 0)).refusal().reason());
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(new ResumeWorkflow(id, "", "ann", 0)).refusal().reason());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), new PauseWorkflow(id, "", "eve", 0))
                        .refusal()
                        .reason());
    }
}
