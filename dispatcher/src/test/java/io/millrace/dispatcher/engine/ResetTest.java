package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.PauseWorkflow;
import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Command.ResumeWorkflow;
import io.millrace.dispatcher.engine.command.Command.SettlePromiseByKey;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.SetState;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Answer.Again;
import io.millrace.dispatcher.engine.decide.DerivedIds;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A workflow goes on in a new run, which has the history that is kept, and the earlier run is closed. */
class ResetTest {

    private static final long KEY_TTL_MS = 60_000;

    private final Story story = new Story();

    private static ResetWorkflow reset(UUID id, UUID newId, Point point, int sequence) {
        return reset(id, newId, point, sequence, null, false);
    }

    private static ResetWorkflow reset(
            UUID id, UUID newId, Point point, int sequence, @Nullable Payload input, boolean dryRun) {
        return new ResetWorkflow(
                id, newId, point, sequence, input, dryRun, "ticket 4711", "ann", 0, KEY_TTL_MS, null, "");
    }

    @Test
    void aWorkflowIsResetToTheFirstEventOfAType() {
        UUID id = failedAtPayment();
        Outcome none = story.when(toFirst(id, story.newId(), "TIMER_FIRED"));
        assertEquals(Refusal.Reason.FAILED_PRECONDITION, none.refusal().reason());
        assertEquals(
                "expected an event TIMER_FIRED in the history of " + id
                        + ", to go on behind the first of them, but there is none",
                none.refusal().text());
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(toFirst(id, story.newId(), "WORKFLOW_EXECUTION_FAILED"))
                        .refusal()
                        .reason(),
                "an end is not kept");

