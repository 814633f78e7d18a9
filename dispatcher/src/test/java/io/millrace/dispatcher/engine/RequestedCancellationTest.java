package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A workflow that is asked to end has its time to do so, and is cancelled by force when that is over. */
class RequestedCancellationTest {

    private final Story story = new Story();

    private Outcome asked(UUID id, long forceAfterMs) {
        return story.given(new RequestCancellation(id, "enough", "ann", forceAfterMs, 0));
    }

    @Test
    void aWorkflowThatWaitsIsWokenAndSeesTheRequest() {
        UUID id = story.waiting(new StartTimer("t", 50_000));
        asked(id, 5_000);
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(id, story.claim("w").executionId());
        assertEquals("CANCELLATION_REQUESTED", story.history(id).getLast());
        assertTrue(story.data(id, "CANCELLATION_REQUESTED").contains("\"forceAtMs\":"));
    }

    @Test
    void whatItsWorkerEndsInTimeEndsAsItsWorkerSays() {
        UUID id = story.waiting();
        asked(id, 5_000);
        story.claim("w");
        UUID cleanup = story.newId();
        story.given(story.submit(
                id, SubmissionStatus.SUSPENDED, new ScheduleTask("undo", Story.json("1"), cleanup, 3, 0, "")));
        assertEquals(cleanup, story.claimTask("t").taskId(), "it goes on as long as it has time");
        story.given(new CompleteTask(cleanup, id, Story.json("1")));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.FAILED, new WorkflowStep.CancelWorkflow("cleaned up")));

        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals("cleaned up", story.state.execution(id).error());
        assertEquals(1, story.state.dues().size(), "only its retention is due");
        assertEquals(Due.Type.RETENTION, story.state.dues().first().type());
    }

    @Test
    void whatHasNotEndedIsCancelledByForceWithAllThatItIssued() {
        UUID task = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, 3, 0, ""));
        asked(id, 5_000);
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));

        story.passes(4_999);
        assertEquals(Status.WAITING, story.status(id));
        story.passes(1);

        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals("enough", story.state.execution(id).error());
        assertEquals(Status.CANCELLED, story.state.task(id, task).status());
        assertEquals(0, story.readyWork(WorkType.TASK));
        assertEquals(
                List.of("WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED"),
                story.history(id).reversed().subList(0, 2).reversed());
    }

    @Test
    void whoAsksAgainMayHaveItEndSoonerAndNeverLater() {
        UUID id = story.waiting();
        asked(id, 5_000);
        assertEquals(new Answer.Accepted(false), asked(id, 9_000).answer());
        assertEquals(new Answer.Accepted(false), asked(id, 5_000).answer());
        assertEquals(1, story.count(id, "CANCELLATION_REQUESTED"));
        assertEquals(new Answer.Accepted(true), asked(id, 1_000).answer());
        story.passes(1_000);
        assertEquals(Status.CANCELLED, story.status(id));
    }

    @Test
    void withoutATimeItIsForcedAtOnceAsByTheOlderCommand() {
        UUID one = story.waiting();
        UUID other = story.waiting();
        asked(one, 0);
        story.given(new CancelWorkflow(other, "enough", "ann"));
        assertEquals(story.history(other), story.history(one));
        assertEquals(story.data(other, "CANCELLATION_REQUESTED"), story.data(one, "CANCELLATION_REQUESTED"));
    }

    @Test
    void theTimeIsKeptInTheStore() {
        UUID id = story.waiting();
        asked(id, 5_000);
        long at = story.state.execution(id).cancelAtMs();
        story.state.flush();
        Execution stored = new PartitionState(story.storage, 16 << 20).execution(id);
        assertEquals(at, stored.cancelAtMs());
        assertEquals("enough", stored.cancelReason());
    }

    @Test
    void whatHasChangedMeanwhileIsRefusedWithATextThatSaysSo() {
        UUID id = story.waiting();
        int seen = story.state.execution(id).lastSequence();
        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));

        Outcome outcome = story.when(new RequestCancellation(id, "enough", "ann", 5_000, seen));

        assertEquals(Refusal.Reason.ABORTED, outcome.refusal().reason());
        assertTrue(
                outcome.refusal()
                        .text()
                        .endsWith(
                                "to stand at event 2, as it was seen, but it stands at 3 and is PENDING: it has changed"
                                        + " meanwhile, so look at it again"),
                outcome.refusal().text());
        assertNull(story.when(new RequestCancellation(id, "enough", "ann", 5_000, seen + 1))
                .refusal());
    }

    @Test
    void whatIsClosedStaysAsItIs() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(new Answer.Accepted(false), asked(id, 5_000).answer());
        assertFalse(story.history(id).contains("CANCELLATION_REQUESTED"));
    }

    @Test
    void beforeTheRulesThatKnowItItIsARecordWithoutACommand() {
        Story before = Story.under(Rules.OPERATIONS - 1);
        UUID id = before.waiting();
        before.tick(1_000);
        Outcome outcome = before.when(new RequestCancellation(id, "enough", "ann", 5_000, 0));
        assertEquals(Refusal.Reason.POISON, outcome.refusal().reason());
        assertEquals(1_000_000, outcome.timeMs(), "what cannot be read does not move the clock");
        assertEquals(Status.WAITING, before.status(id));
    }
}
