package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ClearState;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.SetState;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.command.WorkflowStep.SuspendWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a worker decided in one activation. */
class SubmissionTest {

    private final Story story = new Story();

    @Test
    void stepsBecomeEventsInTheirOrder() {
        UUID id = story.running();
        story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new RecordOperation("roll", Story.json("4")),
                new SetState("a", Story.json("1")),
                new ClearState("a"),
                new ClearState("never set"),
                new SuspendWorkflow("waits")));
        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "OPERATION_COMPLETED",
                        "STATE_SET",
                        "STATE_CLEARED",
                        "STATE_CLEARED",
                        "WORKFLOW_SUSPENDED"),
                story.history(id));
        assertTrue(story.state.execution(id).values().isEmpty());
    }

    @Test
    void aSuspensionStandsInTheHistoryEvenIfTheWorkerDidNotSayIt() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        assertEquals("WORKFLOW_SUSPENDED", story.history(id).getLast());
    }

    @Test
    void completionEndsTheWorkflowWithItsOutput() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("{\"n\":2}"))));
        assertEquals(Status.COMPLETED, story.status(id));
        assertEquals("{\"output\":{\"n\":2}}", story.data(id, "WORKFLOW_COMPLETED"));
    }

    @Test
    void theTerminalStepWinsOverTheStatus() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new CompleteWorkflow(Story.json("2"))));
        assertEquals(Status.COMPLETED, story.status(id));
    }

    @Test
    void aStatusWithoutATerminalStepIsEnough() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals("{\"output\":null}", story.data(id, "WORKFLOW_COMPLETED"));
    }

    @Test
    void failureIsSaidInBothVocabularies() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.FAILED, new FailWorkflow("no stock", "", "ERROR")));
        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED"), story.history(id));
    }

    @Test
    void aFailureOfTypeCancelledIsACancellation() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.FAILED, new FailWorkflow("enough", "", "CANCELLED")));
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED"), story.history(id));
    }

    @Test
    void aSubmissionWithoutALeaseChangesNothingAndTheLogSaysWhy() {
        UUID id = story.started();
        Outcome outcome = story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(new Answer.Accepted(false), outcome.answer());
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(id));
        SealedEvent ignored = outcome.events().getFirst();
        assertEquals("SUBMISSION_IGNORED", ignored.type());
        assertTrue(new String(ignored.data(), StandardCharsets.UTF_8).contains("but it is PENDING"));
    }

    @Test
    void aSubmissionToAClosedWorkflowIsTakenAndChangesNothing() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        List<String> closed = story.history(id);
        Outcome late = story.given(story.submit(id, SubmissionStatus.FAILED));
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(late));
        assertEquals(closed, story.history(id));
    }

    @Test
    void aKnownIdentityDiscardsTheWholeBatchAndTheWorkflowIsHandedOutAgainAfterAWhile() {
        UUID task = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""), new StartTimer("t", 10));
        story.passes(11);
        assertEquals(id, story.claim("w").executionId());
        List<String> before = story.history(id);

        Outcome stale = story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new RecordOperation("roll", Story.json("4")),
                new ScheduleTask("pay", Story.json("1"), task, 0, 0, "")));

        assertEquals(before, story.history(id));
        assertTrue(
                Story.types(stale).contains("SUBMISSION_DISCARDED"),
                () -> Story.types(stale).toString());
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        story.passes(Story.STALE_DELAY_MS + 1);
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void aWorkflowThatOnlyRepeatsItselfFailsLoudly() {
        UUID id = story.waiting(new StartTimer("t", 10), new StartTimer("u", 20));
        story.passes(11);
        for (int round = 0; round <= Story.MAX_STALE_ROUNDS && story.status(id) != Status.FAILED; round++) {
            assertEquals(id, story.claim("w").executionId());
            story.given(story.submit(id, SubmissionStatus.SUSPENDED, new StartTimer("t", 10)));
            story.passes(Story.STALE_DELAY_MS + 1);
        }
        assertEquals(Status.FAILED, story.status(id));
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("expected "));
    }

    @Test
    void aHistoryThatOutgrowsItsLimitFailsTheWorkflowAndIsNeverCut() {
        UUID id = story.running();
        String large = "\"" + "x".repeat((int) Story.MAX_HISTORY) + "\"";
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new SetState("k", Story.json(large))));
        assertEquals(Status.FAILED, story.status(id));
        assertTrue(story.state.execution(id).historyBytes() < Story.MAX_HISTORY + 4_096);
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("expected "));
    }
}
