package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.WithClaims;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Claims that ride on the command which brings their work. */
class RidingClaimTest {

    private final Story story = new Story();

    private static WithClaims ridden(Command command, WorkType type, Claim... claims) {
        return new WithClaims(command, new ClaimWork(type, Story.QUEUE, List.of(claims)));
    }

    private static List<Answer.Grant> grants(Outcome outcome) {
        return ((Answer.WithClaims) outcome.answer()).claimed().grants();
    }

    @Test
    void whatACommandBringsGoesToTheClaimThatRidesOnItInTheSameOutcome() {
        UUID id = story.newId();
        Outcome outcome = story.given(
                ridden(story.start(id, Story.KIND, ""), WorkType.WORKFLOW, story.poll("a"), story.poll("b")));
        assertEquals(
                List.of("WORKFLOW_STARTED", "WORKFLOW_READY", "WORK_CLAIMED"),
                outcome.events().stream().map(SealedEvent::type).toList());
        assertEquals(new Answer.Started(id, false, false, true, 0), ((Answer.WithClaims) outcome.answer()).answer());
        assertEquals(id, grants(outcome).get(0).executionId());
        assertNull(grants(outcome).get(1).executionId());
        assertEquals("a", story.state.execution(id).workerId());
    }

    @Test
    void aTaskGoesToTheClaimThatRidesOnTheSubmissionThatSchedulesIt() {
        UUID id = story.running();
        UUID task = story.newId();
        Outcome outcome = story.given(ridden(
                story.submit(id, SubmissionStatus.SUSPENDED, new ScheduleTask("mail", Payload.of("1"), task, 1, 0, "")),
                WorkType.TASK,
                story.poll("t", "mail")));
        assertEquals(task, grants(outcome).getFirst().taskId());
        assertEquals(Status.RUNNING, story.state.task(id, task).status());
    }

    @Test
    void whatIsFirstInTheQueueIsGivenOutFirst() {
        UUID older = story.started();
        UUID newer = story.newId();
        Outcome outcome = story.given(ridden(story.start(newer, Story.KIND, ""), WorkType.WORKFLOW, story.poll("a")));
        assertEquals(older, grants(outcome).getFirst().executionId());
        assertEquals(Status.PENDING, story.status(newer));
    }

    @Test
    void aCommandThatBringsNothingLeavesItsClaimsWithNothing() {
        UUID id = story.running();
        Outcome outcome = story.given(
                ridden(new SignalWorkflow(id, "s", Payload.of("1"), 10, "", 0), WorkType.WORKFLOW, story.poll("a")));
        assertNull(grants(outcome).getFirst().executionId());
    }

    @Test
    void theClaimsOfARefusedCommandAreVoid() {
        UUID ready = story.started();
        Outcome outcome = story.when(ridden(
                new SignalWorkflow(story.newId(), "s", Payload.of("1"), 10, "", 0),
                WorkType.WORKFLOW,
                story.poll("a")));
        assertNotNull(outcome.refusal());
        assertEquals(List.of(), outcome.events());
        assertEquals(Status.PENDING, story.status(ready));
    }
}
