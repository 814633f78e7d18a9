package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Due;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cancellation is forced, because no SDK reacts to a request: whatever the worker does, it is over, with all it issued. */
class CancellationTest {

    private final Story story = new Story();

    private Outcome cancelled(UUID id) {
        return story.given(new CancelWorkflow(id, "enough", "test"));
    }

    private static ScheduleTask task(UUID taskId) {
        return new ScheduleTask("pay", Story.json("1"), taskId, 3, 900, "");
    }

    @Test
    void aReadyWorkflowLeavesItsQueue() {
        UUID id = story.started();
        cancelled(id);
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        assertNull(story.claim("w").executionId());
    }

    @Test
    void aRunningWorkflowIsOverAndItsWorkersAnswerIsTakenAndChangesNothing() {
        UUID id = story.running();
        cancelled(id);
        List<String> closed = story.history(id);
        story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        story.passes(10 * Story.LEASE_MS);
        assertEquals(closed, story.history(id));
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals("", story.state.execution(id).workerId());
    }

    @Test
    void theHistoryEndsInAllVocabulariesInTheOrderInWhichClientsLook() {
        UUID id = story.waiting();
        cancelled(id);
        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "WORKFLOW_SUSPENDED",
                        "CANCELLATION_REQUESTED",
                        "WORKFLOW_CANCELLED",
                        "WORKFLOW_EXECUTION_FAILED"),
                story.history(id));
        assertEquals("{\"reason\":\"enough\"}", story.data(id, "WORKFLOW_CANCELLED"));
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("Workflow cancelled: enough"));
    }

    @Test
    void nothingThatItWaitedForComesBack() {
        UUID first = story.newId();
        UUID second = story.newId();
        UUID retried = story.newId();
        UUID id = story.waiting(
                task(first), task(second), task(retried), new StartTimer("t", 500), new CreatePromise("p", 700, "", 0));
        story.claimTask("t");
        story.claimTask("t");
        story.given(new FailTask(second, id, "broken", 300));
        assertEquals(1, story.readyWork(WorkType.TASK));
        cancelled(id);

        assertEquals(0, story.readyWork(WorkType.TASK));
        for (UUID task : List.of(first, second, retried)) {
            assertEquals(Status.CANCELLED, story.state.task(id, task).status());
        }
        assertEquals(1, story.state.dues().size(), "only its retention is due");
        assertEquals(Due.Type.RETENTION, story.state.dues().first().type());

        List<String> closed = story.history(id);
        story.given(new CompleteTask(first, id, Story.json("1")));
        story.passes(1_000);
        assertEquals(closed, story.history(id));
    }

    @Test
    void itsChildrenAreCancelledWithItAndTheirChildrenToo() {
        UUID given = story.newId();
        UUID id = story.running();
        UUID child = Story.child(id, given);
        UUID grandchild = Story.child(child, given);
        story.delivered(story.given(story.submit(id, SubmissionStatus.SUSPENDED, child("c", given))));
        story.claim("w");
        story.delivered(story.given(story.submit(child, SubmissionStatus.SUSPENDED, child("g", given))));

        story.delivered(cancelled(id));

        assertEquals(Status.CANCELLED, story.status(child));
        assertEquals(Status.CANCELLED, story.status(grandchild));
        assertEquals("WORKFLOW_EXECUTION_FAILED", story.history(id).getLast(), "it heard no more of its child");
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }

    private static ScheduleChildWorkflow child(String name, UUID id) {
        return new ScheduleChildWorkflow(name, "sub", "", id, Story.json("1"), "", 0);
    }

    @Test
    void itsKeyIsFreeAgain() {
        UUID id = story.newId();
        story.given(story.start(id, Story.KIND, "k"));
        cancelled(id);
        Answer.Started next = (Answer.Started)
                story.given(story.start(story.newId(), Story.KIND, "k")).answer();
        assertTrue(next.created());
    }

    @Test
    void whatIsClosedIsNotCancelledAndWhatIsUnknownIsNotFound() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(new Answer.Accepted(false), cancelled(id).answer());
        assertEquals(Status.COMPLETED, story.status(id));

        UUID other = story.started();
        var command = new CancelWorkflow(other, "enough", "test");
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), command).refusal().reason());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new CancelWorkflow(story.newId(), "enough", "test"))
                        .refusal()
                        .reason());
        assertEquals(Status.PENDING, story.status(other));
    }

    static List<WorkflowStep> waysOfAWorker() {
        return List.of(new WorkflowStep.CancelWorkflow("enough"), new FailWorkflow("enough", "", "CANCELLED"));
    }

    @ParameterizedTest
    @MethodSource("waysOfAWorker")
    void aWorkerMayCancelItsWorkflowWithAllThatTheSameBatchIssued(WorkflowStep end) {
        UUID known = story.newId();
        UUID fresh = story.newId();
        UUID child = story.newId();
        UUID id = story.waiting(task(known), new StartTimer("t", 10));
        story.passes(10);
        story.claim("w");
        Outcome outcome = story.given(story.submit(id, SubmissionStatus.FAILED, task(fresh), child("c", child), end));
        story.delivered(outcome);
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(Status.CANCELLED, story.state.task(id, known).status());
        assertEquals(Status.CANCELLED, story.state.task(id, fresh).status());
        assertEquals(Status.CANCELLED, story.status(Story.child(id, child)));
        assertEquals(0, story.readyWork(WorkType.TASK) + story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void theStatusAloneIsEnough() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.CANCELLED));
        assertEquals(Status.CANCELLED, story.status(id));
    }

    @Test
    void aWorkflowThatWasPutBackIsNotHandedOutOnceItIsCancelled() {
        UUID id = story.waiting(new StartTimer("t", 10));
        story.passes(10);
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new StartTimer("t", 10)));
        cancelled(id);
        story.passes(Story.STALE_DELAY_MS + 1);
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        assertEquals(Status.CANCELLED, story.status(id));
    }
}
