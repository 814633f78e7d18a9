package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.ReleaseClaim;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ContinueAsNew;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.TracedWork;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Executions keep the trace of the call that started them, and hand it on; those of no trace know nothing of it. */
class TraceTest {

    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String OTHER = "00-11111111111111111111111111111111-b7ad6b7169203331-01";

    private final Story story = new Story();

    private UUID traced() {
        UUID id = story.newId();
        story.traced(TRACE, story.start(id, Story.KIND, ""));
        return id;
    }

    private String traceOf(UUID id) {
        return story.state.execution(id).header().traceparent();
    }

    @Test
    void aWorkflowKeepsTheTraceOfItsStartWhateverItsWorkersSend() {
        UUID id = traced();
        story.claim("w");
        story.traced(OTHER, story.submit(id, SubmissionStatus.SUSPENDED));

        assertEquals(TRACE, traceOf(id));
        assertTrue(story.data(id, "WORKFLOW_STARTED").contains("\"traceparent\":\"" + TRACE + "\""));
    }

    @Test
    void itOutlivesARestart() {
        UUID id = traced();
        Answer.Grant grant = story.claim("w");
        long claimedMs = story.state.timeMs();
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        story.tick(250);

        Outcome outcome = new Engine(reopened).process(story.meta(), story.submit(id, SubmissionStatus.SUSPENDED));

        TracedWork held = outcome.traced().getFirst();
        assertEquals(TRACE, held.execution().header().traceparent());
        assertEquals(grant.claimId(), held.claimId());
        assertEquals(List.of(claimedMs, claimedMs + 250), List.of(held.sinceMs(), held.untilMs()));
    }

    @Test
    void aChildInheritsItsParentsAndNotThatOfTheWorkerWhoAskedForIt() {
        UUID parent = traced();
        UUID given = story.newId();
        story.claim("w");

        Outcome scheduled = story.traced(
                OTHER,
                story.submit(
                        parent,
                        SubmissionStatus.SUSPENDED,
                        new ScheduleChildWorkflow("c", "sub", "", given, Story.json("3"), "", 0)));
        story.delivered(scheduled);

        assertEquals(TRACE, scheduled.outgoing().getFirst().traceparent());
        assertEquals(TRACE, traceOf(Story.child(parent, given)));
    }

    @Test
    void whatAChildTellsItsParentBelongsToNoTrace() {
        UUID parent = traced();
        UUID given = story.newId();
        story.claim("w");
        story.delivered(story.given(story.submit(
                parent,
                SubmissionStatus.SUSPENDED,
                new ScheduleChildWorkflow("c", "sub", "", given, Story.json("3"), "", 0))));
        story.claim("w", "sub");

        Outcome ended = story.traced(
                OTHER,
                story.submit(
                        Story.child(parent, given), SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));

        assertEquals("", ended.outgoing().getFirst().traceparent());
    }

    @Test
    void aStandaloneTaskKeepsTheTraceOfItsSubmission() {
        UUID id = story.newId();
        Outcome submitted = story.traced(TRACE, task(id));

        assertEquals(TRACE, traceOf(id));
        String event = new String(submitted.events().getFirst().data(), StandardCharsets.UTF_8);
        assertTrue(event.contains("\"traceparent\":\"" + TRACE + "\""), event);
    }

    private static SubmitTask task(UUID id) {
        return new SubmitTask(
                id, null, "mail", Story.json("1"), Map.of(), 3, 0, "", 10_000, Story.QUEUE, Story.RETENTION_MS, 0);
    }

    @Test
    void whoWatchesHearsWhenWorkWasReadyClaimedAndGivenBack() {
        UUID id = traced();
        long readyMs = story.state.timeMs();
        story.tick(40);

        Outcome claimed = story.claiming("w");
        Answer.Grant grant = ((Answer.Claimed) claimed.answer()).grants().getFirst();
        long claimedMs = story.state.timeMs();
        story.tick(5);
        Outcome released =
                story.given(new ReleaseClaim(WorkType.WORKFLOW, id, null, grant.claimId(), "the poll was cancelled"));

        assertEquals(List.of(tale(grant, readyMs, claimedMs, "")), tales(claimed));
        assertEquals(List.of(tale(grant, claimedMs, claimedMs + 5, "CLAIM_RELEASED")), tales(released));
    }

    private static String tale(Answer.Grant grant, long sinceMs, long untilMs, String end) {
        return grant.claimId() + " " + sinceMs + " " + untilMs + " " + end;
    }

    private static List<String> tales(Outcome outcome) {
        return outcome.traced().stream()
                .map(work -> work.claimId() + " " + work.sinceMs() + " " + work.untilMs() + " " + work.end())
                .toList();
    }

    @Test
    void aRunThatIsAskedForBelongsToTheTraceOfThatCallAndOtherwiseToThatOfTheRunBefore() {
        UUID id = traced();
        UUID again = story.newId();
        UUID last = story.newId();

        story.traced(OTHER, reset(id, again));
        story.given(reset(again, last));

        assertEquals(OTHER, traceOf(again));
        assertEquals(OTHER, traceOf(last));
    }

    private static ResetWorkflow reset(UUID id, UUID run) {
        return new ResetWorkflow(id, run, Point.BEGINNING, 0, null, false, "r", "ann", 0, 10_000, null, "");
    }

    @Test
    void aWorkflowThatContinuesAsNewBelongsToItsOwn() {
        UUID id = traced();
        UUID run = story.newId();
        story.claim("w");

        story.traced(
                OTHER,
                story.submit(
                        id, SubmissionStatus.COMPLETED, new ContinueAsNew(run, Story.json("2"), 10_000, Map.of())));

        assertEquals(TRACE, traceOf(run));
    }

    @Test
    void workOfNoTraceTellsNobody() {
        UUID id = story.started();

        Outcome claimed = story.claiming("w");
        Outcome ended =
                story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1"))));

        assertEquals(List.of(), claimed.traced());
        assertEquals(List.of(), ended.traced());
        assertFalse(story.data(id, "WORKFLOW_STARTED").contains("traceparent"));
    }

    @Test
    void underOlderRulesATraceEndsAtTheLog() {
        Story old = Story.under(Rules.TRACES - 1);
        UUID id = old.newId();
        old.traced(TRACE, old.start(id, Story.KIND, ""));

        assertEquals("", old.state.execution(id).header().traceparent());
        assertFalse(old.data(id, "WORKFLOW_STARTED").contains("traceparent"));
    }
}