        UUID run = story.newId();
        Outcome outcome = story.given(toFirst(id, run, "TASK_COMPLETED"));
        assertEquals(List.of(new Again("task", "pay", 1)), again(outcome));
        assertEquals(
                List.of("WORKFLOW_STARTED", "TASK_SCHEDULED", "WORKFLOW_SUSPENDED", "TASK_COMPLETED"),
                story.history(run).subList(0, 4));
        assertEquals(4, story.history(run).size());
    }

    private static ResetWorkflow toFirst(UUID id, UUID newId, String type) {
        return new ResetWorkflow(
                id, newId, Point.FIRST_OF_TYPE, 0, null, false, "ticket 4711", "ann", 0, KEY_TTL_MS, null, type);
    }

    private Outcome retried(UUID id, UUID newId) {
        return story.given(reset(id, newId, Point.LAST_GOOD_POINT, 0));
    }

    private static ScheduleTask task(String kind, UUID taskId, int retries) {
        return new ScheduleTask(kind, Story.json("1"), taskId, retries, 0, "");
    }

    private static ScheduleChildWorkflow child(String name, UUID given) {
        return new ScheduleChildWorkflow(name, "sub", "", given, Story.json("1"), "", 0);
    }

    private static List<Again> again(Outcome outcome) {
        return ((Answer.Reset) outcome.answer()).again();
    }

    private UUID taskOf(UUID run, String kind) {
        return story.state.history(story.state.execution(run)).stream()
                .filter(event -> event.type().equals("TASK_SCHEDULED"))
                .filter(event -> new String(event.data(), StandardCharsets.UTF_8).contains("\"kind\":\"" + kind + "\""))
                .map(SealedEvent::taskId)
                .findFirst()
                .orElseThrow();
    }

    /** A workflow that has reserved, and failed because its payment failed. */
    private UUID failedAtPayment() {
        UUID reserve = story.newId();
        UUID pay = story.newId();
        UUID id = story.waiting(task("reserve", reserve, 0));
        story.claimTask("t");
        story.given(new CompleteTask(reserve, id, Story.json("\"reserved\"")));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, task("pay", pay, 0)));
        story.claimTask("t");
        story.given(new FailTask(pay, id, "card refused", 0));
        story.claim("w");
        story.given(story.submit(
                id,
                SubmissionStatus.FAILED,
                new SetState("status", Story.json("\"failed\"")),
                new FailWorkflow("card refused", "", "ERROR")));
        assertEquals(Status.FAILED, story.status(id));
        return id;
    }

    @Test
    void aRetriedWorkflowKeepsWhatWasGoodAndTheTaskThatFailedRunsAgain() {
        UUID id = failedAtPayment();
        UUID run = story.newId();

        Outcome outcome = retried(id, run);

        assertEquals(List.of(new Again("task", "pay", 1)), again(outcome));
        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TASK_SCHEDULED",
                        "WORKFLOW_SUSPENDED",
                        "TASK_COMPLETED",
                        "TASK_SCHEDULED",
                        "WORKFLOW_SUSPENDED"),
                story.history(run));
        assertEquals(Status.PENDING, story.status(run));
        assertTrue(story.state.execution(run).values().isEmpty(), "what the failed activation did is forgotten");
        UUID reserved = taskOf(run, "reserve");
        assertEquals(
                "{\"taskExecutionId\":\"" + reserved + "\",\"output\":\"reserved\"}",
                story.data(run, "TASK_COMPLETED"));
        assertEquals(Status.COMPLETED, story.state.task(run, reserved).status());

        UUID pay = taskOf(run, "pay");
        assertEquals(pay, story.claimTask("t").taskId());
        story.given(new CompleteTask(pay, run, Story.json("\"paid\"")));
        story.claim("w");
        story.given(story.submit(run, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"sent\""))));
        assertEquals(Status.COMPLETED, story.status(run));
        assertEquals(0, story.readyWork(WorkType.TASK) + story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void eachRunNamesTheOther() {
        UUID id = failedAtPayment();
        List<String> before = story.history(id);
        UUID run = story.newId();

        Outcome outcome = retried(id, run);

        assertEquals("WORKFLOW_RESET", outcome.events().getLast().type());
        assertEquals(
                "{\"newExecutionId\":\"" + run
                        + "\",\"sequence\":6,\"reason\":\"ticket 4711\",\"requestedBy\":\"ann\"}",
                new String(outcome.events().getLast().data(), StandardCharsets.UTF_8));
        assertEquals(run, story.state.execution(id).successorId());
        assertEquals(id, story.state.execution(run).header().resetFrom());
        assertTrue(story.data(run, "WORKFLOW_STARTED").contains("\"resetFrom\":\"" + id + "\""));
        assertEquals(before, story.history(id), "what has ended stays as it is");
        story.state.flush();
        PartitionState stored = new PartitionState(story.storage, 16 << 20);
        assertEquals(run, stored.execution(id).successorId());
        assertEquals(id, stored.execution(run).header().resetFrom());
    }

    @Test
    void aRunGoesOnOnce() {
        UUID id = failedAtPayment();
        UUID run = story.newId();
        retried(id, run);
        Outcome again = story.when(reset(id, story.newId(), Point.LAST_GOOD_POINT, 0));
        assertEquals(Refusal.Reason.FAILED_PRECONDITION, again.refusal().reason());
        assertEquals(
                "expected the last run of a workflow, but " + id + " goes on as " + run + ": ask for that one",
                again.refusal().text());
    }

    @Test
    void aFailureUponWhichTheWorkflowHasActedIsKept() {
        UUID pay = story.newId();
        UUID other = story.newId();
        UUID id = story.waiting(task("pay", pay, 0));
        story.claimTask("t");
        story.given(new FailTask(pay, id, "card refused", 0));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, task("transfer", other, 0)));
        story.claimTask("t");
        story.given(new FailTask(other, id, "no account", 0));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.FAILED, new FailWorkflow("no account", "", "ERROR")));
        UUID run = story.newId();

        Outcome outcome = retried(id, run);

        assertEquals(List.of(new Again("task", "transfer", 1)), again(outcome));
        assertEquals(1, story.count(run, "TASK_FAILED"));
        assertTrue(story.data(run, "TASK_FAILED").contains("card refused"));
    }

    @Test
    void aFailureThatWasSeenBesideAnotherResultIsForgottenToo() {
        UUID one = story.newId();
        UUID other = story.newId();
        UUID id = story.waiting(task("a", one, 0), task("b", other, 0));
        story.claimTask("t");
        story.claimTask("t");
        story.given(new FailTask(one, id, "broken", 0));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED)); // it awaits the other one first
        story.given(new CompleteTask(other, id, Story.json("1")));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.FAILED, new FailWorkflow("broken", "", "ERROR")));
        UUID run = story.newId();

        assertEquals(List.of(new Again("task", "a", 1)), again(retried(id, run)));
        assertFalse(story.history(run).contains("TASK_FAILED"));
        assertEquals(1, story.count(run, "TASK_COMPLETED"));
    }

    @Test
    void whatTheFailedActivationRecordedIsToldToHappenAgain() {
        UUID id = story.running();
        story.given(story.submit(
                id,
                SubmissionStatus.FAILED,
                new RecordOperation("charge", Story.json("1")),
                task("mail", story.newId(), 0),
                new FailWorkflow("bug", "", "ERROR")));
        assertEquals(1, story.readyWork(WorkType.TASK));
        UUID run = story.newId();

        Outcome asked = story.given(reset(id, run, Point.LAST_GOOD_POINT, 0, null, true));

        List<Again> again = List.of(new Again("operation", "charge", 1), new Again("task", "mail", 1));
        assertEquals(new Answer.Reset(null, again), asked.answer());
        assertTrue(asked.events().isEmpty(), "nothing is done");
        assertNull(story.state.execution(run));
        assertEquals(new Answer.Reset(run, again), retried(id, run).answer());
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(run));
        assertEquals(0, story.readyWork(WorkType.TASK), "the task of the earlier run is not done besides");
    }

    @Test
    void anOpenWorkflowThatIsResetIsClosedWithTheReasonAndItsTasksGoWithIt() {
        UUID first = story.newId();
        UUID second = story.newId();
        UUID id = story.waiting(task("first", first, 0));
        story.claimTask("t");
        story.given(new CompleteTask(first, id, Story.json("1")));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, task("second", second, 0), new StartTimer("t", 500)));
        UUID run = story.newId();

        Outcome outcome = story.given(reset(id, run, Point.SEQUENCE, 3));

        assertEquals(List.of(new Again("task", "first", 1), new Again("task", "second", 1)), again(outcome));
        assertEquals(Status.CANCELLED, story.status(id));
        assertEquals(
                "Reset: it goes on as " + run + ": ticket 4711",
                story.state.execution(id).error());
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("\"failureType\":\"RESET\""));
        assertEquals(Status.CANCELLED, story.state.task(id, second).status());
        assertEquals(List.of("WORKFLOW_STARTED", "TASK_SCHEDULED", "WORKFLOW_SUSPENDED"), story.history(run));
        assertNotEquals(first, taskOf(run, "first"), "the task of the earlier run is found by its id");
        assertEquals(1, story.readyWork(WorkType.TASK));
    }

    @Test
    void whatPeopleSaidBehindTheEventIsKept() {
        UUID id = story.waiting(new CreatePromise("approval", 0, "", 0));
        story.given(new SignalWorkflow(id, "colour", Story.json("\"red\""), 10, "", 0));
        UUID promise = story.state.execution(id).promise("approval").id();
        story.given(new ResolvePromise(id, promise, "", Story.json("true")));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        UUID run = story.newId();

        story.given(reset(id, run, Point.SEQUENCE, 2));

        assertEquals(
                List.of("WORKFLOW_STARTED", "PROMISE_CREATED", "SIGNAL_RECEIVED", "PROMISE_RESOLVED"),
                story.history(run));
        UUID own = story.state.execution(run).promise("approval").id();
        assertNotEquals(promise, own);
        assertTrue(story.data(run, "PROMISE_RESOLVED").contains(own.toString()));
        assertEquals(1, story.state.execution(run).signals());
    }

    @Test
    void timersRunOnFromWhenTheyBegan() {
        UUID id = story.waiting(new StartTimer("long", 10_000), new CreatePromise("p", 20_000, "", 0));
        story.passes(4_000);
        UUID run = story.newId();
        story.given(new TerminateWorkflow(id, "by mistake", "ann", 0));
        retried(id, run);
        story.claim("w");
        story.given(story.submit(run, SubmissionStatus.SUSPENDED));

        story.passes(5_999);
        assertFalse(story.history(run).contains("TIMER_FIRED"));
        story.passes(1);
        assertTrue(story.history(run).contains("TIMER_FIRED"));
        story.passes(10_000);
        assertTrue(story.history(run).contains("PROMISE_TIMEOUT"));
    }

    @Test
    void aTimerThatIsOverdueFiresAtOnce() {
        UUID id = story.waiting(new StartTimer("short", 1_000));
        story.given(new TerminateWorkflow(id, "by mistake", "ann", 0));
        story.passes(50_000);
        UUID run = story.newId();
        retried(id, run);
        story.passes(1);
        assertTrue(story.history(run).contains("TIMER_FIRED"));
    }

    @Test
    void aRestartedWorkflowBeginsAnewWithTheInputThatIsGiven() {
        UUID id = failedAtPayment();
        UUID run = story.newId();
        Outcome outcome = story.given(reset(id, run, Point.BEGINNING, 0, Story.json("{\"n\":2}"), false));
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(run));
        assertEquals(
                Story.json("{\"n\":2}"), story.state.execution(run).header().input());
        assertEquals(List.of(new Again("task", "reserve", 1), new Again("task", "pay", 1)), again(outcome));
        UUID same = story.newId();
        story.given(reset(run, same, Point.BEGINNING, 0));
        assertEquals(
                Story.json("{\"n\":2}"), story.state.execution(same).header().input());
    }

    @Test
    void whoAsksByTheKeyFindsTheNewRun() {
        UUID id = story.newId();
        story.given(story.start(id, Story.KIND, "k"));
        UUID run = story.newId();
        story.given(reset(id, run, Point.BEGINNING, 0));
        Answer.Started found = (Answer.Started)
                story.given(story.start(story.newId(), Story.KIND, "k")).answer();
        assertEquals(run, found.executionId());
        assertFalse(found.created());
    }

    @Test
    void whatIsSentToTheEarlierRunGoesToTheNewestOne() {
        UUID id = story.waiting(new CreatePromise("p", 0, "", 0), new CreatePromise("q", 0, "", 0));
        UUID promise = story.state.execution(id).promise("p").id();
        UUID between = story.newId();
        UUID run = story.newId();
        story.given(reset(id, between, Point.SEQUENCE, 3));
        story.given(reset(between, run, Point.SEQUENCE, 3));

        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));
        story.given(new ResolvePromise(null, promise, "", Story.json("2")));
        story.given(new ResolvePromise(id, null, "q", Story.json("3")));

        assertEquals(
                List.of("SIGNAL_RECEIVED", "PROMISE_RESOLVED", "PROMISE_RESOLVED"),
                story.history(run).subList(3, 6));
        story.given(new TerminateWorkflow(id, "enough", "ann", 0));
        assertEquals(Status.CANCELLED, story.status(run));
    }

    @Test
    void aBulkJobMeansTheRunThatItFoundAndLeavesItsSuccessorAlone() {
        UUID id = story.waiting();
        UUID run = story.newId();
        story.given(reset(id, run, Point.BEGINNING, 0));
        String expected =
                "expected the last run of a workflow, but " + id + " goes on as " + run + ": ask for that one";
        List<Command> asked = List.of(
                new CancelWorkflow(id, "version 1.2", "ann"),
                new RequestCancellation(id, "version 1.2", "ann", 1_000, 0),
                new TerminateWorkflow(id, "version 1.2", "ann", 0),
                new PauseWorkflow(id, "version 1.2", "ann", 0),
                new ResumeWorkflow(id, "version 1.2", "ann", 0),
                reset(id, story.newId(), Point.LAST_GOOD_POINT, 0),
                reset(id, story.newId(), Point.BEGINNING, 0));
        for (Command command : asked) {
            Outcome outcome = story.ofBulkJob(command);
            assertEquals(Refusal.Reason.FAILED_PRECONDITION, outcome.refusal().reason(), command::toString);
            assertEquals(expected, outcome.refusal().text(), command::toString);
            assertTrue(outcome.events().isEmpty(), command::toString);
        }
        assertEquals(Status.PENDING, story.status(run));
        assertFalse(story.state.execution(run).paused());

        assertNull(
                story.ofBulkJob(new PauseWorkflow(run, "version 1.3", "ann", 0)).refusal());
        assertTrue(story.state.execution(run).paused());
        assertEquals(
                new Answer.Accepted(true),
                story.ofBulkJob(new TerminateWorkflow(run, "version 1.3", "ann", 0))
                        .answer());
        assertEquals(
                new Answer.Accepted(false),
                story.ofBulkJob(new TerminateWorkflow(run, "again", "ann", 0)).answer(),
                "what has ended without a successor is so already");
    }

    @Test
    void theKeyOfAPromiseSettlesThatOfTheNewRun() {
        UUID id = story.running();
        story.delivered(story.given(
                story.submit(id, SubmissionStatus.SUSPENDED, new CreatePromise("p", 0, "invoice-7", 100_000))));
        UUID run = story.newId();
        story.delivered(story.given(reset(id, run, Point.SEQUENCE, 2)));

        story.delivered(story.given(new SettlePromiseByKey("invoice-7", false, Story.json("true"), "")));

        assertEquals("PROMISE_RESOLVED", story.history(run).getLast());
    }

    private UUID parentOf(String name, UUID given) {
        UUID parent = story.running();
        story.delivered(story.given(story.submit(parent, SubmissionStatus.SUSPENDED, child(name, given))));
        return parent;
    }

    @Test
    void aChildThatIsOpenGoesOnAndTheNewRunHearsOfItsEnd() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        UUID run = story.newId();
        Outcome outcome = story.given(reset(parent, run, Point.SEQUENCE, 3));
        story.delivered(outcome);
        assertEquals(List.of(), again(outcome));

        assertEquals(child, story.claim("w", "sub").executionId());
        story.delivered(story.given(
                story.submit(child, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"done\"")))));

        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(run).getLast());
        assertFalse(story.history(parent).contains("CHILD_WORKFLOW_COMPLETED"));
    }

    @Test
    void aChildThatFailedIsRetriedItself() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        story.claim("w", "sub");
        UUID step = story.newId();
        story.given(story.submit(child, SubmissionStatus.SUSPENDED, task("step", step, 0)));
        story.claimTask("t");
        story.given(new FailTask(step, child, "broken", 0));
        story.claim("w", "sub");
        story.delivered(
                story.given(story.submit(child, SubmissionStatus.FAILED, new FailWorkflow("broken", "", "ERROR"))));
        story.claim("w", Story.KIND);
        story.given(story.submit(parent, SubmissionStatus.FAILED, new FailWorkflow("child broken", "", "ERROR")));
        UUID run = story.newId();

        Outcome outcome = retried(parent, run);
        assertEquals(List.of(new Again("child", "c", 1)), again(outcome));
        story.delivered(outcome);

        UUID childRun = story.state.execution(child).successorId();
        assertEquals(DerivedIds.run(run, child), childRun);
        assertEquals(run, story.state.execution(childRun).header().parentExecutionId());
        assertEquals(List.of("WORKFLOW_STARTED", "TASK_SCHEDULED", "WORKFLOW_SUSPENDED"), story.history(childRun));
        assertTrue(story.data(run, "CHILD_WORKFLOW_INITIATED").contains(childRun.toString()));
        story.claim("w", "sub");
        story.delivered(story.given(
                story.submit(childRun, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"done\"")))));
        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(run).getLast());
    }

    @Test
    void aChildThatIsResetTellsItsParentOfTheEndOfItsNewRun() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        UUID run = story.newId();
        story.delivered(story.given(reset(child, run, Point.BEGINNING, 0)));
        assertFalse(story.history(parent).contains("CHILD_WORKFLOW_FAILED"), "it has not ended, it goes on");

        story.claim("w", "sub");
        story.delivered(story.given(
                story.submit(run, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"done\"")))));

        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(parent).getLast());
        assertTrue(story.data(parent, "CHILD_WORKFLOW_COMPLETED").contains(child.toString()));
    }

    @Test
    void aChildThatEndedAfterItsParentIsAskedHowItEnded() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        failsByItself(parent);
        story.claim("w", "sub");
        story.delivered(story.given(
                story.submit(child, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"done\"")))));
        UUID run = story.newId();

        story.delivered(retried(parent, run));

        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(run).getLast());
    }

    private void failsByItself(UUID parent) {
        story.given(new SignalWorkflow(parent, "s", Story.json("1"), 10, "", 0));
        story.claim("w", Story.KIND);
        story.given(story.submit(parent, SubmissionStatus.FAILED, new FailWorkflow("bug", "", "ERROR")));
    }

    @Test
    void aChildThatFailedAfterItsParentIsAskedWhy() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        failsByItself(parent);
        story.claim("w", "sub");
        story.delivered(
                story.given(story.submit(child, SubmissionStatus.FAILED, new FailWorkflow("broken", "", "ERROR"))));
        UUID run = story.newId();

        story.delivered(retried(parent, run));

        assertEquals("CHILD_WORKFLOW_FAILED", story.history(run).getLast());
        assertTrue(story.data(run, "CHILD_WORKFLOW_FAILED").contains("broken"));
        assertNull(
                story.state.execution(child).successorId(), "it had not been seen to fail, so it is not tried again");
    }

    @Test
    void aChildThatWasCancelledAfterItsParentIsAskedWhy() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        failsByItself(parent);
        story.delivered(story.given(new TerminateWorkflow(child, "no more", "ann", 0)));
        UUID run = story.newId();

        story.delivered(retried(parent, run));

        assertEquals("CHILD_WORKFLOW_FAILED", story.history(run).getLast());
        assertTrue(story.data(run, "CHILD_WORKFLOW_FAILED").contains("no more"));
    }

    @Test
    void aChildThatIsNotThereAnyMoreHasFailedForTheNewRun() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID child = Story.child(parent, given);
        story.claim("w", "sub");
        story.delivered(
                story.given(story.submit(child, SubmissionStatus.FAILED, new FailWorkflow("broken", "", "ERROR"))));
        story.passes(Story.RETENTION_MS + 20_000);
        assertNull(story.state.execution(child));
        UUID run = story.newId();

        story.delivered(story.given(reset(parent, run, Point.SEQUENCE, 3)));

        assertEquals("CHILD_WORKFLOW_FAILED", story.history(run).getLast());
        assertTrue(story.data(run, "CHILD_WORKFLOW_FAILED").contains("ended so long ago"));
    }

    @Test
    void whatCannotBeResetIsRefusedWithATextThatSaysWhy() {
        UUID open = story.waiting();
        UUID done = story.running();
        story.given(story.submit(done, SubmissionStatus.COMPLETED));
        UUID run = story.newId();
        assertEquals(
                "expected a workflow execution that is FAILED or CANCELLED, but " + open + " is WAITING",
                story.when(reset(open, run, Point.LAST_GOOD_POINT, 0)).refusal().text());
        assertEquals(
                "expected a workflow execution that is FAILED or CANCELLED, but " + done
                        + " is COMPLETED: it can be reset to an event, or restarted",
                story.when(reset(done, run, Point.LAST_GOOD_POINT, 0)).refusal().text());
        for (int sequence : List.of(-1, 0, 2, 99)) {
            Refusal refusal =
                    story.when(reset(done, run, Point.SEQUENCE, sequence)).refusal();
            assertEquals(
                    "expected the number of an event that is kept last, 1 to 1 for " + done + ", but got " + sequence,
                    refusal.text());
            assertEquals(
                    sequence < 1 ? Refusal.Reason.INVALID_ARGUMENT : Refusal.Reason.FAILED_PRECONDITION,
                    refusal.reason());
        }
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                story.when(reset(done, open, Point.BEGINNING, 0)).refusal().reason());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), reset(done, run, Point.BEGINNING, 0))
                        .refusal()
                        .reason());
        assertEquals(
                Refusal.Reason.ABORTED,
                story.when(new ResetWorkflow(
                                open, run, Point.BEGINNING, 0, null, false, "", "ann", 1, KEY_TTL_MS, null, ""))
                        .refusal()
                        .reason());
        assertNull(story.state.execution(run));
    }

    @Test
    void aTerminatedWorkflowGoesOnWithAllThatItHad() {
        UUID done = story.newId();
        UUID open = story.newId();
        UUID id = story.waiting(task("done", done, 0), task("open", open, 3), new SetState("k", Story.json("7")));
        story.claimTask("t", "done");
        story.claimTask("t", "pay");
        UUID first = story.state.task(id, done).status() == Status.RUNNING ? done : open;
        story.given(new CompleteTask(first, id, Story.json("1")));
        story.given(new TerminateWorkflow(id, "by mistake", "ann", 0));
        UUID run = story.newId();

        retried(id, run);

        assertEquals(Story.json("7"), story.state.execution(run).values().get("k"));
        assertEquals(1, story.readyWork(WorkType.TASK));
        assertEquals(1, story.state.execution(run).openTasks().size());
        assertEquals(1, story.count(run, "TASK_COMPLETED"));
        assertFalse(story.history(run).contains("WORKFLOW_CANCELLED"));
    }

    @Test
    void theEarlierRunLeavesWhenItsRetentionIsOverAndTheNewOneStays() {
        UUID id = failedAtPayment();
        UUID run = story.newId();
        retried(id, run);
        story.passes(Story.RETENTION_MS + 20_000);
        assertNull(story.state.execution(id));
        Execution stays = story.state.execution(run);
        assertEquals(Status.PENDING, stays.status());
        assertEquals(
                Status.COMPLETED, story.state.task(run, taskOf(run, "reserve")).status());
    }

    /** Lets the earlier run leave, and the state be read back from what is stored, so that nothing is known by memory alone. */
    private void leaves(UUID earlier) {
        story.passes(Story.RETENTION_MS + 20_000);
        assertNull(story.state.execution(earlier));
        story.state.flush();
    }

    private void completes(UUID child) {
        assertEquals(child, story.claim("w", "sub").executionId());
        story.delivered(story.given(
                story.submit(child, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"done\"")))));
    }

    @Test
    void aChildThatEndsWhenTheEarlierRunHasLeftIsHeardByTheNewOne() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        UUID run = story.newId();
        story.delivered(story.given(reset(parent, run, Point.SEQUENCE, 3)));
        leaves(parent);

        completes(Story.child(parent, given));

        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(run).getLast());
    }

    @Test
    void soIsOneOfARunThatFailedAndWasRetried() {
        UUID given = story.newId();
        UUID parent = parentOf("c", given);
        failsByItself(parent);
        story.passes(Story.RETENTION_MS - 60_000);
        UUID run = story.newId();
        story.delivered(retried(parent, run));
        leaves(parent);

        completes(Story.child(parent, given));

        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(run).getLast());
    }

    @Test
    void whatIsSentToARunThatHasLeftGoesToTheNewestOneHoweverManyThereWere() {
        UUID id = story.waiting(new CreatePromise("p", 0, "", 0), new CreatePromise("q", 0, "", 0));
        UUID promise = story.state.execution(id).promise("p").id();
        List<UUID> runs = new ArrayList<>(List.of(id));
        for (int i = 0; i < 5; i++) {
            UUID next = story.newId();
            story.given(reset(runs.getLast(), next, Point.SEQUENCE, 3));
            runs.add(next);
            if (i % 2 == 0) {
                leaves(runs.get(i));
            }
        }
        UUID newest = runs.getLast();
        leaves(runs.get(4));

        for (UUID run : runs) {
            story.given(new SignalWorkflow(run, "s", Story.json("1"), 10, "", 0));
        }
        story.given(new ResolvePromise(null, promise, "", Story.json("2")));
        assertEquals(
                new Answer.Accepted(false, false),
                story.given(new ResolvePromise(id, promise, "", Story.json("2")))
                        .answer(),
                "it is settled");
        story.given(new ResolvePromise(runs.get(2), null, "q", Story.json("3")));

        assertEquals(6, story.count(newest, "SIGNAL_RECEIVED"));
        assertEquals(2, story.count(newest, "PROMISE_RESOLVED"));
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new ResolvePromise(runs.get(2), promise, "", Story.json("2")))
                        .refusal()
                        .reason(),
                "it is a promise of another run");
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0))
                        .refusal()
                        .reason(),
                "another organisation has no such run");
        story.given(new TerminateWorkflow(id, "enough", "ann", 0));
        assertEquals(Status.CANCELLED, story.status(newest));
    }

    @Test
    void whatIsMeantForARunAloneThatHasLeftIsToldWhichIsTheLastOne() {
        UUID id = story.waiting();
        UUID run = story.newId();
        story.given(reset(id, run, Point.BEGINNING, 0));
        leaves(id);
        String expected =
                "expected the last run of a workflow, but " + id + " goes on as " + run + ": ask for that one";
        List<Outcome> outcomes = List.of(
                story.when(reset(id, story.newId(), Point.BEGINNING, 0)),
                story.when(new TerminateWorkflow(id, "enough", "ann", 3)),
                story.ofBulkJob(new TerminateWorkflow(id, "enough", "ann", 0)));
        for (Outcome outcome : outcomes) {
            assertEquals(Refusal.Reason.FAILED_PRECONDITION, outcome.refusal().reason());
            assertEquals(expected, outcome.refusal().text());
        }
        assertEquals(Status.PENDING, story.status(run));
    }

    @Test
    void nothingIsKeptOfAWorkflowWhoseNewestRunHasLeft() {
        UUID id = story.waiting(new CreatePromise("p", 0, "", 0));
        UUID promise = story.state.execution(id).promise("p").id();
        UUID between = story.newId();
        UUID run = story.newId();
        story.given(reset(id, between, Point.SEQUENCE, 2));
        leaves(id);
        story.given(reset(between, run, Point.SEQUENCE, 2));
        leaves(between);
        assertTrue(story.storage.size(Table.RUNS) > 0);
        story.given(new TerminateWorkflow(run, "enough", "ann", 0));

        leaves(run);

        assertEquals(0, story.storage.size(Table.RUNS));
        assertEquals(0, story.storage.size(Table.PROMISES));
        assertNull(story.state.promiseHome(promise));
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0))
                        .refusal()
                        .reason());
    }

    @Test
    void aChildsStartThatComesAgainWhenItsFirstRunHasLeftStartsNothing() {
        UUID given = story.newId();
        UUID parent = story.running();
        Outcome started = story.given(story.submit(parent, SubmissionStatus.SUSPENDED, child("c", given)));
        story.delivered(started);
        UUID child = Story.child(parent, given);
        UUID run = story.newId();
        story.delivered(story.given(reset(child, run, Point.BEGINNING, 0)));
        leaves(child);

        Outcome again = story.given(started.outgoing().getFirst().command());

        assertEquals(List.of(), again.events());
        assertNull(story.state.execution(child));
    }

    /** A child that failed and was seen to fail runs again as {@code DerivedIds.run} when its parent is retried. */
    private UUID parentOfAFailedChild(UUID given) {
        UUID parent = parentOf("c", given);
        story.claim("w", "sub");
        story.delivered(story.given(story.submit(
                Story.child(parent, given), SubmissionStatus.FAILED, new FailWorkflow("broken", "", "ERROR"))));
        story.claim("w", Story.KIND);
        story.given(story.submit(parent, SubmissionStatus.FAILED, new FailWorkflow("child broken", "", "ERROR")));
        return parent;
    }

    @Test
    void aChildThatIsToldTwiceToGoOnRunsAgainOnceAndHasNotFailed() {
        UUID given = story.newId();
        UUID parent = parentOfAFailedChild(given);
        UUID run = story.newId();
        Outcome outcome = retried(parent, run);
        story.delivered(outcome);
        UUID childRun = DerivedIds.run(run, Story.child(parent, given));
        List<String> before = story.history(run);

        story.delivered(outcome);

        assertEquals(before, story.history(run));
        assertEquals(Status.PENDING, story.status(childRun));

        UUID later = story.newId();
        story.delivered(story.given(reset(childRun, later, Point.BEGINNING, 0)));
        story.delivered(outcome);
        assertEquals(before, story.history(run), "a person has reset the child meanwhile");
        assertEquals(Status.PENDING, story.status(later));

        leaves(childRun);
        story.delivered(outcome);
        assertEquals(before, story.history(run), "and that run has left");
        completes(later);
        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(run).getLast());
    }
}
