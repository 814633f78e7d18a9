package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.ReleaseClaim;
import io.millrace.dispatcher.engine.command.Command.ReportRefused;
import io.millrace.dispatcher.engine.command.Command.ReportTaskProgress;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Reports of workers that were refused before they came here: corrected soon, or else the work fails of what was wrong. */
class RefusedReportTest {

    private static final long GRACE_MS = 5_000;
    private static final int MAX_ROUNDS = 3;

    private final Story story = new Story();

    private ReportRefused refused(UUID execution, UUID task, String text) {
        return new ReportRefused(execution, task, text, 1, GRACE_MS, MAX_ROUNDS);
    }

    private Outcome refusedSubmission(UUID id, String text) {
        return story.given(refused(id, null, text));
    }

    private void claimed(UUID id) {
        assertEquals(id, story.claim("w").executionId());
    }

    @Test
    void theWorkerMayCorrectItsSubmissionWithinTheGrace() {
        UUID id = story.running();
        refusedSubmission(id, "not JSON");
        story.passes(GRACE_MS - 1);
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(Status.COMPLETED, story.status(id));
        assertTrue(story.state.dues().first().atMs() > story.state.timeMs() + GRACE_MS, "no lease is left");
    }

    @Test
    void howeverOftenItTriesInOneDelivery() {
        UUID id = story.running();
        for (int attempt = 0; attempt < 3 * MAX_ROUNDS; attempt++) {
            refusedSubmission(id, "not JSON");
        }
        story.state.flush();
        assertEquals(1, new PartitionState(story.storage, 1 << 20).execution(id).refusedRounds());
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(Status.COMPLETED, story.status(id));
    }

    @Test
    void aRefusalOfWhoHeldItBeforeIsNoneOfTheHolders() {
        UUID id = story.waiting();
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
        claimed(id);
        // It counts from the one event that it saw, and the present holder saw three.
        story.given(new ReportRefused(id, null, "not JSON", 2, GRACE_MS, MAX_ROUNDS));
        story.passes(GRACE_MS);
        assertEquals(Status.RUNNING, story.status(id));
        assertEquals(0, story.state.execution(id).refusedRounds());
    }

