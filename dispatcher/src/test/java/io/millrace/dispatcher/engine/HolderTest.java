package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.ChangeTaskState;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.ReportRefused;
import io.millrace.dispatcher.engine.command.Command.ReportTaskProgress;
import io.millrace.dispatcher.engine.command.Command.StateChange;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.WorkerBack;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.ClaimId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Work is reported by whom it was handed to, and by nobody else. */
class HolderTest {

    private static final Asker ANN = new Asker("WORKER", "ann", "key-1");
    private static final Asker ANN_WITH_ANOTHER_KEY = new Asker("WORKER", "ann", "key-2");
    private static final Asker BOB = new Asker("WORKER", "bob", "key-3");
    private static final Asker NAMESAKE = new Asker("USER", "ann", "key-4");
    private static final Asker SERVER = new Asker("SYSTEM", "notifier", "");
    private static final Holder BY_PRINCIPAL = new Holder(ANN, Holder.Binding.PRINCIPAL);
    private static final Holder BY_CREDENTIAL = new Holder(ANN, Holder.Binding.CREDENTIAL);

    private final Story story = new Story();
    private final UUID task = story.newId();

    private UUID held(Holder holder) {
        UUID id = story.started();
        assertEquals(id, story.claim(WorkType.WORKFLOW, story.poll("w", holder)).executionId());
        return id;
    }

