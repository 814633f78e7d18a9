package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.State.HeldClaim;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a worker that is gone held is delayed and not stranded. */
class WorkerGoneTest {

    private final Story story = new Story();
    private final UUID task = story.newId();

    private ScheduleTask schedule(int retries) {
        return new ScheduleTask("pay", Story.json("1"), task, retries, 0, "");
    }

    @Test
    void aTaskCountsAsAFailedAttempt() {
        UUID id = story.waiting(schedule(1));
        story.claimTask("t");
        story.given(new WorkerGone("t", "left", 0, Asker.NOBODY));
        assertEquals(1, story.readyWork(WorkType.TASK));
        story.claimTask("t");
        story.given(new WorkerGone("t", "left", 0, Asker.NOBODY));
        assertEquals(Status.FAILED, story.state.task(id, task).status());
        assertTrue(story.data(id, "TASK_FAILED").contains("left"));
    }

    @Test
    void anotherOrganisationsWorkerOfThatNameKeepsWhatItHas() {
        UUID id = story.running();
        Outcome outcome = story.when(new UUID(8, 8), new WorkerGone("w", "left", 0, Asker.NOBODY));
        assertTrue(outcome.events().isEmpty());
        assertEquals(Status.RUNNING, story.status(id));
    }

    @Test
    void aWorkerThatHeldNothingLeavesNothing() {
        story.started();
        Outcome outcome = story.given(new WorkerGone("w", "left", 0, Asker.NOBODY));
        assertEquals(new Answer.Accepted(false), outcome.answer());
        assertTrue(outcome.events().isEmpty());
    }

    @Test
    void whatItHoldsIsFoundWithoutLookingAtWhatOthersHold() {
        for (int i = 0; i < 1_000; i++) {
            story.running();
        }
        story.waiting(schedule(0));
        story.claimTask("t");
        story.tick(1); // so that the task's lease comes first
        UUID id = story.started();
        story.claim("t");
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        long before = story.storage.visits();

        List<HeldClaim> held = reopened.heldBy(Story.ORG, "t");

        assertEquals(story.state.heldBy(Story.ORG, "t"), held);
        assertEquals(
                Arrays.asList(task, null), held.stream().map(HeldClaim::taskId).toList());
        assertEquals(id, held.getLast().executionId());
        assertEquals(2, reopened.resident());
        assertTrue(story.storage.visits() - before < 10, "it looked at others");
    }

    @Test
    void whatItGaveBackOrLostIsNotItsOwnAnyMore() {
        story.waiting(schedule(5));
        Answer.Grant grant = story.claimTask("t");
        story.given(new HeartbeatTask(task, grant.executionId(), null));
        assertEquals(1, story.state.heldBy(Story.ORG, "t").size());

        story.passes(Story.LEASE_MS + 1);
        story.claimTask("other");

        assertTrue(story.state.heldBy(Story.ORG, "t").isEmpty());
        assertEquals(1, story.state.heldBy(Story.ORG, "other").size());
        story.given(new CompleteTask(task, grant.executionId(), Story.json("1")));
        assertTrue(story.state.heldBy(Story.ORG, "other").isEmpty());
    }

    @Test
    void aWorkflowThatEndsWithItsTaskIsNotDeliveredAgain() {
        UUID id = story.waiting(schedule(0));
        story.claimTask("w");
        story.tick(1); // so that the task's lease comes first
        SignalWorkflow signal = new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0);
        story.given(signal);
        story.claim("w");
        String large = '"' + "x".repeat((int) Story.MAX_HISTORY - 3_000) + '"';
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new RecordOperation("large", Story.json(large))));
        story.given(signal);
        assertEquals(id, story.claim("w").executionId());

        // The task's failure no longer fits into the history, which ends the workflow before its own claim is seen to.
        story.given(new WorkerGone("w", "left ".repeat(500), 0, Asker.NOBODY));

        assertEquals(Status.FAILED, story.status(id));
        assertEquals("WORKFLOW_FAILED", story.history(id).getLast());
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }
}
