package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.RejectPromiseRequest;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever resumes a workflow wakes a subscriber as a start does, and a notification is true: sections 5.2 and 5.3 of the
 * contract, trap 10. Tasks and children go to queues of their own, so that only the workflow itself can be heard of.
 */
class ResumeRulesTest extends Protocol {

    /** Long enough to make the workflow run again before it is over, short enough to wait for. */
    private static final long SOON_MS = 8_000;

    private final String task = newId();
    private final String child = newId();
    private final String others = queue + "-others";

    /** What resumes a workflow: the event, what the workflow did to get it, and how it comes about. */
    enum Cause {
        TASK_COMPLETED,
        TASK_FAILED,
        TASK_CANCELLED,
        TIMER_FIRED,
        PROMISE_RESOLVED,
        PROMISE_REJECTED,
        PROMISE_TIMEOUT,
        CHILD_WORKFLOW_COMPLETED,
        CHILD_WORKFLOW_FAILED,
        CHILD_WORKFLOW_CANCELLED,
        SIGNAL_RECEIVED;

        /** A cancelled task or child has failed, for its workflow. */
        String event() {
            return switch (this) {
                case TASK_CANCELLED -> "TASK_FAILED";
                case CHILD_WORKFLOW_CANCELLED -> "CHILD_WORKFLOW_FAILED";
                default -> name();
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void aSubscriberIsToldAndThePollFindsTheWorkflow(Cause cause) throws Exception {
        String id = waiting(preparation(cause));
        try (TestSubscriber subscriber = new TestSubscriber(worker, queue + "-subscriber", queue)) {
            bringAbout(cause, id);

            assertEquals(queue, subscriber.next().getQueue());
            assertEquals(id, poll(LONG_S).orElseThrow().getId());
        }
        assertEquals(1, types(id).stream().filter(cause.event()::equals).count());
        suspend(id);
        assertNothingReady();
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void whatComesWhileTheWorkflowRunsWakesItWhenItSuspends(Cause cause) throws Exception {
        String id = waiting(preparation(cause));
        signal(id, "run", "1");
        claim();
        int seen = types(id).size() - 1;
        try (TestSubscriber subscriber = new TestSubscriber(worker, queue + "-subscriber", queue)) {
            bringAbout(cause, id);
            Await.until(cause + " in the history", () -> types(id).lastIndexOf(cause.event()) > seen);
            assertNothingReady();

            suspend(id);

            assertEquals(queue, subscriber.next().getQueue());
            assertEquals(id, poll(LONG_S).orElseThrow().getId());
        }
        suspend(id);
        assertNothingReady();
    }

    @Test
    void aStartWakesASubscriber() throws Exception {
        try (TestSubscriber subscriber = new TestSubscriber(worker, queue + "-subscriber", queue)) {
            String id = start();

            assertEquals(queue, subscriber.next().getQueue());
            assertEquals(id, poll(LONG_S).orElseThrow().getId());
        }
    }

    @Test
    void aTaskThatIsTriedAgainDoesNotWakeItsWorkflow() {
        waiting(Commands.task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(task)
                .setKind("t")
                .setQueue(others)));
        runTask();
        failTask(task, "once more");

        runTask();
        assertNothingReady();
    }

    @Test
    void severalCausesMakeOneActivation() {
        String id = waiting();
        signal(id, "a", "1");
        signal(id, "b", "2");

        assertEquals(id, claim().getId());
        assertNothingReady();
        suspend(id);
        assertNothingReady();
    }

    private WorkflowCommand[] preparation(Cause cause) {
        return switch (cause) {
            case TASK_COMPLETED, TASK_FAILED, TASK_CANCELLED ->
                new WorkflowCommand[] {
                    Commands.task(ScheduleTaskCommand.newBuilder()
                            .setTaskExecutionId(task)
                            .setKind("t")
                            .setMaxRetries(0)
                            .setQueue(others))
                };
            case TIMER_FIRED -> new WorkflowCommand[] {Commands.timer("t", SOON_MS)};
            case PROMISE_RESOLVED, PROMISE_REJECTED -> new WorkflowCommand[] {Commands.promise("p")};
            case PROMISE_TIMEOUT ->
                new WorkflowCommand[] {
                    Commands.promise(
                            CreatePromiseCommand.newBuilder().setPromiseId("p").setTimeoutMs(SOON_MS))
                };
            case CHILD_WORKFLOW_COMPLETED, CHILD_WORKFLOW_FAILED, CHILD_WORKFLOW_CANCELLED ->
                new WorkflowCommand[] {Commands.child(child, "c", "kid", others)};
            case SIGNAL_RECEIVED -> new WorkflowCommand[0];
        };
    }

    private void bringAbout(Cause cause, String id) {
        switch (cause) {
            case TASK_COMPLETED -> {
                runTask();
                completeTask(task, "1");
            }
            case TASK_FAILED -> {
                runTask();
                failTask(task, "no");
            }
            case TASK_CANCELLED ->
                place.admin()
                        .tasks()
                        .cancelTask(CancelTaskRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .build());
            case TIMER_FIRED, PROMISE_TIMEOUT -> {} // time brings it about
            case PROMISE_RESOLVED ->
                worker.workflows()
                        .resolvePromise(ResolvePromiseRequest.newBuilder()
                                .setPromiseId(id + ":p")
                                .build());
            case PROMISE_REJECTED ->
                worker.workflows()
                        .rejectPromise(RejectPromiseRequest.newBuilder()
                                .setPromiseId(id + ":p")
                                .build());
            case CHILD_WORKFLOW_COMPLETED -> {
                runChild(id);
                submit(childOf(id, "c"), WorkflowStatus.COMPLETED);
            }
            case CHILD_WORKFLOW_FAILED -> {
                runChild(id);
                submit(childOf(id, "c"), WorkflowStatus.FAILED);
            }
            case CHILD_WORKFLOW_CANCELLED -> {
                awaitStarted(childOf(id, "c"));
                cancelWorkflow(childOf(id, "c"), "enough");
            }
            case SIGNAL_RECEIVED -> signal(id, "on", "1");
        }
    }

    private void runTask() {
        assertEquals(
                task,
                worker.tasks()
                        .pollTask(taskPoll(others, others, LONG_S))
                        .getTask()
                        .getTaskExecutionId());
    }

    private void runChild(String id) {
        WorkflowExecution work = worker.poll(others, others, LONG_S).orElseThrow();
        assertEquals(childOf(id, "c"), work.getId());
    }
}
