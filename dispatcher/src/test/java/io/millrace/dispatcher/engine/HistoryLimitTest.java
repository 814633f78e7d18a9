package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.SignalWithStart;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.ClearState;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.SetState;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The limit that a command brings counts for whatever the command lets happen, not the default, which is larger. */
class HistoryLimitTest {

    private static final String LONG_NAME = "n".repeat(2_000);

    private final Story story = new Story();

    /** @return a workflow that waits for the step and has room for less than one more entry of two thousand bytes */
    private UUID nearlyFull(WorkflowStep step) {
        UUID id = story.running();
        fill(id, step);
        return id;
    }

    private void fill(UUID id, WorkflowStep step) {
        String large = '"' + "x".repeat((int) Story.MAX_HISTORY - 4_500) + '"';
        story.given(
                story.submit(id, SubmissionStatus.SUSPENDED, new RecordOperation("large", Story.json(large)), step));
        assertEquals(Status.WAITING, story.status(id), "expected what was submitted to fit");
    }

    private void assertFailed(UUID id, String missing) {
        assertEquals(Status.FAILED, story.status(id));
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("HISTORY_LIMIT"));
        assertFalse(story.history(id).contains(missing));
    }

    @Test
    void aTimerThatFires() {
        UUID id = nearlyFull(new StartTimer(LONG_NAME, 500));
        story.passes(500);
        assertFailed(id, "TIMER_FIRED");
    }

    @Test
    void aPromiseThatTimesOut() {
        UUID id = nearlyFull(new CreatePromise(LONG_NAME, 500, "", 0));
        story.passes(500);
        assertFailed(id, "PROMISE_TIMEOUT");
    }

    @Test
    void aChildThatEnds() {
        UUID child = story.newId();
        UUID id = nearlyFull(new ScheduleChildWorkflow("c", Story.KIND, "", child, Story.json("1"), "", 0));
        story.given(new ChildClosed(
                id,
                Story.child(id, child),
                "c",
                ChildOutcome.COMPLETED,
                Story.json('"' + LONG_NAME.repeat(2) + '"'),
                ""));
        assertFailed(id, "CHILD_WORKFLOW_COMPLETED");
    }

    @Test
    void aTaskThatIsCancelled() {
        UUID task = story.newId();
        UUID id = nearlyFull(new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""));
        while (story.when(new SignalWorkflow(id, "go", Story.json("1"), 1_000, "", 0))
                        .refusal()
                == null) {
            // each takes a little of the room that is left
        }
        story.given(new CancelTask(task, id, Command.ANY_VERSION));
        assertFailed(id, "TASK_FAILED");
        assertEquals(Status.CANCELLED, story.state.task(id, task).status());
    }

    static Stream<Function<Integer, WorkflowStep>> stepsOfEveryKind() {
        String awkward = "\u00e9\u4e2d\"\n".repeat(60);
        return Stream.of(
                i -> new ScheduleTask(awkward, Story.json("1"), new UUID(1, i), 0, 0, awkward),
                i -> new ScheduleChildWorkflow(awkward + i, awkward, "", new UUID(2, i), Story.json("1"), "", 0),
                i -> new CreatePromise(awkward + i, 500, awkward + i, 1_000),
                i -> new StartTimer(awkward + i, 0),
                i -> new StartTimer("t" + i, 0),
                i -> new SetState(awkward, Story.json("1")),
                i -> new ClearState(awkward),
                i -> new RecordOperation(awkward, Story.json("1")));
    }

    /** The largest batch that is taken must fit, whatever its names look like in JSON. */
    @ParameterizedTest
    @MethodSource("stepsOfEveryKind")
    void aBatchThatIsTakenFits(Function<Integer, WorkflowStep> step) {
        int fits = 0;
        for (int more = 1 << 13; more > 0; more /= 2) {
            Story story = new Story();
            UUID id = story.running();
            story.given(story.submit(
                    id,
                    SubmissionStatus.SUSPENDED,
                    IntStream.range(0, fits + more).mapToObj(step::apply).toArray(WorkflowStep[]::new)));
            if (story.status(id) != Status.FAILED) {
                long bytes = story.state.execution(id).historyBytes();
                assertTrue(bytes <= Story.MAX_HISTORY, () -> bytes + " bytes");
                fits += more;
            }
        }
        assertTrue(fits > 100, "expected a batch of some size to fit");
    }

    @Test
    void aSignalThatMightHaveStartedTheWorkflow() {
        UUID id = story.newId();
        story.given(story.start(id, Story.KIND, "key"));
        assertEquals(id, story.claim("w").executionId());
        fill(id, new StartTimer("t", 500));
        SignalWithStart late = new SignalWithStart(
                story.start(story.newId(), Story.KIND, "key"),
                "go",
                Story.json('"' + LONG_NAME.repeat(2) + '"'),
                10,
                "");
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED, story.when(late).refusal().reason());
        assertEquals(Status.WAITING, story.status(id));
    }
}
