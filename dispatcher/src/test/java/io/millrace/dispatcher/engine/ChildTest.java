package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.RequestCancelChild;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.DerivedIds;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.proto.Shards;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Children are started by a command to their partition, and tell their parent by one: at least once, counted once. */
class ChildTest {

    private final Story story = new Story();
    private final UUID given = story.newId();
    private UUID child;
    private UUID parent;
    private Outcome scheduled;

    @BeforeEach
    void aParentScheduledAChild() {
        parent = story.running();
        child = Story.child(parent, given);
        scheduled = story.given(story.submit(parent, SubmissionStatus.SUSPENDED, schedule("c", given, "")));
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
        assertEquals(
                "{\"n\":3}",
                new String(story.state.execution(child).header().input().json(), StandardCharsets.UTF_8));
        String initiated = story.data(parent, "CHILD_WORKFLOW_INITIATED");
        assertTrue(initiated.contains("\"childExecutionId\":\"" + child + "\""));
        assertTrue(initiated.contains("\"childWorkflowExecutionId\":\"" + child + "\""));
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
        assertNotEquals(
                outcome.outgoing().get(0).commandId(), outcome.outgoing().get(1).commandId());
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
        UUID grandchild = Story.child(child, given);
        story.claim("w", "sub");
        story.delivered(story.given(story.submit(child, SubmissionStatus.SUSPENDED, schedule("g", given, ""))));
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
        story.given(new SignalWorkflow(parent, "go", Story.json("1"), 10, "", 0));
        assertEquals(parent, story.claim("w", Story.KIND).executionId());
        story.delivered(story.given(story.submit(parent, SubmissionStatus.COMPLETED, schedule("d", other, ""))));
        List<String> closed = story.history(parent);

        assertEquals(Status.PENDING, story.status(child));
        story.delivered(childEnds(SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertEquals(closed, story.history(parent));
        assertEquals(Status.PENDING, story.status(Story.child(parent, other)), "what the last batch issued is started");
    }

    @Test
    void whatItsParentCallsItIsNoExecutionsId() {
        story.delivered(scheduled);
        assertNull(story.state.execution(given));
        assertNotEquals(given, child);
        assertEquals(parent.getMostSignificantBits() >>> 16, child.getMostSignificantBits() >>> 16, "the time of both");
        assertEquals(8, child.version());
        assertEquals(2, child.variant());
    }

    /** Written once, for ever: whoever reads a log must come to the same ids. */
    @Test
    void theIdIsMadeOfOrganisationParentAndGivenIdInOneWayForEver() {
        assertEquals(
                UUID.fromString("01890a5d-ac96-818b-9cec-c1dc98d068ce"),
                DerivedIds.child(
                        new UUID(1, 2), UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"), new UUID(3, 4)));
    }

    /** Of another organisation, of another workflow, or of a workflow that is no child: all are the same to who names them. */
    @Test
    void anIdThatIsInUseElsewhereIsAsGoodAsAnyOther() {
        story.delivered(scheduled);
        UUID stranger = new UUID(8, 8);
        UUID theirs = story.newId();
        story.given(stranger, story.start(theirs, Story.KIND, ""));
        UUID other = story.running();

        for (UUID known : List.of(given, child, parent, theirs, story.newId())) {
            Outcome outcome = story.given(story.submit(other, SubmissionStatus.SUSPENDED, schedule("c", known, "")));
            story.delivered(outcome);
            UUID made = Story.child(other, known);
            assertEquals(Status.PENDING, story.status(made));
            assertEquals(other, story.state.execution(made).header().parentExecutionId());
            story.given(new SignalWorkflow(other, "go", Story.json("1"), 10, "", 0));
            assertEquals(other, story.claim("w", Story.KIND).executionId());
        }
        assertEquals(0, story.count(other, "CHILD_WORKFLOW_FAILED"));
        assertEquals(Status.PENDING, story.status(child));
        assertEquals(Story.KIND, story.state.execution(theirs).header().kind());
    }

    @Test
    void twoOrganisationsMayNameTheirChildrenAlike() {
        story.delivered(scheduled);
        UUID stranger = new UUID(8, 8);
        UUID theirs = story.newId();
        story.given(stranger, story.start(theirs, Story.KIND, ""));
        story.given(stranger, new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(story.poll("w"))));
        story.delivered(
                story.given(stranger, story.submit(theirs, SubmissionStatus.SUSPENDED, schedule("c", given, ""))));

        UUID their = DerivedIds.child(stranger, theirs, given);
        assertEquals(stranger, story.state.execution(their).header().orgId());
        assertEquals(Story.ORG, story.state.execution(child).header().orgId());
        assertEquals(Status.PENDING, story.status(their));
        assertEquals(Status.PENDING, story.status(child));
        assertEquals(0, story.count(theirs, "CHILD_WORKFLOW_FAILED"));
        assertNotEquals(DerivedIds.child(stranger, parent, given), child, "the organisation alone makes a difference");
    }

    /** Under the rules before the two were one, and parents may have been scheduled under those. */
    @Test
    void aChildOfBeforeGoesOnUnderTheIdThatItWasGiven() {
        Story old = Story.under(Rules.OLDEST);
        UUID before = new UUID(0x3000, 1);
        UUID first = old.running();
        old.delivered(old.given(old.submit(first, SubmissionStatus.SUSPENDED, schedule("c", before, ""))));
        old.given(new Command.RaiseRules(Rules.VERSION));
        old.given(new SignalWorkflow(first, "go", Story.json("1"), 10, "", 0));
        old.claim("w", Story.KIND);
        old.given(old.submit(first, SubmissionStatus.SUSPENDED, schedule("c", before, "")));
        assertEquals(Status.PENDING, old.status(first), "the batch is stale");
        assertEquals(1, old.count(first, "CHILD_WORKFLOW_INITIATED"));

        old.passes(Story.STALE_DELAY_MS + 1);
        old.claim("w", Story.KIND);
        old.delivered(
                old.given(old.submit(first, SubmissionStatus.SUSPENDED, new RequestCancelChild("", before, "enough"))));
        assertEquals(Status.CANCELLED, old.status(before));
        assertEquals(1, old.count(first, "CHILD_WORKFLOW_FAILED"));
    }

    /** Only under the oldest rules can an id be taken, and then the parent must not wait for ever. */
    @Test
    void aChildWhoseIdIsTakenHasFailedAndItsParentHears() {
        Story old = Story.under(Rules.OLDEST);
        UUID other = old.running();
        UUID taken = old.started();
        old.delivered(old.given(old.submit(other, SubmissionStatus.SUSPENDED, schedule("c", taken, ""))));
        assertTrue(old.data(other, "CHILD_WORKFLOW_FAILED").contains("expected "));
        assertEquals(Status.PENDING, old.status(other));
        assertEquals(Story.KIND, old.state.execution(taken).header().kind());
    }

    private Outcome sentAgainAfter(long ms) {
        story.passes(ms);
        Outgoing outgoing = scheduled.outgoing().getFirst();
        return story.sentAgain(outgoing.command(), story.state.timeMs() - ms);
    }

    /** Its partition was away for so long that the child may have ended, and left the stores. */
    @Test
    void aChildWhoseStartComesAgainAfterItLeftTheStoresDoesNotRunTwiceAndItsParentHears() {
        story.delivered(scheduled);
        Outcome ended = childEnds(SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1")));
        Outcome again = sentAgainAfter(2 * Story.RETENTION_MS);
        assertNull(story.state.execution(child));

        assertEquals(List.of(), again.events());
        story.delivered(again);
        assertEquals(1, story.count(parent, "CHILD_WORKFLOW_FAILED"));
        story.delivered(ended);
        assertEquals(0, story.count(parent, "CHILD_WORKFLOW_COMPLETED"), "it was told once already");
    }

    @Test
    void whatTheChildSaidBeforeItLeftCounts() {
        story.delivered(scheduled);
        story.delivered(childEnds(SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        story.delivered(sentAgainAfter(2 * Story.RETENTION_MS));
        assertEquals(1, story.count(parent, "CHILD_WORKFLOW_COMPLETED"));
        assertEquals(0, story.count(parent, "CHILD_WORKFLOW_FAILED"));
    }

    @Test
    void aStartThatComesAgainSoonerStartsTheChildThatNeverCame() {
        sentAgainAfter(Story.RETENTION_MS / 2 - 1);
        assertEquals(Status.PENDING, story.status(child));
    }

    @Test
    void aStartThatComesAgainFindsTheChildThatIsStillOpen() {
        story.delivered(scheduled);
        story.delivered(sentAgainAfter(2 * Story.RETENTION_MS));
        assertEquals(Status.PENDING, story.status(child));
        assertEquals(0, story.count(parent, "CHILD_WORKFLOW_FAILED"));
    }

    @Test
    void nobodyElseClosesAChild() {
        var stranger = new ChildClosed(parent, story.newId(), "c", ChildOutcome.COMPLETED, Story.json("1"), "");
        assertEquals(new Answer.Accepted(false), story.given(stranger).answer());
        assertEquals(Status.WAITING, story.status(parent));
    }

    @Test
    void aParentCancelsAChildByWhatItCallsItByItsIdOrByItsName() {
        UUID other = story.running();
        List<UUID> names = List.of(story.newId(), story.newId(), story.newId());
        List<UUID> children =
                names.stream().map(name -> Story.child(other, name)).toList();
        story.delivered(story.given(story.submit(
                other,
                SubmissionStatus.SUSPENDED,
                schedule("a", names.get(0), ""),
                schedule("b", names.get(1), ""),
                schedule("c", names.get(2), ""))));
        story.given(new SignalWorkflow(other, "go", Story.json("1"), 10, "", 0));
        story.claim("w", Story.KIND);
        story.delivered(story.given(story.submit(
                other,
                SubmissionStatus.SUSPENDED,
                new RequestCancelChild("", names.get(0), "enough"),
                new RequestCancelChild("", children.get(1), "enough"),
                new RequestCancelChild("c", null, "enough"),
                new RequestCancelChild("unknown", null, "enough"))));
        for (UUID cancelled : children) {
            assertEquals(Status.CANCELLED, story.status(cancelled));
        }
        assertEquals(3, story.count(other, "CHILD_WORKFLOW_FAILED"));
        assertFalse(story.history(other).contains("CANCELLATION_REQUESTED"));
    }
}
