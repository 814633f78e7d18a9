package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.RejectPromise;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One rule wakes for all causes: a workflow that waits becomes ready, one that runs becomes ready when it suspends. */
class ResumeTest {

    private static final UUID TASK = new UUID(0x3000, 1);
    private static final UUID CHILD = new UUID(0x3000, 2);

    private record Cause(String event, WorkflowStep step, BiConsumer<Story, UUID> brings) {
        @Override
        public String toString() {
            return event;
        }
    }

    static Stream<Arguments> causes() {
        WorkflowStep task = new ScheduleTask("pay", Story.json("1"), TASK, 0, 0, "");
        WorkflowStep promise = new CreatePromise("p", 0, "", 0);
        WorkflowStep child = new ScheduleChildWorkflow("c", "sub", "", CHILD, Story.json("1"), "", 0);
        return Stream.of(
                        new Cause("TASK_COMPLETED", task, (story, id) -> {
                            story.claimTask("t");
                            story.given(new CompleteTask(TASK, id, Story.json("2")));
                        }),
                        new Cause("TASK_FAILED", task, (story, id) -> {
                            story.claimTask("t");
                            story.given(new FailTask(TASK, id, "broken", 0));
                        }),
                        new Cause(
                                "TASK_FAILED",
                                task,
                                (story, id) -> story.given(new CancelTask(TASK, id, Command.ANY_VERSION))),
                        new Cause(
                                "TASK_FAILED",
                                new ScheduleTask("pay", Story.json("1"), TASK, 0, 500, ""),
                                (story, id) -> story.passes(501)),
                        new Cause("TIMER_FIRED", new StartTimer("t", 500), (story, id) -> story.passes(501)),
                        new Cause(
                                "PROMISE_RESOLVED",
                                promise,
                                (story, id) -> story.given(new ResolvePromise(id, null, "p", Story.json("2")))),
                        new Cause(
                                "PROMISE_REJECTED",
                                promise,
                                (story, id) -> story.given(new RejectPromise(id, null, "p", "no"))),
                        new Cause(
                                "PROMISE_TIMEOUT",
                                new CreatePromise("p", 500, "", 0),
                                (story, id) -> story.passes(501)),
                        new Cause(
                                "CHILD_WORKFLOW_COMPLETED",
                                child,
                                (story, id) -> story.given(new ChildClosed(
                                        id, Story.child(id, CHILD), "c", ChildOutcome.COMPLETED, Story.json("2"), ""))),
                        new Cause(
                                "CHILD_WORKFLOW_FAILED",
                                child,
                                (story, id) -> story.given(new ChildClosed(
                                        id,
                                        Story.child(id, CHILD),
                                        "c",
                                        ChildOutcome.FAILED,
                                        Story.json("null"),
                                        "broken"))),
                        new Cause(
                                "CHILD_WORKFLOW_FAILED",
                                child,
                                (story, id) -> story.given(new ChildClosed(
                                        id,
                                        Story.child(id, CHILD),
                                        "c",
                                        ChildOutcome.CANCELLED,
                                        Story.json("null"),
                                        "cancelled"))),
                        new Cause(
                                "SIGNAL_RECEIVED",
                                new WorkflowStep.Unspecified(),
                                (story, id) -> story.given(new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0))))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("causes")
    void aWaitingWorkflowBecomesReadyOnce(Cause cause) {
        Story story = new Story();
        UUID id = story.waiting(cause.step());
        story.state.ready().drainGrown();

        cause.brings().accept(story, id);

        assertTrue(
                story.history(id).contains(cause.event()),
                () -> story.history(id).toString());
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
        assertFalse(story.state.ready().drainGrown().isEmpty(), "expected the queue's level to be told");
    }

    @ParameterizedTest
    @MethodSource("causes")
    void aWorkflowThatRunsMeanwhileBecomesReadyWhenItSuspends(Cause cause) {
        Story story = new Story();
        UUID id = story.waiting(cause.step());
        story.given(new SignalWorkflow(id, "first", Story.json("1"), 10, "", 0));
        assertEquals(id, story.claim("w").executionId());

        cause.brings().accept(story, id);
        assertEquals(Status.RUNNING, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));

        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        assertEquals(Status.PENDING, story.status(id));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));

        // What it has seen now wakes it no more.
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        assertEquals(Status.WAITING, story.status(id));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void aClosedWorkflowIsLeftAlone(Cause cause) {
        Story story = new Story();
        UUID id = story.waiting(cause.step());
        story.given(new CancelWorkflow(id, "enough", "test"));
        List<String> closed = story.history(id);
        try {
            cause.brings().accept(story, id);
        } catch (AssertionError refused) {
            assertTrue(refused.getMessage().startsWith("refused"), refused.getMessage());
        }
        assertEquals(closed, story.history(id));
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }
}
