package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.Command.WithClaims;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** All that comes of one command leaves in one record, and one that Kafka refuses would stop the partition for good. */
class OutcomeSizeTest {

    private static final int LARGEST_RECORD = 16 * 1024 * 1024;
    private static final String LONG_REASON = "no".repeat(150_000);

    private final Story story = new Story();

    private static long bytes(Outcome outcome) {
        return outcome.events().stream().mapToLong(event -> event.data().length).sum();
    }

    private UUID withOpenTasks(int tasks) {
        WorkflowStep[] steps = new WorkflowStep[tasks];
        for (int i = 0; i < tasks; i++) {
            steps[i] = new ScheduleTask("pay", Story.json("1"), story.newId(), 0, 0, "");
        }
        return story.waiting(steps);
    }

    @Test
    void aLongReasonIsNotCopiedIntoEachTaskThatIsCancelledAlong() {
        UUID id = withOpenTasks(1_000);
        Outcome outcome = story.given(new CancelWorkflow(id, LONG_REASON, "test"));
        assertEquals(
                1_000,
                Story.types(outcome).stream().filter("TASK_CANCELLED"::equals).count());
        assertTrue(bytes(outcome) < 2_000_000, () -> bytes(outcome) + " bytes");
        assertTrue(story.data(id, "WORKFLOW_CANCELLED").contains(LONG_REASON), "the workflow itself has it all");
    }

    @Test
    void norIntoWhatIsSentToItsChildren() {
        WorkflowStep[] children = new WorkflowStep[100];
        for (int i = 0; i < children.length; i++) {
            children[i] = new ScheduleChildWorkflow("c" + i, "child", "", story.newId(), Story.json("1"), "", 0);
        }
        UUID id = story.waiting(children);
        Outcome outcome = story.given(new CancelWorkflow(id, "x" + "\uD83D\uDE00".repeat(1_000), "test"));
        assertEquals(100, outcome.outgoing().size());
        for (Outgoing outgoing : outcome.outgoing()) {
            String reason = ((CancelWorkflow) outgoing.command()).reason();
            assertTrue(reason.length() < 300, reason);
            assertTrue(StandardCharsets.UTF_8.newEncoder().canEncode(reason), "no half of a character");
        }
    }

    @Test
    void aWorkersLongReasonForACancellationIsNotCopiedEither() {
        UUID id = withOpenTasks(1_000);
        story.given(new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0));
        assertEquals(id, story.claim("w").executionId());
        Outcome outcome =
                story.given(story.submit(id, SubmissionStatus.FAILED, new FailWorkflow(LONG_REASON, "", "CANCELLED")));
        assertEquals(Status.CANCELLED, story.status(id));
        assertTrue(bytes(outcome) < 2_000_000, () -> bytes(outcome) + " bytes");
    }

    @Test
    void whatWouldNotFitIsLeftForLater() {
        List<UUID> tasks = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            UUID id = story.newId();
            story.given(new SubmitTask(
                    id, null, "pay", Story.json("1"), Map.of(), 0, 0, "", 0, Story.QUEUE, Story.RETENTION_MS, 0));
            tasks.add(story.claimTask("w").taskId());
        }
        String reason = "r".repeat(300_000);
        Outcome first = story.given(new WorkerGone("w", reason, 0, Asker.NOBODY));
        long failed = tasks.stream()
                .filter(task -> story.state.task(task, task).status() == Status.FAILED)
                .count();
        assertTrue(bytes(first) < LARGEST_RECORD, () -> bytes(first) + " bytes");
        assertTrue(failed > 0 && failed < 80, () -> failed + " failed");
        story.passes(Story.LEASE_MS);
        assertEquals(
                80,
                tasks.stream()
                        .filter(task -> story.state.task(task, task).status() == Status.FAILED)
                        .count());
    }

    /** What rides must not take the command with it: that has been carried out by then. */
    @Test
    void aClaimThatHasNoRoomLeftGetsNothingAndTheCommandThatItRodeOnStands() {
        UUID id = story.running();
        UUID ready = story.started();
        CommandMeta small = story.meta();
        CommandMeta meta = new CommandMeta(
                small.commandId(), Story.ORG, small.timeMs(), small.appendedMs(), small.offset(), 64 << 20);
        Payload large = Story.json('"' + "x".repeat(12 << 20) + '"');
        ClaimWork claims = new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(story.poll("w")));

        Outcome outcome = new Engine(story.state)
                .process(
                        meta,
                        new WithClaims(
                                story.submit(id, SubmissionStatus.SUSPENDED, new RecordOperation("op", large)),
                                claims));

        assertNull(outcome.refusal());
        assertEquals(List.of("OPERATION_COMPLETED", "WORKFLOW_SUSPENDED"), Story.types(outcome));
        Answer.WithClaims answers = (Answer.WithClaims) outcome.answer();
        assertEquals(new Answer.Accepted(true), answers.answer());
        assertNull(answers.claimed().grants().getFirst().executionId());
        assertEquals(Status.WAITING, story.status(id));
        assertEquals(Status.PENDING, story.status(ready));
    }

    @Test
    void theClaimsOfOneCommandHandOutNoMoreThanAReplyCanCarry() {
        Payload large = Story.json('"' + "x".repeat(1_000_000) + '"');
        for (int i = 0; i < 20; i++) {
            UUID id = story.newId();
            story.given(
                    new SubmitTask(id, null, "pay", large, Map.of(), 0, 0, "", 0, Story.QUEUE, Story.RETENTION_MS, 0));
        }
        List<Claim> polls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            polls.add(story.poll("w" + i));
        }
        Outcome outcome = story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, polls));
        List<Answer.Grant> grants = ((Answer.Claimed) outcome.answer()).grants();
        long granted = grants.stream().filter(grant -> grant.taskId() != null).count();
        assertEquals(20, grants.size(), "every poll is answered");
        assertTrue(granted >= 8 && granted * 1_000_000 < LARGEST_RECORD, () -> granted + " granted");
        assertEquals(20 - granted, story.readyWork(WorkType.TASK), "the rest stands ready");
        assertEquals(
                granted,
                outcome.events().stream()
                        .map(SealedEvent::type)
                        .filter("TASK_CLAIMED"::equals)
                        .count());
    }
}
