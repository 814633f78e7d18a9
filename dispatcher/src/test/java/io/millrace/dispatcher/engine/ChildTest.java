package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.RequestCancelChild;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.proto.Shards;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Children are started by a command to their partition, and tell their parent by one: at least once, counted once. */
class ChildTest {

    private final Story story = new Story();
    private final UUID child = story.newId();
    private UUID parent;
    private Outcome scheduled;

    @BeforeEach
    void aParentScheduledAChild() {
        parent = story.running();
        scheduled = story.given(story.submit(parent, SubmissionStatus.SUSPENDED, schedule("c", child, "")));
    }

    private static ScheduleChildWorkflow schedule(String name, UUID child, String queue) {
        return new ScheduleChildWorkflow(name, "sub", "", child, Story.json("{\"n\":3}"), queue, 0);
    }

    /** @return what the child sent when it ended so */
    private Outcome childEnds(SubmissionStatus status, WorkflowStep end) {
        assertEquals(child, story.claim("w", "sub").executionId());
        return story.given(story.submit(child, status, end));
    }

    @Test
    void theChildIsStartedInItsOwnPartitionInItsParentsQueue() {
        Outgoing outgoing = scheduled.outgoing().getFirst();
        assertEquals(Shards.of(child), outgoing.shard());
        StartWorkflow start = (StartWorkflow) outgoing.command();
        assertEquals(parent, start.parentExecutionId());
        assertEquals(Story.QUEUE, start.queue());

        story.delivered(scheduled);
        assertEquals(Status.PENDING, story.status(child));
        assertEquals("{\"n\":3}", new String(story.state.execution(child).header().input().json()));
        assertTrue(story.data(parent, "CHILD_WORKFLOW_INITIATED").contains(child.toString()));
    }

    @Test
    void aQueueOfTheChildsOwnCountsAndTheDefaultOneMeansTheParents() {
        UUID other = story.running();
        Outcome outcome = story.given(story.submit(
                other,
                SubmissionStatus.SUSPENDED,
                schedule("own", story.newId(), "fast"),
                schedule("default", story.newId(), "default")));
        assertEquals("fast", ((StartWorkflow) outcome.outgoing().get(0).command()).queue());
        assertEquals(Story.QUEUE, ((StartWorkflow) outcome.outgoing().get(1).command()).queue());
        assertNotEquals(outcome.outgoing().get(0).commandId(), outcome.outgoing().get(1).commandId());
    }

    @Test
    void whatIsDeliveredTwiceHappensOnce() {
        story.delivered(scheduled);
        story.delivered(scheduled);
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));

        Outcome ended = childEnds(SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("7")));
        story.delivered(ended);
        story.delivered(ended);
        story.delivered(scheduled);
        assertEquals(1, story.count(parent, "CHILD_WORKFLOW_COMPLETED"));
        assertTrue(story.data(parent, "CHILD_WORKFLOW_COMPLETED").contains("\"output\":7"));
        assertEquals(Status.COMPLETED, story.status(child));
        assertEquals(parent, story.claim("w").executionId());
    }

    @Test
    void aFailedChildTellsItsError() {
        story.delivered(scheduled);
        story.delivered(childEnds(SubmissionStatus.FAILED, new FailWorkflow("no stock", "", "ERROR")));
        assertTrue(story.data(parent, "CHILD_WORKFLOW_FAILED").contains("no stock"));
        assertEquals(Status.PENDING, story.status(parent));
    }

    @Test
    void aCancelledChildHasFailedForItsParent() {
        story.delivered(scheduled);
        story.delivered(story.given(new CancelWorkflow(child, "enough", "test")));
        assertEquals(1, story.count(parent, "CHILD_WORKFLOW_FAILED"));
        assertEquals(Status.PENDING, story.status(parent));
    }

    @Test
    void aChildThatNoWorkerCarriesThroughTellsItsParentToo() {
        story.delivered(scheduled);
        Outcome last = null;
        for (int i = 0; i < Story.MAX_DELIVERIES; i++) {
            assertEquals(child, story.claim("w", "sub").executionId());
            last = story.passes(Story.LEASE_MS);
        }
        story.delivered(last);
        assertEquals(1, story.count(parent, "CHILD_WORKFLOW_FAILED"));
    }

    @Test
    void aChildMayHaveChildren() {
        story.delivered(scheduled);
        UUID grandchild = story.newId();
        story.claim("w", "sub");
        story.delivered(story.given(story.submit(child, SubmissionStatus.SUSPENDED, schedule("g", grandchild, ""))));
        assertEquals(grandchild, story.claim("w", "sub").executionId());
        story.delivered(story.given(story.submit(grandchild, SubmissionStatus.COMPLETED)));
        story.delivered(childEnds(SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertEquals(1, story.count(child, "CHILD_WORKFLOW_COMPLETED"));
        assertEquals(1, story.count(parent, "CHILD_WORKFLOW_COMPLETED"));
    }

    @Test
    void aParentThatClosedHearsNothingMoreAndItsChildRunsOn() {
        story.delivered(scheduled);
        UUID other = story.newId();
        story.given(new SignalWorkflow(
                parent, "go", Story.json("1"), 10));
        assertEquals(parent, story.claim("w", Story.KIND).executionId());
        story.delivered(story.given(story.submit(parent, SubmissionStatus.COMPLETED, schedule("d", other, ""))));
        List<String> closed = story.history(parent);

        assertEquals(Status.PENDING, story.status(child));
        story.delivered(childEnds(SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertEquals(closed, story.history(parent));
        assertEquals(Status.PENDING, story.status(other), "what the last batch issued is started");
    }

    @Test
    void aChildWhoseIdIsTakenHasFailedAndItsParentHears() {
        UUID other = story.running();
        UUID taken = story.started();
        story.delivered(story.given(story.submit(other, SubmissionStatus.SUSPENDED, schedule("c", taken, ""))));
        assertTrue(story.data(other, "CHILD_WORKFLOW_FAILED").contains("expected "));
        assertEquals(Status.PENDING, story.status(other));
        assertEquals(Story.KIND, story.state.execution(taken).header().kind());
    }

    @Test
    void nobodyElseClosesAChild() {
        var stranger = new ChildClosed(
                parent, story.newId(), "c", ChildOutcome.COMPLETED,
                Story.json("1"), "");
        assertEquals(new Answer.Accepted(false), story.given(stranger).answer());
        assertEquals(Status.WAITING, story.status(parent));
    }

    @Test
    void aParentCancelsAChildByIdOrByName() {
        UUID other = story.running();
        UUID first = story.newId();
        UUID second = story.newId();
        story.delivered(story.given(story.submit(
                other, SubmissionStatus.SUSPENDED, schedule("a", first, ""), schedule("b", second, ""))));
        story.given(new SignalWorkflow(
                other, "go", Story.json("1"), 10));
        story.claim("w", Story.KIND);
        story.delivered(story.given(story.submit(
                other,
                SubmissionStatus.SUSPENDED,
                new RequestCancelChild("", first, "enough"),
                new RequestCancelChild("b", null, "enough"),
                new RequestCancelChild("unknown", null, "enough"))));
        assertEquals(Status.CANCELLED, story.status(first));
        assertEquals(Status.CANCELLED, story.status(second));
        assertEquals(2, story.count(other, "CHILD_WORKFLOW_FAILED"));
        assertFalse(story.history(other).contains("CANCELLATION_REQUESTED"));
    }
}