    @Test
    void aBatchThatIsDiscardedEndsTheRow() {
        UUID task = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""));
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
        claimed(id);
        refusedSubmission(id, "not JSON");
        story.given(
                story.submit(id, SubmissionStatus.SUSPENDED, new ScheduleTask("pay", Story.json("1"), task, 0, 0, "")));
        story.passes(Story.STALE_DELAY_MS);
        claimed(id);
        refusedSubmission(id, "not JSON");
        assertEquals(1, story.state.execution(id).refusedRounds());
    }

    @Test
    void nothingThatItSaysProlongsTheLeaseOfATaskWhoseEndWasRefused() {
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), story.newId(), 0, 0, ""));
        UUID task = story.claimTask("t").taskId();
        story.given(refused(id, task, "too large"));
        assertEquals(
                new Answer.Accepted(false),
                story.given(new HeartbeatTask(task, id, null)).answer());
        story.given(new ReportTaskProgress(task, id, 0.5, ""));
        story.passes(GRACE_MS);
        assertEquals(Status.FAILED, story.state.task(id, task).status());
        assertTrue(story.data(id, "TASK_FAILED").contains("too large"));
    }

    @Test
    void withoutACorrectionTheWorkIsDeliveredAgainAfterTheGrace() {
        UUID id = story.running();
        Outcome outcome = refusedSubmission(id, "not JSON");
        assertEquals(List.of("SUBMISSION_REFUSED"), Story.types(outcome));
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(id));
        story.passes(GRACE_MS);
        claimed(id);
    }

    @Test
    void theGraceNeverProlongsALease() {
        UUID id = story.running();
        story.passes(Story.LEASE_MS - 1);
        refusedSubmission(id, "not JSON");
        story.passes(1);
        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void whatIsRefusedInARowFailsTheWorkflowOfTheLastRefusal() {
        UUID id = story.running();
        for (int round = 1; round < MAX_ROUNDS; round++) {
            refusedSubmission(id, "not JSON");
            story.passes(GRACE_MS);
            claimed(id);
        }
        refusedSubmission(id, "still not JSON");
        assertEquals(Status.FAILED, story.status(id));
        String failure = story.data(id, "WORKFLOW_EXECUTION_FAILED");
        assertTrue(failure.contains("still not JSON"), failure);
        assertTrue(failure.contains("INVALID_SUBMISSION"), failure);
    }

    @Test
    void aSubmissionThatIsTakenEndsTheRow() {
        UUID id = story.running();
        for (int round = 0; round < 2 * MAX_ROUNDS; round++) {
            refusedSubmission(id, "not JSON");
            story.given(story.submit(id, SubmissionStatus.SUSPENDED));
            story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
            claimed(id);
        }
        assertEquals(Status.RUNNING, story.status(id));
    }

    @Test
    void aWorkflowThatRunsOutOfDeliveriesTellsOfTheRefusal() {
        UUID id = story.running();
        refusedSubmission(id, "not JSON");
        story.passes(GRACE_MS);
        for (int delivery = 1; delivery < Story.MAX_DELIVERIES; delivery++) {
            claimed(id);
            story.passes(Story.LEASE_MS);
        }
        String failure = story.data(id, "WORKFLOW_EXECUTION_FAILED");
        assertTrue(failure.contains("WORKER_CRASH"), failure);
        assertTrue(failure.contains("the last submission was refused: not JSON"), failure);
    }

    @Test
    void whatNoWorkerHoldsIsLeftAlone() {
        UUID ready = story.started();
        assertTrue(refusedSubmission(ready, "not JSON").events().isEmpty());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(refused(story.newId(), null, "not JSON")).refusal().reason());

        claimed(ready);
        Outcome foreign = story.when(new UUID(8, 8), refused(ready, null, "not JSON"));
        assertEquals(Refusal.Reason.NOT_FOUND, foreign.refusal().reason());
        story.passes(GRACE_MS);
        assertEquals(Status.RUNNING, story.status(ready));
    }

    private UUID workflowOf(UUID task, int maxRetries) {
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, maxRetries, 0, ""));
        assertEquals(task, story.claimTask("w").taskId());
        return id;
    }

    @Test
    void theWorkerOfATaskMayCorrectItsReport() {
        UUID task = story.newId();
        UUID id = workflowOf(task, 0);
        story.given(refused(id, task, "too large"));
        story.passes(GRACE_MS - 1);
        story.given(new CompleteTask(task, id, Story.json("42")));
        assertEquals(1, story.count(id, "TASK_COMPLETED"));
    }

    @Test
    void aTaskWhoseReportsAreRefusedFailsOfThat() {
        UUID task = story.newId();
        UUID id = workflowOf(task, 1);
        story.given(refused(id, task, "too large"));
        story.passes(GRACE_MS);
        assertEquals(task, story.claimTask("w").taskId());
        story.given(refused(id, task, "still too large"));
        story.passes(GRACE_MS);
        String failure = story.data(id, "TASK_FAILED");
        assertTrue(failure.contains("still too large"), failure);
    }

    @Test
    void aRefusalIsForgottenWithTheAttemptThatItBelongsTo() {
        UUID task = story.newId();
        UUID id = workflowOf(task, 1);
        story.given(refused(id, task, "too large"));
        story.passes(GRACE_MS);
        assertEquals(task, story.claimTask("w").taskId());
        story.passes(Story.LEASE_MS);
        String failure = story.data(id, "TASK_FAILED");
        assertFalse(failure.contains("too large"), failure);
    }

    @Test
    void aTaskThatNoWorkerHoldsIsLeftAlone() {
        UUID task = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""));
        assertTrue(story.given(refused(id, task, "too large")).events().isEmpty());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(refused(id, story.newId(), "too large")).refusal().reason());

        assertEquals(task, story.claimTask("w").taskId());
        Outcome foreign = story.when(new UUID(8, 8), refused(id, task, "too large"));
        assertEquals(Refusal.Reason.NOT_FOUND, foreign.refusal().reason());
        assertEquals(Status.RUNNING, story.state.task(id, task).status());
    }

    @Test
    void refusalsAreStoredWithTheWork() {
        UUID task = story.newId();
        UUID id = workflowOf(task, 0);
        story.given(refused(id, task, "too large"));
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
        claimed(id);
        refusedSubmission(id, "not JSON");
        story.state.flush();
        PartitionState read = new PartitionState(story.storage, 1 << 20);
        assertEquals("not JSON", read.execution(id).refusal());
        assertEquals(1, read.execution(id).refusedRounds());
        assertEquals("too large", read.task(id, task).refusal());
    }

    @Test
    void aDeliveryThatWasGivenBackTakesItsRefusalAlong() {
        UUID id = story.started();
        Answer.Grant first = story.claim("w");
        refusedSubmission(id, "not JSON");
        story.given(new ReleaseClaim(WorkType.WORKFLOW, id, null, first.claimId(), "its connection ended"));
        claimed(id);
        assertFalse(story.state.execution(id).refusedInThisDelivery());

        refusedSubmission(id, "still not JSON");

        assertEquals(2, story.state.execution(id).refusedRounds(), "it is a delivery of its own");
    }
}
