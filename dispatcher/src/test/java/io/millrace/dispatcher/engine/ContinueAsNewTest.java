package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.CheckScheduledRun;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.PauseWorkflow;
import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Command.SettlePromiseByKey;
import io.millrace.dispatcher.engine.command.Command.SignalWithStart;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StartScheduledRun;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ContinueAsNew;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A run ends and its workflow goes on in a new one, with another input and without a history. */
class ContinueAsNewTest {

    private static final long KEY_TTL_MS = 60_000;

    private final Story story = new Story();

    private static ContinueAsNew asNew(UUID run, String input, Map<String, Integer> taken) {
        return new ContinueAsNew(run, Story.json(input), KEY_TTL_MS, taken);
    }

    /** @return the run as which the running workflow goes on */
    private UUID continued(UUID id, String input) {
        UUID run = story.newId();
        story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, input, Map.of())));
        return run;
    }

    private static ResetWorkflow asked(UUID id, UUID run) {
        return new ResetWorkflow(
                id, run, Point.CONTINUE_AS_NEW, 0, Story.json("2"), false, "long", "ann", 0, KEY_TTL_MS, null, "");
    }

    private static ScheduleTask task(UUID taskId) {
        return new ScheduleTask("pay", Story.json("1"), taskId, 0, 0, "");
    }

    private static String text(Payload payload) {
        return new String(payload.json(), StandardCharsets.UTF_8);
    }

    @Test
    void theNewRunBeginsWithItsInputAndEachRunNamesTheOther() {
        UUID id = story.running();
        UUID run = story.newId();

        Outcome outcome = story.given(story.submit(
                id,
                SubmissionStatus.COMPLETED,
                new RecordOperation("op", Story.json("1")),
                asNew(run, "{\"n\":2}", Map.of())));

        Execution before = story.state.execution(id);
        Execution after = story.state.execution(run);
        assertEquals(Status.CONTINUED_AS_NEW, before.status());
        assertEquals(run, before.successorId());
        assertNull(before.output());
        assertNull(before.error());
        assertEquals(Status.PENDING, after.status());
        assertEquals(id, after.header().resetFrom());
        assertEquals("{\"n\":2}", text(after.header().input()));
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(run));
        assertEquals(
                List.of("WORKFLOW_STARTED", "OPERATION_COMPLETED", "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED"),
                story.history(id));
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("\"CONTINUED_AS_NEW\""));
        assertTrue(story.data(id, "WORKFLOW_FAILED").contains(run.toString()), "clients learn where it goes on");
        SealedEvent told = outcome.events().stream()
                .filter(event -> event.type().equals("WORKFLOW_CONTINUED_AS_NEW"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                "{\"newExecutionId\":\"" + run + "\",\"reason\":\"\",\"requestedBy\":\"\"}",
                new String(told.data(), StandardCharsets.UTF_8));
        assertEquals(run, story.claim("w").executionId());
    }

    @Test
    void whatWasStoredIsReadTheSame() {
        UUID id = story.running();
        UUID run = continued(id, "2");
        story.state.flush();
        PartitionState stored = new PartitionState(story.storage, 16 << 20);
        assertEquals(Status.CONTINUED_AS_NEW, stored.execution(id).status());
        assertEquals(run, stored.execution(id).successorId());
        assertEquals(id, stored.execution(run).header().resetFrom());
    }

    @Test
    void aChainGoesOnUnderOneKeyAndAStartWithItFindsTheLastRun() {
        UUID first = story.newId();
        story.given(story.start(first, Story.KIND, "order-7"));
        UUID run = first;
        for (int i = 0; i < 5; i++) {
            assertEquals(run, story.claim("w").executionId());
            run = continued(run, String.valueOf(i));
            story.tick(9_000); // the key of the first start would be over meanwhile
            Answer.Started again = (Answer.Started) story.given(story.start(story.newId(), Story.KIND, "order-7"))
                    .answer();
            assertEquals(run, again.executionId());
            assertFalse(again.created());
        }
        story.passes(10 * KEY_TTL_MS); // the key of an open workflow outlives its time
        SignalWithStart signal =
                new SignalWithStart(story.start(story.newId(), Story.KIND, "order-7"), "s", Story.json("1"), 10, "");
        assertEquals(run, ((Answer.Started) story.given(signal).answer()).executionId());
        assertEquals(1, story.count(run, "SIGNAL_RECEIVED"));

        story.claim("w");
        story.given(story.submit(run, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("5"))));
        UUID next = story.newId();
        Answer.Started started = (Answer.Started)
                story.given(story.start(next, Story.KIND, "order-7")).answer();
        assertEquals(next, started.executionId(), "the chain has ended, and its key was let go");
    }

    @Test
    void whatIsAskedOfTheFirstRunReachesTheLast() {
        UUID first = story.running();
        UUID second = continued(first, "2");
        story.claim("w");
        UUID third = continued(second, "3");

        story.given(new SignalWorkflow(first, "s", Story.json("1"), 10, "", 0));
        assertEquals(List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED"), story.history(third));
        story.given(new CancelWorkflow(first, "enough", "ann"));
        assertEquals(Status.CANCELLED, story.status(third));
        assertEquals(Status.CONTINUED_AS_NEW, story.status(first));
    }

    @Test
    void signalsThatWereNotTakenAreTheFirstOfTheNewRun() {
        UUID id = story.running();
        story.given(new SignalWorkflow(id, "a", Story.json("1"), 10, "", 0));
        story.given(new SignalWorkflow(id, "b", Story.json("2"), 10, "", 0));
        story.given(new SignalWorkflow(id, "a", Story.json("3"), 10, "", 0));
        story.given(new SignalWorkflow(id, "a", Story.json("4"), 10, "", 0));
        UUID run = story.newId();

        story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of("a", 1, "c", 5))));

        assertEquals(
                List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED", "SIGNAL_RECEIVED", "SIGNAL_RECEIVED"),
                story.history(run));
        assertEquals(
                List.of(
                        "{\"signalName\":\"b\",\"signalValue\":2}",
                        "{\"signalName\":\"a\",\"signalValue\":3}",
                        "{\"signalName\":\"a\",\"signalValue\":4}"),
                story.state.history(story.state.execution(run)).stream()
                        .skip(1)
                        .map(event -> new String(event.data(), StandardCharsets.UTF_8))
                        .toList());
    }

    @Test
    void whoAsksForItFromOutsidePassesOnTheSignalsThatNoActivationWasShown() {
        UUID id = story.waiting();
        story.given(new SignalWorkflow(id, "a", Story.json("1"), 10, "", 0));
        story.claim("w"); // it is shown the first, and not the second
        story.given(new SignalWorkflow(id, "a", Story.json("2"), 10, "", 0));
        UUID run = story.newId();

        story.given(asked(id, run));

        assertEquals(List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED"), story.history(run));
        assertTrue(story.data(run, "SIGNAL_RECEIVED").contains("2"));
        Outcome late = story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(late));
        assertEquals(Status.CONTINUED_AS_NEW, story.status(id));
    }

    @Test
    void whoAsksForItFromOutsideEndsWhateverIsOpen() {
        for (UUID open : List.of(story.waiting(), story.started())) {
            UUID run = story.newId();
            Outcome outcome = story.given(asked(open, run));
            assertEquals(new Answer.Reset(run, List.of()), outcome.answer(), "nothing happens again");
            assertEquals(Status.CONTINUED_AS_NEW, story.status(open));
            assertEquals(Status.PENDING, story.status(run));
        }
    }

    @Test
    void itsTasksAndTimersEndWithIt() {
        UUID open = story.newId();
        UUID held = story.newId();
        UUID id = story.waiting(task(open), task(held), new StartTimer("t", 5_000));
        assertEquals(open, story.claimTask("t").taskId());
        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));
        story.claim("w");
        UUID issued = story.newId();
        UUID run = story.newId();

        story.given(story.submit(
                id,
                SubmissionStatus.COMPLETED,
                task(issued),
                new StartTimer("u", 5_000),
                asNew(run, "2", Map.of("s", 1))));

        for (UUID each : List.of(open, held, issued)) {
            assertEquals(Status.CANCELLED, story.state.task(id, each).status());
        }
        assertEquals(0, story.readyWork(WorkType.TASK));
        story.given(new CompleteTask(open, id, Story.json("1"))); // it comes too late
        story.passes(10_000);
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(run));
        assertEquals("WORKFLOW_FAILED", story.history(id).getLast());
    }

    @Test
    void itsChildrenRunOn() {
        UUID given = story.newId();
        UUID id = story.running();
        UUID child = Story.child(id, given);
        story.delivered(story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new ScheduleChildWorkflow("c", "sub", "", given, Story.json("1"), "", 0))));
        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));
        assertEquals(id, story.claim("w", Story.KIND).executionId());
        UUID run = story.newId();
        story.delivered(story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of("s", 1)))));

        assertEquals(Status.PENDING, story.status(child));
        story.claim("w", "sub");
        story.delivered(
                story.given(story.submit(child, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1")))));
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(run), "it never knew that child");
    }

    @Test
    void theParentAwaitsTheLastRun() {
        UUID given = story.newId();
        UUID parent = story.running();
        UUID child = Story.child(parent, given);
        story.delivered(story.given(story.submit(
                parent,
                SubmissionStatus.SUSPENDED,
                new ScheduleChildWorkflow("c", "sub", "", given, Story.json("1"), "", 0))));
        UUID run = child;
        for (int i = 0; i < 3; i++) {
            assertEquals(run, story.claim("w", "sub").executionId());
            UUID next = story.newId();
            story.delivered(story.given(
                    story.submit(run, SubmissionStatus.COMPLETED, asNew(next, String.valueOf(i), Map.of()))));
            run = next;
            assertEquals(Status.WAITING, story.status(parent));
        }
        story.claim("w", "sub");
        story.delivered(story.given(
                story.submit(run, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("\"all\"")))));

        assertEquals("CHILD_WORKFLOW_COMPLETED", story.history(parent).getLast());
        String told = story.data(parent, "CHILD_WORKFLOW_COMPLETED");
        assertTrue(told.contains(child.toString()) && told.contains("\"all\""), told);
        assertEquals(Status.PENDING, story.status(parent));
    }

    @Test
    void aScheduleAwaitsTheLastRun() {
        UUID scheduleId = story.newId();
        UUID id = story.newId();
        StartWorkflow start = story.start(id, Story.KIND, "");
        story.given(
                new StartScheduledRun(start, new ScheduleDefinition.Origin("nightly", scheduleId, id, 1_000, true)));
        story.claim("w");
        UUID run = story.newId();
        Outcome outcome = story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of())));

        assertEquals(List.of(), outcome.outgoing(), "the schedule hears of no end");
        assertEquals(
                List.of(),
                story.given(new CheckScheduledRun(id, "nightly", scheduleId)).outgoing(),
                "it is still open");
        story.claim("w");
        Outcome end = story.given(story.submit(run, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        assertTrue(end.outgoing().getFirst().command().toString().contains(id.toString()), "it knows the first run");
    }

    @Test
    void aPausedWorkflowStaysPaused() {
        UUID id = story.running();
        story.given(new PauseWorkflow(id, "incident", "ann", 0));
        UUID run = continued(id, "2");

        assertTrue(story.state.execution(run).paused());
        assertEquals("ann", story.state.execution(run).pausedBy());
        assertEquals("incident", story.state.execution(run).pauseReason());
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
        assertNull(story.claim("w").executionId());
    }

    @Test
    void aWorkflowThatIsToCancelDoesNotEscape() {
        UUID id = story.waiting();
        story.given(new RequestCancellation(id, "enough", "ann", 5_000, 0));
        story.claim("w");
        UUID run = continued(id, "2");

        assertEquals(List.of("WORKFLOW_STARTED", "CANCELLATION_REQUESTED"), story.history(run));
        story.passes(4_000);
        assertEquals(Status.PENDING, story.status(run));
        story.passes(2_000);
        assertEquals(Status.CANCELLED, story.status(run), "its time ran on");
    }

    @Test
    void theIdOfAPromiseThatWasLeftBehindSettlesNoneOfTheNewRun() {
        UUID id = story.waiting(new CreatePromise("approval", 0, "", 0));
        UUID promise = story.state.execution(id).promise("approval").id();
        UUID reset = story.newId();
        story.given(
                new ResetWorkflow(id, reset, Point.SEQUENCE, 3, null, false, "again", "ann", 0, KEY_TTL_MS, null, ""));
        UUID run = story.newId();
        story.given(asked(reset, run));
        story.claim("w");
        story.given(story.submit(run, SubmissionStatus.SUSPENDED, new CreatePromise("approval", 0, "", 0)));
        UUID left = story.state.execution(reset).promise("approval").id();

        for (UUID old : List.of(promise, left)) {
            story.given(new ResolvePromise(null, old, "", Story.json("true")));
            assertFalse(story.state.execution(run).promise("approval").settled());
        }
        story.passes(Story.RETENTION_MS + 20_000);
        story.state.flush();
        assertNull(story.state.execution(reset));
        for (UUID old : List.of(promise, left)) {
            story.when(new ResolvePromise(null, old, "", Story.json("true")));
            assertFalse(story.state.execution(run).promise("approval").settled());
        }
        story.given(new ResolvePromise(id, null, "approval", Story.json("true")));
        assertTrue(story.state.execution(run).promise("approval").settled(), "by name it is the newest run's");
    }

    @Test
    void theKeyOfItsPromiseIsFree() {
        UUID id = story.running();
        story.delivered(
                story.given(story.submit(id, SubmissionStatus.SUSPENDED, new CreatePromise("p", 0, "key-1", 60_000))));
        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));
        story.claim("w");
        UUID run = story.newId();
        story.delivered(story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of("s", 1)))));
        story.claim("w");
        story.delivered(
                story.given(story.submit(run, SubmissionStatus.SUSPENDED, new CreatePromise("p", 0, "key-1", 60_000))));

        story.delivered(story.given(new SettlePromiseByKey("key-1", false, Story.json("7"), "")));

        assertTrue(story.history(run).contains("PROMISE_RESOLVED"));
    }

    @Test
    void aRunThatHasEndedDoesNotGoOn() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));
        UUID run = story.newId();

        Outcome late = story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of())));
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(late));
        Outcome refused = story.when(asked(id, run));
        assertEquals(Refusal.Reason.FAILED_PRECONDITION, refused.refusal().reason());
        assertEquals(
                "expected an open workflow execution, but " + id + " is COMPLETED",
                refused.refusal().text());
        assertNull(story.state.execution(run));
    }

    @Test
    void aRunGoesOnOnce() {
        UUID id = story.running();
        UUID run = continued(id, "2");
        Outcome again = story.when(asked(id, story.newId()));
        assertEquals(
                "expected the last run of a workflow, but " + id + " goes on as " + run + ": ask for that one",
                again.refusal().text());
    }

    @Test
    void theLastTerminalCommandOfASubmissionWins() {
        UUID id = story.running();
        UUID run = story.newId();
        story.given(story.submit(
                id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of()), new CompleteWorkflow(Story.json("1"))));
        assertEquals(Status.COMPLETED, story.status(id));
        assertNull(story.state.execution(run));
    }

    @Test
    void anothersRunIsNotFoundAndAnIdIsUsedOnce() {
        UUID id = story.running();
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), asked(id, story.newId())).refusal().reason());
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                story.when(asked(id, id)).refusal().reason());
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                story.when(story.submit(id, SubmissionStatus.COMPLETED, asNew(id, "2", Map.of())))
                        .refusal()
                        .reason());
        assertEquals(Status.RUNNING, story.status(id));
    }

    @Test
    void aRunWithoutRoomInItsHistoryHasRoomToGoOn() {
        UUID id = story.running();
        String large = "\"" + "x".repeat((int) Story.MAX_HISTORY - 40_000) + "\"";
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new RecordOperation("op", Story.json(large))));
        story.given(new SignalWorkflow(id, "s", Story.json("1"), 10, "", 0));
        story.claim("w");
        String input = "\"" + "y".repeat(100_000) + "\"";
        UUID run = story.newId();

        story.given(story.submit(
                id,
                SubmissionStatus.COMPLETED,
                new RecordOperation("more", Story.json(input)),
                asNew(run, input, Map.of("s", 1))));

        assertEquals(Status.CONTINUED_AS_NEW, story.status(id));
        assertEquals(Status.PENDING, story.status(run));
    }

    @Test
    void anInputThatIsTooMuchWithTheSignalsFailsTheWorkflow() {
        UUID id = story.running();
        String large = "\"" + "x".repeat((int) Story.MAX_HISTORY / 2) + "\"";
        story.given(new SignalWorkflow(id, "s", Story.json(large), 10, "", 0));
        UUID run = story.newId();

        story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, large, Map.of())));

        assertEquals(Status.FAILED, story.status(id));
        assertTrue(story.data(id, "WORKFLOW_EXECUTION_FAILED").contains("HISTORY_LIMIT"));
        assertNull(story.state.execution(run));
    }

    /** They count as what they add to a history. */
    @Test
    void manySmallSignalsGoWithIt() {
        UUID id = story.running();
        int many = (int) Story.MAX_HISTORY / 200;
        for (int i = 0; i < many; i++) {
            story.given(new SignalWorkflow(id, "s", Story.json("1"), many, "", 0));
        }
        UUID run = story.newId();

        story.given(story.submit(id, SubmissionStatus.COMPLETED, asNew(run, "2", Map.of("s", 1))));

        assertEquals(Status.CONTINUED_AS_NEW, story.status(id));
        assertEquals(many - 1, story.count(run, "SIGNAL_RECEIVED"));
    }

    @Test
    void whoAsksFromOutsideForMoreThanAHistoryHoldsIsRefused() {
        UUID id = story.running();
        String large = "\"" + "x".repeat((int) Story.MAX_HISTORY / 2) + "\"";
        story.given(new SignalWorkflow(id, "s", Story.json(large), 10, "", 0));
        UUID run = story.newId();
        ResetWorkflow asked = new ResetWorkflow(
                id, run, Point.CONTINUE_AS_NEW, 0, Story.json(large), false, "long", "ann", 0, KEY_TTL_MS, null, "");

        Refusal refusal = story.when(asked).refusal();

        assertEquals(Refusal.Reason.RESOURCE_EXHAUSTED, refusal.reason());
        assertTrue(refusal.text().contains("that of the new run would begin with"), refusal.text());
        assertEquals(Status.RUNNING, story.status(id));
        assertNull(story.state.execution(run));
    }

    @Test
    void olderRulesDoNotKnowIt() {
        Story old = Story.under(Rules.OPERATIONS - 1);
        UUID id = old.running();
        Outcome refused = old.when(old.submit(id, SubmissionStatus.SUSPENDED, asNew(old.newId(), "2", Map.of())));
        assertEquals(Refusal.Reason.POISON, refused.refusal().reason());
        assertEquals(Status.RUNNING, old.status(id));
    }
}
