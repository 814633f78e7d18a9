package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitCommands;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.ClearState;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.SetState;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batches of workers that replayed from a stale or empty history: nothing of them is taken, and nothing waits for ever. */
class StaleSubmissionTest {

    private static final UUID TASK = new UUID(0x3000, 1);
    private static final UUID CHILD = new UUID(0x3000, 2);

    private final Story story = new Story();

    /** Every step that has an identity. */
    static List<WorkflowStep> identities() {
        return List.of(
                new ScheduleTask("pay", Story.json("1"), TASK, 0, 0, ""),
                new ScheduleChildWorkflow("c", "sub", "", CHILD, Story.json("1"), "", 0),
                new CreatePromise("p", 0, "", 0),
                new StartTimer("t", 50_000));
    }

    private UUID runningAgain(WorkflowStep... first) {
        UUID id = story.waiting(first);
        wake(id);
        assertEquals(id, story.claim("w").executionId());
        return id;
    }

    private void wake(UUID id) {
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
    }

    @ParameterizedTest
    @MethodSource("identities")
    void oneKnownIdentityDiscardsAllThatCameWithIt(WorkflowStep known) {
        UUID id = runningAgain(known);
        List<String> before = story.history(id);
        int due = story.state.dues().size();

        Outcome outcome = story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new RecordOperation("roll", Story.json("4")),
                new SetState("k", Story.json("1")),
                new StartTimer("new", 10),
                new CreatePromise("new", 10, "key", 10),
                known));

        assertEquals(before, story.history(id));
        assertTrue(outcome.outgoing().isEmpty());
        assertTrue(story.state.execution(id).values().isEmpty());
        assertEquals(due, story.state.dues().size(), "a retry instead of the lease, and nothing else");
        assertEquals(new Answer.Accepted(false), outcome.answer());
        story.passes(Story.STALE_DELAY_MS);
        assertEquals(id, story.claim("w").executionId());
    }

    @ParameterizedTest
    @MethodSource("identities")
    void evenAnEndIsDiscardedWithIt(WorkflowStep known) {
        UUID id = runningAgain(known);
        story.given(story.submit(id, SubmissionStatus.COMPLETED, known, new CompleteWorkflow(Story.json("1"))));
        assertEquals(Status.PENDING, story.status(id));
    }

    @ParameterizedTest
    @MethodSource("identities")
    void whatOneBatchIssuesTwiceCountsOnce(WorkflowStep twice) {
        UUID id = story.running();
        Outcome outcome = story.given(story.submit(id, SubmissionStatus.SUSPENDED, twice, twice));
        assertEquals(3, story.history(id).size(), () -> story.history(id).toString());
        assertTrue(outcome.outgoing().size() <= 1);
    }

    @Test
    void whatHasNoIdentityIsNeverDiscarded() {
        UUID id = runningAgain(new ClearState("k"), new RecordOperation("roll", Story.json("4")));
        story.given(story.submit(
                id, SubmissionStatus.SUSPENDED, new ClearState("k"), new RecordOperation("roll", Story.json("4"))));
        assertEquals(2, story.count(id, "STATE_CLEARED"));
        assertEquals(2, story.count(id, "OPERATION_COMPLETED"));
    }

    @Test
    void progressEndsTheCountOfStaleRounds() {
        StartTimer known = new StartTimer("t", 50_000);
        UUID id = runningAgain(known);
        for (int i = 0; i < 3 * Story.MAX_STALE_ROUNDS; i++) {
            story.given(story.submit(id, SubmissionStatus.SUSPENDED, known));
            story.passes(Story.STALE_DELAY_MS);
            assertEquals(id, story.claim("w").executionId());
            story.given(story.submit(id, SubmissionStatus.SUSPENDED));
            wake(id);
            assertEquals(id, story.claim("w").executionId());
        }
        assertEquals(Status.RUNNING, story.status(id));
    }

    @Test
    void anEventDuringTheDelayChangesNothingAboutIt() {
        StartTimer known = new StartTimer("t", 50_000);
        UUID id = runningAgain(known);
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, known));
        wake(id);
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        story.passes(Story.STALE_DELAY_MS);
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void whatCountsFromAnOlderHistoryIsIgnoredAndTheClaimStands() {
        UUID id = runningAgain(new RecordOperation("roll", Story.json("4")));
        int seen = story.state.execution(id).shownSequence();
        Outcome old = story.given(numbered(id, seen)); // it numbers from what it saw and one more
        assertEquals(new Answer.Accepted(false), old.answer());
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(old));
        assertEquals(Status.RUNNING, story.status(id));

        story.given(numbered(id, seen + 1));
        assertEquals(Status.WAITING, story.status(id));
    }

    @Test
    void numbersThatStartAtOneTellNothing() {
        UUID id = runningAgain(new RecordOperation("roll", Story.json("4")));
        story.given(numbered(id, 1));
        assertEquals(Status.WAITING, story.status(id));
    }

    private SubmitCommands numbered(UUID id, int first) {
        return new SubmitCommands(
                id,
                List.of(new RecordOperation("next", Story.json("1"))),
                first,
                SubmissionStatus.SUSPENDED,
                Story.MAX_STALE_ROUNDS,
                Story.STALE_DELAY_MS,
                Story.RETENTION_MS);
    }

    @Test
    void aTaskIdOfAnotherKindIsRefusedWhole() {
        UUID id = runningAgain(new ScheduleTask("pay", Story.json("1"), TASK, 0, 0, ""));
        List<String> before = story.history(id);
        Outcome outcome = story.when(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new RecordOperation("roll", Story.json("4")),
                new ScheduleTask("mail", Story.json("1"), TASK, 0, 0, "")));
        assertEquals(Refusal.Reason.FAILED_PRECONDITION, outcome.refusal().reason());
        assertEquals(before, story.history(id));
        assertEquals(Status.RUNNING, story.status(id));
    }
}
