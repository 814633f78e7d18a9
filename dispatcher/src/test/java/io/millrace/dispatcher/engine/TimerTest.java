package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CancelTimer;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Timers fire by the time of the log, in the order of their times, and once. */
class TimerTest {

    private final Story story = new Story();

    @Test
    void aTimerFiresWhenItsTimeHasComeAndNotBefore() {
        UUID id = story.waiting(new StartTimer("t", 500));
        story.passes(499);
        assertEquals(Status.WAITING, story.status(id));
        story.passes(1);
        assertEquals("{\"timerId\":\"t\"}", story.data(id, "TIMER_FIRED"));
        assertEquals(Status.PENDING, story.status(id));
        story.passes(10_000);
        assertEquals(1, story.count(id, "TIMER_FIRED"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void whatIsOverAlreadyFiresAtOnce(long durationMs) {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new StartTimer("t", durationMs)));
        assertEquals(
                List.of("WORKFLOW_STARTED", "TIMER_STARTED", "TIMER_FIRED", "WORKFLOW_SUSPENDED"), story.history(id));
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(0, story.state.dues().size());
    }

    @Test
    void timersFireInTheOrderOfTheirTimes() {
        UUID late = story.waiting(new StartTimer("late", 900));
        UUID early = story.waiting(new StartTimer("b", 300), new StartTimer("a", 200));
        Outcome outcome = story.passes(1_000);
        assertEquals(
                List.of(early, early, late),
                outcome.events().stream()
                        .filter(event -> event.type().equals("TIMER_FIRED"))
                        .map(event -> event.executionId())
                        .toList());
        assertEquals("{\"timerId\":\"b\"}", story.data(early, "TIMER_FIRED"), "the last of the two that fired there");
    }

    @Test
    void oneCommandLetsNoMoreHappenThanItsLimit() {
        UUID id = story.waiting(new StartTimer("a", 10), new StartTimer("b", 20), new StartTimer("c", 30));
        story.tick(100);
        assertTrue(story.given(new FireDue(0)).events().isEmpty());
        story.given(new FireDue(2));
        assertEquals(2, story.count(id, "TIMER_FIRED"));
        story.given(new FireDue(2));
        assertEquals(3, story.count(id, "TIMER_FIRED"));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void aCancelledTimerNeverFires() {
        UUID id = story.waiting(new StartTimer("t", 500), new StartTimer("u", 10));
        story.passes(10);
        story.claim("w");
        story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new CancelTimer("t"),
                new CancelTimer("t"),
                new CancelTimer("u"),
                new CancelTimer("unknown"),
                new StartTimer("v", 100),
                new CancelTimer("v")));
        story.passes(1_000);
        assertEquals(2, story.count(id, "TIMER_CANCELLED"), "t and v; u had fired");
        assertEquals(1, story.count(id, "TIMER_FIRED"));
        assertEquals(Status.WAITING, story.status(id));
    }

    @Test
    void aTimerThatFiresWhileTheWorkflowRunsIsNotLost() {
        UUID id = story.waiting(new StartTimer("a", 10), new StartTimer("b", 20));
        story.passes(10);
        assertEquals(id, story.claim("w").executionId());
        story.passes(10);
        assertEquals(Status.RUNNING, story.status(id));
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new RecordOperation("roll", Story.json("4"))));
        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void timeNeverRunsBackwards() {
        UUID id = story.waiting(new StartTimer("t", 500));
        long before = story.state.timeMs();
        story.tick(-10_000);
        story.given(new FireDue(10));
        assertEquals(before, story.state.timeMs());
        UUID other = story.started();
        assertEquals(before, story.state.execution(other).header().createdMs());
        story.tick(10_500);
        story.given(new FireDue(10));
        assertEquals(1, story.count(id, "TIMER_FIRED"));
    }
}
