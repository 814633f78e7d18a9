package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.RetryTask;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A task that is retried is handed out at once, with all of its attempts and all of its time. */
class TaskRetryTest {

    private final Story story = new Story();

    private UUID standalone(int retries, long timeoutMs) {
        UUID id = story.newId();
        story.given(new SubmitTask(
                id,
                null,
                "mail",
                Story.json("1"),
                Map.of(),
                retries,
                timeoutMs,
                "",
                0,
                Story.QUEUE,
                Story.RETENTION_MS,
                0));
        return id;
    }

    private void fails(UUID id, UUID execution, long delayMs) {
        assertEquals(id, story.claimTask("t").taskId());
        story.given(new FailTask(id, execution, "broken", delayMs));
    }

    private Outcome retried(UUID id, UUID execution) {
        return story.given(new RetryTask(id, execution, Command.ANY_VERSION));
    }

    private Task task(UUID id) {
        return story.state.task(id, id);
    }

    @Test
    void oneThatFailedForGoodIsOpenAgainWithAllItsAttempts() {
        UUID id = standalone(1, 0);
        fails(id, id, 0);
        fails(id, id, 0);
        assertEquals(Status.FAILED, task(id).status());

        assertEquals(new Answer.Accepted(true), retried(id, id).answer());

        assertEquals(Status.PENDING, task(id).status());
        assertEquals("broken", task(id).error(), "the last error is told until there is another end");
        fails(id, id, 0);
        assertEquals(3, task(id).attempt(), "attempts are numbered on");
        assertEquals(Status.PENDING, task(id).status(), "it has its retry again");
        fails(id, id, 0);
        assertEquals(Status.FAILED, task(id).status());
    }

    @Test
    void whatHasChangedSinceItWasSeenStaysAsItIs() {
        UUID id = standalone(2, 0);
        long made = task(id).version();
        fails(id, id, 60_000);
        long failed = task(id).version();
        assertNotEquals(made, failed);
        for (Command asked : List.of(new RetryTask(id, id, made), new CancelTask(id, id, made))) {
            Outcome outcome = story.when(asked);
            assertEquals(Refusal.Reason.ABORTED, outcome.refusal().reason());
            assertEquals(
                    "expected version " + made + " of task " + id
                            + ", which is PENDING, as it was seen, but it is version " + failed
                            + ": it has changed meanwhile, so look at it again",
                    outcome.refusal().text());
        }
        assertEquals(
                new Answer.Accepted(true),
                story.when(new RetryTask(id, id, failed)).answer());
        long retried = task(id).version();
        assertEquals(
                Refusal.Reason.ABORTED,
                story.when(new CancelTask(id, id, failed)).refusal().reason(),
                "it was retried, which is told by nothing else");
        story.claimTask("t");
        story.given(new HeartbeatTask(id, id, null));
        long running = task(id).version();
        assertNotEquals(retried, running);
        story.given(new HeartbeatTask(id, id, null));
        assertEquals(running, task(id).version(), "a sign of life changes nothing");
        story.state.flush();
        assertEquals(
                running, new PartitionState(story.storage, 1 << 20).task(id, id).version());
        assertEquals(
                new Answer.Accepted(true),
                story.when(new CancelTask(id, id, running)).answer());
    }

    @Test
    void itDoesNotLeaveWhenTheRetentionOfItsFirstEndIsOver() {
        UUID id = standalone(0, 0);
        fails(id, id, 0);
        story.passes(Story.RETENTION_MS - 1_000);
        retried(id, id);
        story.passes(60_000);
        assertNotNull(task(id));
        story.claimTask("t");
        story.given(new CompleteTask(id, id, Story.json("2")));
        assertEquals(Status.COMPLETED, story.status(id));
        story.passes(Story.RETENTION_MS + 60_000);
        assertNull(story.state.execution(id));
    }

    @Test
    void itHasAllItsTimeAgain() {
        UUID id = standalone(5, 10_000);
        story.passes(10_000);
        assertEquals(Status.FAILED, task(id).status());
        retried(id, id);
        story.passes(9_999);
        assertEquals(Status.PENDING, task(id).status());
        story.passes(1);
        assertEquals(Status.FAILED, task(id).status());
        assertTrue(task(id).error().contains("expected it to end within 10000 ms"), task(id).error());
    }

    @Test
    void oneThatWaitsForItsNextAttemptIsHandedOutAtOnce() {
        UUID taskId = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), taskId, 1, 0, ""));
        fails(taskId, id, 3_600_000);
        assertEquals(0, story.readyWork(WorkType.TASK));

        retried(taskId, id);

        assertEquals(1, story.readyWork(WorkType.TASK));
        fails(taskId, id, 0);
        fails(taskId, id, 0);
        assertEquals(Status.FAILED, story.state.task(id, taskId).status(), "one retry, and no more");
        assertEquals("TASK_FAILED", story.history(id).getLast());
    }

    @Test
    void oneThatHasAllItsAttemptsStaysAsItIs() {
        UUID id = standalone(1, 0);
        Outcome outcome = retried(id, id);
        assertEquals(new Answer.Accepted(false), outcome.answer());
        assertTrue(outcome.events().isEmpty());
        assertEquals(1, story.readyWork(WorkType.TASK));
    }

    @Test
    void oneThatWasCancelledByMistakeIsOpenAgain() {
        UUID id = standalone(1, 0);
        story.given(new CancelTask(id, id, Command.ANY_VERSION));
        retried(id, id);
        assertEquals(id, story.claimTask("t").taskId());
    }

    @Test
    void whatCannotBeRetriedSaysWhy() {
        UUID taskId = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), taskId, 0, 0, ""));
        assertEquals(taskId, story.claimTask("t").taskId());
        assertEquals(
                "expected a task that is PENDING, FAILED or CANCELLED, but " + taskId + " is RUNNING",
                story.when(new RetryTask(taskId, id, Command.ANY_VERSION))
                        .refusal()
                        .text());
        story.given(new FailTask(taskId, id, "broken", 0));
        assertEquals(
                "expected a task that is PENDING, or one without a workflow, but " + taskId
                        + " is FAILED and its workflow " + id + " has heard of that: retry or reset the workflow",
                story.when(new RetryTask(taskId, id, Command.ANY_VERSION))
                        .refusal()
                        .text());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), new RetryTask(taskId, id, Command.ANY_VERSION))
                        .refusal()
                        .reason());
    }

    @Test
    void whatItGotBackIsKeptInTheStore() {
        UUID id = standalone(1, 10_000);
        fails(id, id, 0);
        retried(id, id);
        long deadline = task(id).deadlineMs();
        story.state.flush();
        Task stored = new PartitionState(story.storage, 16 << 20).task(id, id);
        assertEquals(1, stored.attemptsBefore());
        assertEquals(deadline, stored.deadlineMs());
    }
}
