package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.ChangeTaskState;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.ReportTaskProgress;
import io.millrace.dispatcher.engine.command.Command.RetryTask;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StateChange;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tasks without a workflow, and what tasks of either kind keep for themselves. */
class StandaloneTaskTest {

    private static final long TTL_MS = 10_000;

    private final Story story = new Story();

    private SubmitTask task(UUID id, int retries, long timeoutMs, String key, long atMs) {
        return new SubmitTask(
                id,
                null,
                "mail",
                Story.json("1"),
                Map.of(),
                retries,
                timeoutMs,
                key,
                TTL_MS,
                Story.QUEUE,
                Story.RETENTION_MS,
                atMs);
    }

    private UUID submitted() {
        UUID id = story.newId();
        story.given(task(id, 0, 0, "", 0));
        return id;
    }

    private Answer.TaskCreated keyed() {
        return (Answer.TaskCreated)
                story.given(task(story.newId(), 0, 0, "k", 0)).answer();
    }

    private Task state(UUID id) {
        return story.state.task(id, id);
    }

    @Test
    void itRunsAndEndsWithoutAHistory() {
        UUID id = submitted();
        Answer.Grant grant = story.claimTask("t", "mail");
        assertEquals(id, grant.taskId());
        assertEquals(id, grant.executionId());
        story.given(new CompleteTask(id, id, Story.json("2")));
        assertEquals(Status.COMPLETED, state(id).status());
        assertEquals(Status.COMPLETED, story.status(id));
        assertTrue(story.history(id).isEmpty());
    }

    @Test
    void itIsRetriedAndFailsInTheEnd() {
        UUID id = story.newId();
        story.given(task(id, 1, 0, "", 0));
        story.claimTask("t");
        story.given(new FailTask(id, id, "first", 0));
        assertEquals(Status.PENDING, state(id).status());
        story.claimTask("t");
        story.given(new FailTask(id, id, "second", 0));
        assertEquals(Status.FAILED, story.status(id));
        assertEquals("second", state(id).error());
    }

    @Test
    void aScheduledOneIsNotHandedOutBeforeItsTime() {
        UUID id = story.newId();
        story.passes(0);
        story.given(task(id, 0, 0, "", story.state.timeMs() + 1_000));
        assertNull(story.claimTask("t").taskId());
        story.passes(999);
        assertEquals(0, story.readyWork(WorkType.TASK));
        story.passes(1);
        assertEquals(id, story.claimTask("t").taskId());
    }

    @Test
    void itsDeadlineHoldsWhetherItIsClaimedOrNot() {
        UUID id = story.newId();
        story.given(task(id, 5, 1_000, "", 0));
        story.passes(1_000);
        assertEquals(Status.FAILED, story.status(id));
        assertTrue(state(id).error().contains("timed out"), state(id).error());
        assertEquals(0, story.readyWork(WorkType.TASK));
    }

