package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
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

/** A terminated workflow is over at once, with all that it issued, and nobody is asked. */
class TerminationTest {

    private final Story story = new Story();

    private Outcome terminated(UUID id) {
        return story.given(new TerminateWorkflow(id, "runs wild", "ann", 0));
    }

    @Test
    void itEndsWithoutARequestInTheWordsThatClientsLookFor() {
        UUID id = story.running();
        assertEquals(new Answer.Accepted(true), terminated(id).answer());
        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED"), story.history(id));
        assertEquals(
                "{\"reason\":\"Terminated: runs wild\",\"terminatedBy\":\"ann\"}",
                story.data(id, "WORKFLOW_CANCELLED"));
        assertTrue(
                story.data(id, "WORKFLOW_EXECUTION_FAILED")
                        .contains(
                                "\"error\":\"Workflow terminated: runs wild\",\"stackTrace\":\"\",\"failureType\":\"TERMINATED\""));
        assertEquals(Status.CANCELLED, story.status(id));
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(3, story.history(id).size(), "its worker comes too late");
    }

    @Test
    void nothingOfItIsLeft() {
        UUID task = story.newId();
        UUID given = story.newId();
        UUID id = story.waiting(
                new ScheduleTask("pay", Story.json("1"), task, 3, 900, ""),
                new StartTimer("t", 500),
                new CreatePromise("p", 700, "", 0));
        UUID parent = story.running();
        UUID child = Story.child(parent, given);
        story.delivered(story.given(story.submit(
                parent,
                SubmissionStatus.SUSPENDED,
                new ScheduleChildWorkflow("c", "sub", "", given, Story.json("1"), "", 0))));
        assertEquals(Status.PENDING, story.status(child));

        terminated(id);
        story.delivered(terminated(parent));

        assertEquals(Status.CANCELLED, story.state.task(id, task).status());
        assertEquals(
                "Workflow terminated: runs wild", story.state.task(id, task).error());
        assertEquals(Status.CANCELLED, story.status(child));
        assertEquals(
                "Terminated: Parent terminated: runs wild",
                story.state.execution(child).error());
        assertEquals(0, story.readyWork(WorkType.TASK) + story.readyWork(WorkType.WORKFLOW));
        assertEquals(Due.Type.RETENTION, story.state.dues().first().type());
    }

    @Test
    void aParentHearsOfATerminatedChildAsOfAFailure() {
        UUID given = story.newId();
        UUID parent = story.running();
        UUID child = Story.child(parent, given);
        story.delivered(story.given(story.submit(
                parent,
                SubmissionStatus.SUSPENDED,
                new ScheduleChildWorkflow("c", "sub", "", given, Story.json("1"), "", 0))));
        story.delivered(terminated(child));
        assertTrue(story.data(parent, "CHILD_WORKFLOW_FAILED").contains("Child workflow terminated: runs wild"));
        assertEquals(Status.PENDING, story.status(parent));
    }

    @Test
    void itsKeyIsFreeAgain() {
        UUID id = story.newId();
        story.given(story.start(id, Story.KIND, "k"));
        terminated(id);
        Answer.Started next = (Answer.Started)
                story.given(story.start(story.newId(), Story.KIND, "k")).answer();
        assertTrue(next.created());
    }

    @Test
    void whatIsClosedForeignOrGoneIsNotTerminated() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(new Answer.Accepted(false), terminated(id).answer());
        UUID other = story.started();
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), new TerminateWorkflow(other, "r", "eve", 0))
                        .refusal()
                        .reason());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new TerminateWorkflow(story.newId(), "r", "ann", 0))
                        .refusal()
                        .reason());
        assertEquals(Status.PENDING, story.status(other));
    }

    @Test
    void whatHasChangedMeanwhileIsRefused() {
        UUID id = story.waiting();
        assertEquals(
                Refusal.Reason.ABORTED,
                story.when(new TerminateWorkflow(id, "r", "ann", 1)).refusal().reason());
        assertEquals(Status.WAITING, story.status(id));
        assertNull(story.when(new TerminateWorkflow(id, "r", "ann", 2)).refusal());
        assertEquals(Status.CANCELLED, story.status(id));
    }
}