    private UUID withHeldTask(Holder holder) {
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, 1, 0, ""));
        assertEquals(task, story.claim(WorkType.TASK, story.poll("t", holder)).taskId());
        return id;
    }

    private Command completion(UUID id) {
        return story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1")));
    }

    private static String onlyData(Outcome outcome) {
        return new String(outcome.events().getFirst().data(), StandardCharsets.UTF_8);
    }

    private static Stream<Asker> others() {
        return Stream.of(BOB, NAMESAKE, Asker.NOBODY);
    }

    @ParameterizedTest
    @MethodSource("others")
    void theSubmissionOfOthersIsAnsweredAndTold(Asker other) {
        UUID id = held(BY_PRINCIPAL);

        Outcome outcome = story.by(other, completion(id));

        assertEquals(new Answer.Accepted(false), outcome.answer());
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(outcome));
        assertTrue(onlyData(outcome).contains("\"heldBy\":\"ann\""), onlyData(outcome));
        assertTrue(onlyData(outcome).contains("\"heldByCredential\":\"key-1\""), onlyData(outcome));
        assertEquals(Status.RUNNING, story.status(id));
        assertEquals(new Answer.Accepted(true), story.by(ANN, completion(id)).answer());
        assertEquals(Status.COMPLETED, story.status(id));
    }

    @Test
    void whatOthersReportOfATaskIsAnsweredAndTold() {
        UUID id = withHeldTask(BY_PRINCIPAL);
        long leaseUntilMs = story.state.task(id, task).leaseUntilMs();
        story.tick(Story.LEASE_MS / 2);

        for (Command report : List.of(
                new CompleteTask(task, id, Story.json("1")),
                new FailTask(task, id, "broken", 0),
                new HeartbeatTask(task, id, null),
                new ReportTaskProgress(task, id, 0.5, "half"),
                new LogTaskMessage(task, id, "INFO", "done", 10, 1_000),
                new ChangeTaskState(task, id, StateChange.SET, "k", Story.json("1"), 1_000),
                new ReportRefused(id, task, "too large", 0, 500, 3))) {
            Outcome outcome = story.by(BOB, report);
            assertEquals(new Answer.Accepted(false), outcome.answer(), report::toString);
            assertEquals(List.of("TASK_REPORT_IGNORED"), Story.types(outcome), report::toString);
            assertTrue(onlyData(outcome).contains("\"heldBy\":\"ann\""), onlyData(outcome));
        }

        Task stands = story.state.task(id, task);
        assertEquals(Status.RUNNING, stands.status());
        assertEquals(leaseUntilMs, stands.leaseUntilMs());
        assertNull(stands.refusal());
        assertEquals(0, stands.progress());
        assertTrue(stands.log().isEmpty());
        assertTrue(stands.state().isEmpty());
        story.by(ANN, new CompleteTask(task, id, Story.json("1")));
        assertEquals(Status.COMPLETED, story.state.task(id, task).status());
    }

    @Test
    void aSubmissionOfOthersThatWasRefusedEndsNothing() {
        UUID id = held(BY_PRINCIPAL);

        Outcome outcome = story.by(BOB, new ReportRefused(id, null, "not JSON", 0, 500, 1));

        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(outcome));
        assertEquals(Status.RUNNING, story.status(id));
        assertEquals(0, story.state.execution(id).refusedRounds());
    }

    @Test
    void thePrincipalMayShowAnotherKeyUnlessItIsTheKeyThatHolds() {
        UUID first = held(BY_PRINCIPAL);
        assertEquals(
                new Answer.Accepted(true),
                story.by(ANN_WITH_ANOTHER_KEY, completion(first)).answer());

        UUID second = held(BY_CREDENTIAL);
        Outcome ignored = story.by(ANN_WITH_ANOTHER_KEY, completion(second));
        assertEquals(List.of("SUBMISSION_IGNORED"), Story.types(ignored));
        assertTrue(onlyData(ignored).contains("another key was shown"), onlyData(ignored));
        assertEquals(
                new Answer.Accepted(true), story.by(ANN, completion(second)).answer());
    }

    @Test
    void theServerRenewsLeasesOfItsOwn() {
        UUID id = withHeldTask(BY_CREDENTIAL);
        story.tick(Story.LEASE_MS / 2);

        Outcome outcome = story.by(
                SERVER, new HeartbeatTask(task, id, story.state.task(id, task).claimId()));

        assertEquals(List.of("TASK_HEARTBEAT"), Story.types(outcome));
    }

    @Test
    void workOfNobodyInParticularIsReportedByAnybody() {
        UUID id = held(null);

        assertEquals(new Answer.Accepted(true), story.by(BOB, completion(id)).answer());
    }

    @Test
    void whoGetsTheWorkNextHoldsIt() {
        UUID id = withHeldTask(BY_PRINCIPAL);
        story.by(ANN, new FailTask(task, id, "broken", 0));
        assertEquals(
                task,
                story.claim(WorkType.TASK, story.poll("t", new Holder(BOB, Holder.Binding.PRINCIPAL)))
                        .taskId());

        assertEquals(
                List.of("TASK_REPORT_IGNORED"),
                Story.types(story.by(ANN, new CompleteTask(task, id, Story.json("1")))));
        assertEquals(
                new Answer.Accepted(true),
                story.by(BOB, new CompleteTask(task, id, Story.json("1"))).answer());
    }

    @Test
    void othersCannotSayThatItsWorkerIsGoneOrBack() {
        UUID id = story.started();
        UUID claim = ClaimId.of(1_000, ClaimId.process("node", 1), 7);
        story.claim(
                WorkType.WORKFLOW, new Claim(claim, "w", List.of(), true, Story.LEASE_MS, 3, Map.of(), BY_PRINCIPAL));
        long elsewhere = ClaimId.process("other", 1);
        for (Asker other : List.of(BOB, Asker.NOBODY)) {
            assertEquals(List.of(), Story.types(story.given(new WorkerGone("w", "left", 0, other))), other::toString);
            assertEquals(
                    List.of(),
                    Story.types(
                            story.given(new WorkerBack("w", "back", elsewhere, true, 0, 0, 2_000, 0, Set.of(), other))),
                    other::toString);
        }
        assertEquals(Status.RUNNING, story.status(id));

        assertEquals(
                List.of("CLAIM_RELEASED", "WORKFLOW_READY"),
                Story.types(story.given(new WorkerBack("w", "back", elsewhere, true, 0, 0, 2_000, 0, Set.of(), ANN))));
    }

    @Test
    void whoMadeAClaimMayNameItWhoeverHoldsIt() {
        UUID id = held(BY_PRINCIPAL);
        UUID claim = story.state.execution(id).claimId();

        story.given(new WorkerBack("w", "no answer", 0, true, 0, 0, 0, 0, Set.of(claim), Asker.NOBODY));

        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void itIsKnownAfterARestart() {
        UUID id = withHeldTask(BY_CREDENTIAL);
        UUID workflow = held(BY_PRINCIPAL);
        story.state.flush();

        PartitionState reopened = new PartitionState(story.storage, 1 << 20);

        assertEquals(BY_CREDENTIAL, reopened.task(id, task).holder());
        assertEquals(BY_PRINCIPAL, reopened.execution(workflow).holder());
    }

    @Test
    void earlierRulesKnowNoHolders() {
        Story earlier = Story.under(3);
        UUID id = earlier.started();
        earlier.claim(WorkType.WORKFLOW, earlier.poll("w", BY_PRINCIPAL));

        Outcome outcome =
                earlier.by(BOB, earlier.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));

        assertEquals(new Answer.Accepted(true), outcome.answer());
        assertNull(earlier.state.execution(id).holder());
    }
}