    @Test
    void itIsCancelledOnce() {
        UUID id = submitted();
        story.given(new CancelTask(id, id, Command.ANY_VERSION));
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(new CancelTask(id, id, Command.ANY_VERSION))
                        .refusal()
                        .reason());
        assertNull(story.claimTask("t").taskId());
    }

    @Test
    void itIsNoWorkflow() {
        UUID id = submitted();
        Refusal.Reason signalled = story.when(new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0))
                .refusal()
                .reason();
        assertEquals(Refusal.Reason.NOT_FOUND, signalled);
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                story.when(story.start(id, "mail", "")).refusal().reason());
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                story.when(task(id, 0, 0, "", 0)).refusal().reason());
        UUID workflow = story.started();
        SubmitTask foreign = new SubmitTask(
                story.newId(), workflow, "mail", Story.json("1"), Map.of(), 0, 0, "", 0, Story.QUEUE, 0, 0);
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(foreign).refusal().reason());
    }

    @Test
    void itsKeyFindsItAsLongAsTheKeyLivesEvenWhenItHasEnded() {
        UUID id = keyed().taskId();
        story.given(new CancelTask(id, id, Command.ANY_VERSION));
        story.passes(TTL_MS - 1);
        assertEquals(id, keyed().taskId());
        story.passes(1);
        Answer.TaskCreated next = keyed();
        assertNotEquals(id, next.taskId());
        assertTrue(next.keyNew());
    }

    @Test
    void aKeyStandsForTasksOfOneKind() {
        keyed();
        SubmitTask other = new SubmitTask(
                story.newId(), null, "report", Story.json("1"), Map.of(), 0, 0, "k", TTL_MS, Story.QUEUE, 0, 0);
        assertEquals(Refusal.Reason.ALREADY_EXISTS, story.when(other).refusal().reason());
        assertEquals(1, story.readyWork(WorkType.TASK));
    }

    @Test
    void workflowsAndTasksHaveKeysOfTheirOwn() {
        keyed();
        assertTrue(((Answer.Started)
                        story.given(story.start(story.newId(), "mail", "k")).answer())
                .created());
        assertFalse(keyed().keyNew());
    }

    @Test
    void itsStateIsItsOwnAndBounded() {
        UUID id = submitted();
        story.given(change(id, StateChange.SET, "a", "1"));
        story.given(change(id, StateChange.SET, "b", "2"));
        story.given(change(id, StateChange.SET, "a", "3"));
        assertEquals("3", new String(state(id).state().get("a").json(), StandardCharsets.UTF_8));
        story.given(change(id, StateChange.CLEAR, "a", "null"));
        assertEquals(Set.of("b"), state(id).state().keySet());
        String large = '"' + "x".repeat(100) + '"';
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED,
                story.when(change(id, StateChange.SET, "c", large)).refusal().reason());
        story.given(change(id, StateChange.CLEAR_ALL, "", "null"));
        assertTrue(state(id).state().isEmpty());
    }

    @Test
    void itsStateIsMeasuredInBytesAndNotInCharacters() {
        UUID id = submitted();
        String key = "ü".repeat(50);
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED,
                story.when(change(id, StateChange.SET, key, "1")).refusal().reason());
        story.given(change(id, StateChange.SET, key.substring(2), "1"));
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED,
                story.when(change(id, StateChange.SET, "k", "123")).refusal().reason());
    }

    @Test
    void itsLogIsBoundedInBytesToo() {
        UUID id = submitted();
        String message = "ü".repeat(100);
        LogTaskMessage line = new LogTaskMessage(id, id, "INFO", message, 1_000, 500);
        story.given(line);
        story.given(line);
        assertEquals(new Answer.Accepted(false), story.given(line).answer());
        assertEquals(
                new Answer.Accepted(true),
                story.given(new LogTaskMessage(id, id, "INFO", "x", 1_000, 0)).answer());
        assertEquals(3, state(id).log().size());
    }

    private static ChangeTaskState change(UUID id, StateChange change, String key, String value) {
        return new ChangeTaskState(id, id, change, key, Story.json(value), 100);
    }

    @Test
    void progressAndLogComeLateAndDoNoHarm() {
        UUID id = submitted();
        story.claimTask("t");
        story.given(new ReportTaskProgress(id, id, 0.5, "half"));
        story.given(new LogTaskMessage(id, id, "INFO", "one", 2, 0));
        story.given(new CompleteTask(id, id, Story.json("2")));
        assertEquals(
                new Answer.Accepted(false),
                story.given(new ReportTaskProgress(id, id, 1, "done")).answer());
        story.given(new LogTaskMessage(id, id, "INFO", "two", 2, 0));
        assertEquals(
                new Answer.Accepted(false),
                story.given(new LogTaskMessage(id, id, "INFO", "three", 2, 0)).answer());
        assertEquals(0.5, state(id).progress());
        assertEquals(2, state(id).log().size());
        assertEquals(Status.COMPLETED, story.status(id));
    }

    @Test
    void theTimeOfATaskThatIsToBeginLaterCountsFromThen() {
        long atMs = story.state.timeMs() + 7_200_000;
        UUID id = story.newId();
        story.given(task(id, 0, 3_600_000, "", atMs));
        story.passes(3_600_000);
        assertEquals(Status.PENDING, state(id).status());
        story.state.flush();
        assertEquals(
                atMs + 3_600_000,
                new PartitionState(story.storage, 16 << 20).task(id, id).deadlineMs());

        story.passes(3_600_000);
        assertEquals(id, story.claimTask("t", "mail").taskId());
        story.passes(3_599_999);
        story.given(new CompleteTask(id, id, Story.json("2")));
        assertEquals(Status.COMPLETED, state(id).status());
    }

    @Test
    void aTaskThatIsToBeginLaterFailsWhenItsTimeFromThenIsOver() {
        UUID id = story.newId();
        story.given(task(id, 0, 1_000, "", story.state.timeMs() + 5_000));
        story.passes(5_999);
        assertEquals(Status.PENDING, state(id).status());
        story.passes(1);
        assertEquals(Status.FAILED, state(id).status());
        assertEquals(
                "Task timed out: expected it to end within 1000 ms", state(id).error());
    }

    @Test
    void aTaskThatIsLetGoBeforeItsTimeHasItsTimeFromThen() {
        UUID id = story.newId();
        story.given(task(id, 0, 1_000, "", story.state.timeMs() + 5_000));
        story.passes(2_000);
        story.given(new RetryTask(id, id, Command.ANY_VERSION));
        assertEquals(story.state.timeMs() + 1_000, state(id).deadlineMs());
        story.passes(1_000);
        assertEquals(Status.FAILED, state(id).status());
        assertEquals(0, story.readyWork(WorkType.TASK));
    }
}
