package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.SignalWithStart;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Starts, idempotency keys and their lifetimes. */
class StartTest {

    private final Story story = new Story();

    private Answer.Started start(String key) {
        return (Answer.Started)
                story.given(story.start(story.newId(), Story.KIND, key)).answer();
    }

    @Test
    void aStartedWorkflowIsReadyAndItsHistoryBegins() {
        UUID id = story.started();
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(id));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void anIdIsUsedOnce() {
        UUID id = story.started();
        Outcome again = story.when(story.start(id, Story.KIND, ""));
        assertTrue(again.events().stream().noneMatch(event -> event.type().equals("WORKFLOW_STARTED")));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void aKeyFindsTheExecutionThatHasItAndMakesNothingReady() {
        Answer.Started first = start("k");
        Answer.Started second = start("k");
        assertTrue(first.keyNew() && first.created());
        assertTrue(second.keyUsed());
        assertFalse(second.keyNew() || second.created());
        assertEquals(first.executionId(), second.executionId());
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void anotherOrganisationsKeyIsAnotherKey() {
        Answer.Started ours = start("k");
        Answer.Started theirs = (Answer.Started) story.when(new UUID(8, 8), story.start(story.newId(), Story.KIND, "k"))
                .answer();
        assertFalse(ours.executionId().equals(theirs.executionId()));
        assertTrue(theirs.created());
    }

    @Test
    void aKeyLivesAsLongAsItsTimeSays() {
        Answer.Started first = start("k");
        story.passes(9_999);
        assertFalse(start("k").created());
        story.passes(2);
        Answer.Started later = start("k");
        assertTrue(later.created());
        assertFalse(first.executionId().equals(later.executionId()));
    }

    @Test
    void aFailedWorkflowLetsItsKeyGoAndACompletedOneKeepsIt() {
        UUID failed = start("f").executionId();
        story.claim("w");
        story.given(story.submit(failed, SubmissionStatus.FAILED, new FailWorkflow("no", "", "ERROR")));
        assertTrue(start("f").created());

        story.claim("w");
        UUID completed = start("c").executionId();
        story.claim("w");
        story.given(story.submit(completed, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertFalse(start("c").created());
    }

    @Test
    void signalWithStartSignalsTheOpenExecutionOrStartsOne() {
        Answer.Started first = (Answer.Started) story.given(new SignalWithStart(
                        story.start(story.newId(), Story.KIND, "cart-1"), "add", Story.json("1"), 10, ""))
                .answer();
        Answer.Started second = (Answer.Started) story.given(new SignalWithStart(
                        story.start(story.newId(), Story.KIND, "cart-1"), "add", Story.json("2"), 10, ""))
                .answer();
        assertTrue(first.created());
        assertFalse(second.created());
        assertEquals(
                List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED", "SIGNAL_RECEIVED"), story.history(first.executionId()));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }
}
