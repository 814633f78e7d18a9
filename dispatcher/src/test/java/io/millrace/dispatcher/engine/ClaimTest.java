package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.ReleaseClaim;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Claims, leases, and work that comes back. */
class ClaimTest {

    private final Story story = new Story();

    @Test
    void oneWorkflowGoesToOnePoll() {
        UUID id = story.started();
        Answer.Claimed answer = (Answer.Claimed)
                story.given(new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(story.poll("a"), story.poll("b"))))
                        .answer();
        assertEquals(id, answer.grants().get(0).executionId());
        assertNull(answer.grants().get(1).executionId());
        assertEquals(Status.RUNNING, story.status(id));
        assertEquals("a", story.state.execution(id).workerId());
    }

    @Test
    void kindsThatTheWorkerDidNotRegisterStay() {
        UUID id = story.started();
        assertNull(story.claim("w", "mail", "report").executionId());
        assertEquals(id, story.claim("w", "mail", Story.KIND).executionId());
    }

    @Test
    void whatIsOlderOrMoreUrgentGoesFirst() {
        UUID old = story.started();
        story.passes(1_000);
        UUID late = story.started();
        story.passes(1_000);
        UUID urgent = story.newId();
        var start = story.start(urgent, Story.KIND, "");
        story.given(new StartWorkflow(
                urgent,
                start.kind(),
                start.input(),
                start.metadata(),
                start.queue(),
                60,
                "",
                "",
                "",
                0,
                Story.RETENTION_MS,
                null,
                ""));
        assertEquals(urgent, story.claim("w").executionId());
        assertEquals(old, story.claim("w").executionId());
        assertEquals(late, story.claim("w").executionId());
    }

    @Test
    void anotherOrganisationGetsNothing() {
        story.started();
        Answer.Claimed answer = (Answer.Claimed)
                story.when(new UUID(8, 8), new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(story.poll("w"))))
                        .answer();
        assertNull(answer.grants().getFirst().executionId());
    }

    @Test
    void aReleasedClaimMakesTheWorkReadyOnceAndCountsNoDelivery() {
        UUID id = story.started();
        for (int i = 0; i < 3 * Story.MAX_DELIVERIES; i++) {
            Answer.Grant grant = story.claim("w");
            assertEquals(id, grant.executionId());
            story.given(new ReleaseClaim(WorkType.WORKFLOW, id, null, grant.claimId(), "gone"));
            assertEquals(1, story.readyWork(WorkType.WORKFLOW));
        }
        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void aReleaseOfAnotherClaimChangesNothing() {
        UUID id = story.running();
        story.when(new ReleaseClaim(WorkType.WORKFLOW, id, null, story.newId(), "late"));
        assertEquals(Status.RUNNING, story.status(id));
    }

    @Test
    void aLeaseThatRunsOutMakesTheWorkReadyAndTheOldWorkerTooLate() {
        UUID id = story.running();
        story.passes(Story.LEASE_MS - 1);
        assertEquals(Status.RUNNING, story.status(id));
        story.passes(2);
        assertEquals(Status.PENDING, story.status(id));
        Outcome late = story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertEquals(new Answer.Accepted(false), late.answer());
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(late));
        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void workThatIsNeverFinishedFailsInTheEndAndSaysSo() {
        UUID id = story.started();
        for (int i = 0; i < Story.MAX_DELIVERIES; i++) {
            assertEquals(id, story.claim("w" + i).executionId());
            story.passes(Story.LEASE_MS + 1);
        }
        assertEquals(Status.FAILED, story.status(id));
        assertTrue(story.history(id).containsAll(List.of("WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED")));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void aSubmissionEndsTheLease() {
        UUID id = story.waiting();
        story.passes(10 * Story.LEASE_MS);
        assertEquals(Status.WAITING, story.status(id));
    }

    @Test
    void aWorkerThatIsGoneGivesEverythingBackAtOnce() {
        UUID first = story.running();
        UUID second = story.started();
        story.claim("other");
        story.given(new WorkerGone("w", "left", 0, Asker.NOBODY));
        assertEquals(Status.PENDING, story.status(first));
        assertEquals(Status.RUNNING, story.status(second));
    }

    @Test
    void theTimeOfAnActivationIsTheSameWhenItIsDeliveredAgain() {
        UUID id = story.running();
        long first = story.state.execution(id).taskTimeMs();
        story.passes(Story.LEASE_MS + 1);
        story.claim("w");
        assertEquals(first, story.state.execution(id).taskTimeMs());
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0));
        story.claim("w");
        assertNotEquals(first, story.state.execution(id).taskTimeMs());
    }
}
