package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BackfillSchedule;
import io.millrace.dispatcher.engine.command.Command.CheckScheduledRun;
import io.millrace.dispatcher.engine.command.Command.CreateSchedule;
import io.millrace.dispatcher.engine.command.Command.DeleteSchedule;
import io.millrace.dispatcher.engine.command.Command.PauseSchedule;
import io.millrace.dispatcher.engine.command.Command.PlanSchedule;
import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.ResumeSchedule;
import io.millrace.dispatcher.engine.command.Command.ScheduledRunEnded;
import io.millrace.dispatcher.engine.command.Command.StartScheduledRun;
import io.millrace.dispatcher.engine.command.Command.StopBackfill;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.Command.TriggerSchedule;
import io.millrace.dispatcher.engine.command.Command.UpdateSchedule;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Overlap;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Time;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Schedule;
import io.millrace.proto.ScheduleTiming;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What comes of due times that were planned: each run is started once, or it is said why not. */
class ScheduleTest {

    private static final String NAME = "nightly";
    private static final UUID ID = new UUID(0x3000, 1);
    private static final long MISSED_AFTER_MS = 500;

    private final Story story = new Story();
    private final List<Outgoing> sent = new ArrayList<>();

    private static CreateSchedule create(String name, UUID id, Overlap overlap, Missed missed, long cancelAfterMs) {
        return new CreateSchedule(
                new ScheduleDefinition(
                        name,
                        id,
                        new ScheduleTiming(ScheduleTiming.Form.CRON, "0 0 * * *", 0, 0, "UTC", 0, 0, 0, 0),
                        new ScheduleDefinition.Start(
                                Story.KIND,
                                Story.json("{\"n\":1}"),
                                Map.of("by", "schedule"),
                                Story.QUEUE,
                                3,
                                "1.2",
                                "",
                                Story.RETENTION_MS),
                        overlap,
                        missed,
                        MISSED_AFTER_MS,
                        cancelAfterMs),
                false,
                "ann");
    }

    private void expectChanged(Command command, long seen) {
        Outcome outcome = story.when(command);
        assertEquals(Refusal.Reason.ABORTED, outcome.refusal().reason());
        assertEquals(
                "expected version " + seen + " of schedule " + NAME + ", as it was seen, but it is version "
                        + schedule().version() + ": it has changed meanwhile, so look at it again",
                outcome.refusal().text());
    }

    @Test
    void whatHasChangedSinceItWasSeenStaysAsItIs() {
        created(Overlap.SKIP, Missed.LATEST);
        planned(false, 1_000, 2_000);
        long made = schedule().version();
        story.passes(1_000);
        story.given(new PauseSchedule(NAME, "stock-taking", "ann", made)); // runs change nothing of it
        long paused = schedule().version();
        assertTrue(paused > made);
        Schedule before = schedule();
        expectChanged(new PauseSchedule(NAME, "again", "bob", made), made);
        expectChanged(new ResumeSchedule(NAME, "", "bob", made), made);
        expectChanged(new TriggerSchedule(NAME, "", "bob", made), made);
        expectChanged(new BackfillSchedule(NAME, 0, 0, false, "", "bob", made), made);
        expectChanged(new DeleteSchedule(NAME, "", "bob", made), made);
        expectChanged(
                new UpdateSchedule(
                        NAME,
                        schedule().definition().timing(),
                        Overlap.ALLOW,
                        Missed.ALL,
                        MISSED_AFTER_MS,
                        0,
                        "",
                        "bob",
                        made),
                made);
        assertEquals(before, schedule());
        assertEquals(
                new Answer.Accepted(true),
                story.when(new ResumeSchedule(NAME, "", "bob", paused)).answer());
        long resumed = schedule().version();
        story.given(new DeleteSchedule(NAME, "", "bob", resumed));
        created(Overlap.SKIP, Missed.LATEST);
        expectChanged(new DeleteSchedule(NAME, "", "bob", resumed), resumed);
    }

    private void created(Overlap overlap, Missed missed) {
        story.given(create(NAME, ID, overlap, missed, 0));
    }

    private Schedule schedule() {
        return story.state.schedule(Story.ORG, NAME);
    }

    private long nowMs() {
        return story.state.timeMs();
    }

    /** Plans due times so many milliseconds from now. */
    private Outcome planned(boolean last, long... fromNow) {
        List<Time> times = Arrays.stream(fromNow)
                .mapToObj(ms -> new Time(nowMs() + ms, nowMs() + ms))
                .toList();
        return story.given(new PlanSchedule(
                NAME,
                ID,
                schedule().plannedUntilMs(),
                times.isEmpty() ? schedule().plannedUntilMs() : times.getLast().dueMs(),
                last,
                times,
                0,
                false));
    }

    /** Delivers what an outcome sends, as the other partition of this story does, and what comes of that. */
    private Outcome delivered(Outcome outcome) {
        for (Outgoing outgoing : outcome.outgoing()) {
            sent.add(outgoing);
            delivered(story.when(outgoing.orgId(), outgoing.command()));
        }
        return outcome;
    }

    private List<UUID> started() {
        return sent.stream()
                .map(Outgoing::command)
                .filter(StartScheduledRun.class::isInstance)
                .map(command -> ((StartScheduledRun) command).start().executionId())
                .toList();
    }

    private static UUID startedBy(Outcome outcome) {
        return outcome.outgoing().stream()
                .map(Outgoing::command)
                .filter(StartScheduledRun.class::isInstance)
                .map(command -> ((StartScheduledRun) command).start().executionId())
                .findFirst()
                .orElseThrow(() -> new AssertionError("expected a run, but got " + Story.types(outcome)));
    }

    private void completed(UUID id) {
        assertEquals(id, story.claim("w").executionId());
        delivered(story.given(story.submit(id, SubmissionStatus.COMPLETED, new CompleteWorkflow(Story.json("1")))));
    }

    @Test
    void aRunStartsWhenItsTimeComes() {
        created(Overlap.SKIP, Missed.SKIP);
        assertTrue(schedule().wantsPlan());
        planned(false, 1_000, 2_000);

        assertEquals(List.of(), Story.types(story.passes(999)));
        Outcome due = delivered(story.passes(1));

        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(due));
        UUID run = startedBy(due);
        assertEquals(Status.PENDING, story.status(run));
        assertEquals(NAME, story.state.execution(run).header().origin().schedule());
        assertTrue(story.data(run, "WORKFLOW_STARTED").contains("\"schedule\":\"nightly\""));
        assertEquals(run, schedule().openRun());
        assertTrue(schedule().wantsPlan(), "one is left of two");
    }

    private Outcome updated(long everyMs, Overlap overlap) {
        return story.when(new UpdateSchedule(
                NAME,
                new ScheduleTiming(ScheduleTiming.Form.INTERVAL, "", everyMs, 0, "", 1, 0, 0, 0),
                overlap,
                Missed.SKIP,
                MISSED_AFTER_MS,
                0,
                "other times",
                "bob",
                Command.ANY_VERSION));
    }

    @Test
    void aScheduleThatIsUpdatedForgetsWhatWasPlannedAndKeepsItsRun() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(false, 1_000, 2_000);
        UUID run = startedBy(delivered(story.passes(1_000)));

        assertEquals(List.of("SCHEDULE_UPDATED"), Story.types(updated(500, Overlap.ALLOW)));

        assertEquals(run, schedule().openRun());
        assertEquals(List.of(), schedule().plan());
        assertTrue(schedule().wantsPlan());
        assertEquals(nowMs(), schedule().plannedUntilMs());
        assertEquals(ID, schedule().definition().id());
        assertEquals(Story.KIND, schedule().definition().start().kind());
        assertEquals(List.of(), Story.types(story.passes(1_000)), "what was planned before is not due any more");
        planned(false, 500);
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(500)));
    }

    private Outcome updated(ScheduleTiming timing, Overlap overlap) {
        return story.when(new UpdateSchedule(
                NAME,
                timing,
                overlap,
                Missed.LATEST,
                MISSED_AFTER_MS,
                0,
                "other policies",
                "bob",
                Command.ANY_VERSION));
    }

    @Test
    void whatIsDueStartsAfterAnUpdateThatLeavesTheTimes() {
        created(Overlap.SKIP, Missed.LATEST);
        planned(true, 1_000, 2_000);
        story.tick(1_500);
        Schedule before = schedule();

        Outcome outcome = updated(before.definition().timing(), Overlap.ALLOW);

        assertEquals(List.of("SCHEDULE_UPDATED"), Story.types(outcome));
        assertEquals(Overlap.ALLOW, schedule().definition().overlap());
        assertEquals(before.plan(), schedule().plan());
        assertEquals(before.lowMark(), schedule().lowMark());
        assertEquals(before.plannedUntilMs(), schedule().plannedUntilMs());
        assertTrue(schedule().complete());
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(0)));
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(500)));
    }

    @Test
    void aMissedRunThatWaitsForThePlanWaitsOnWhereTheTimesStay() {
        created(Overlap.SKIP, Missed.LATEST);
        planned(false, 1_000);
        assertEquals(List.of("SCHEDULE_STALLED"), Story.types(story.passes(1_000 + MISSED_AFTER_MS + 1)));

        updated(schedule().definition().timing(), Overlap.ALLOW);

        assertTrue(schedule().stalled());
        planned(false, 5_000);
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(0)));
    }

    @Test
    void whatIsDueIsToldAsSkippedWhereTheTimesBecomeOthers() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(false, 1_000, 2_000 + MISSED_AFTER_MS, 9_000 + MISSED_AFTER_MS);
        story.tick(2_000 + MISSED_AFTER_MS);

        Outcome outcome = updated(500, Overlap.ALLOW);

        assertEquals(List.of("SCHEDULE_RUN_SKIPPED", "SCHEDULE_RUN_SKIPPED", "SCHEDULE_UPDATED"), Story.types(outcome));
        String missed = new String(outcome.events().getFirst().data(), StandardCharsets.UTF_8);
        assertTrue(missed.contains("\"cause\":\"MISSED\",\"reason\":\"UPDATED\""), missed);
        String due = new String(outcome.events().get(1).data(), StandardCharsets.UTF_8);
        assertTrue(due.contains("\"cause\":\"DUE\",\"reason\":\"UPDATED\""), due);
        assertEquals(List.of(), schedule().plan());
        assertEquals(nowMs(), schedule().plannedUntilMs());
    }

    private static ScheduleTiming every(long everyMs, long anchorMs, long startMs) {
        return new ScheduleTiming(ScheduleTiming.Form.INTERVAL, "", everyMs, 0, "", anchorMs, startMs, 0, 0);
    }

    @Test
    void anIntervalWithoutAStartCountsOnAndOneWithAnotherStartDoesNot() {
        created(Overlap.SKIP, Missed.SKIP);
        updated(every(500, nowMs(), nowMs() + 1), Overlap.SKIP);
        ScheduleTiming first = schedule().definition().timing();
        planned(false, 500, 1_000);
        story.tick(200);

        updated(every(500, nowMs() + 100, nowMs() + 101), Overlap.ALLOW);
        assertEquals(first, schedule().definition().timing());
        assertEquals(2, schedule().plan().size());

        updated(every(500, nowMs(), nowMs()), Overlap.ALLOW);
        assertEquals(List.of(), schedule().plan());
        assertEquals(nowMs(), schedule().definition().timing().anchorMs());
    }

    @Test
    void aPlanByTheTimesOfBeforeComesTooLate() {
        created(Overlap.SKIP, Missed.SKIP);
        long before = schedule().plannedUntilMs();
        story.tick(10);
        updated(500, Overlap.SKIP);

        Outcome late = story.given(new PlanSchedule(
                NAME, ID, before, before + 1_000, false, List.of(new Time(before + 1_000, before + 1_000)), 0, false));

        assertEquals(List.of(), Story.types(late));
        assertTrue(schedule().wantsPlan());
    }

    @Test
    void anUpdateIsStoredAndTheSameAgainChangesNothing() {
        created(Overlap.SKIP, Missed.SKIP);
        story.state.flush();
        updated(500, Overlap.ALLOW);
        story.state.flush();

        assertEquals(List.of(), Story.types(updated(500, Overlap.ALLOW)));
        assertEquals(schedule(), new PartitionState(story.storage, 1 << 20).schedule(Story.ORG, NAME));
        assertEquals(500, schedule().definition().timing().everyMs());
    }

    @Test
    void theOnlyTimeOfAScheduleCountsEvenIfItHasJustPassed() {
        ScheduleDefinition usual =
                create(NAME, ID, Overlap.SKIP, Missed.LATEST, 0).definition();
        long atMs = nowMs() - 5;
        story.given(new CreateSchedule(
                new ScheduleDefinition(
                        NAME,
                        ID,
                        new ScheduleTiming(ScheduleTiming.Form.ONCE, "", 0, atMs, "", 0, 0, 0, 0),
                        usual.start(),
                        usual.overlap(),
                        usual.missed(),
                        MISSED_AFTER_MS,
                        0),
                false,
                "ann"));
        assertEquals(atMs - 1, schedule().plannedUntilMs());
        planned(true, -5);
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(0)));
    }

    @Test
    void beforeRules4NoNodeKnowsSchedules() {
        Story before = Story.under(Rules.OPERATIONS - 1);
        Outcome refused = before.when(create(NAME, ID, Overlap.SKIP, Missed.SKIP, 0));
        assertEquals(Refusal.Reason.POISON, refused.refusal().reason());
        assertEquals(
                Refusal.Reason.POISON,
                before.when(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION))
                        .refusal()
                        .reason());
    }

    @Test
    void theSameStartComingTwiceIsOneRun() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(true, 1_000);
        Outcome due = story.passes(1_000);
        Command start = due.outgoing().getFirst().command();
        story.given(start);
        Outcome again = story.given(start);
        assertEquals(List.of(), again.events());
        assertEquals(List.of(), again.outgoing());
    }

    @Test
    void aStartThatMayHaveRunLongAgoRunsNoMoreAndTheScheduleHearsOfIt() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(true, 1_000);
        Outcome due = story.passes(1_000);
        long decidedMs = nowMs();
        story.tick(Story.RETENTION_MS);
        Outcome late = story.sentAgain(due.outgoing().getFirst().command(), decidedMs);
        assertEquals(List.of(), late.events());
        delivered(late);
        assertNull(schedule().openRun());
    }

    @Test
    void aPlanFromAnotherPlaceIsIgnored() {
        created(Overlap.SKIP, Missed.SKIP);
        long afterMs = schedule().plannedUntilMs();
        planned(false, 1_000, 2_000);
        Outcome twice = story.given(new PlanSchedule(
                NAME,
                ID,
                afterMs,
                afterMs + 1_000,
                false,
                List.of(new Time(afterMs + 1_000, afterMs + 1_000)),
                0,
                false));
        assertEquals(new Answer.Accepted(false), twice.answer());
        Outcome ofAnother = story.given(new PlanSchedule(
                NAME, new UUID(1, 1), schedule().plannedUntilMs(), nowMs() + 9_000, false, List.of(), 0, false));
        assertEquals(new Answer.Accepted(false), ofAnother.answer());
        assertEquals(2, schedule().plan().size());
    }

    @Test
    void aRunThatGoesOnInANewOneIsOpenWhenItsFirstOneHasLeft() {
        for (Overlap overlap : List.of(Overlap.SKIP, Overlap.CANCEL_PREVIOUS)) {
            String name = NAME + overlap;
            story.given(create(name, new UUID(0x3000, 2 + overlap.ordinal()), overlap, Missed.SKIP, 0));
            UUID first = startedBy(delivered(story.given(new TriggerSchedule(name, "r1", "ann", Command.ANY_VERSION))));
            story.claim("w");
            story.given(story.submit(first, SubmissionStatus.SUSPENDED));
            UUID run = story.newId();
            delivered(story.given(new ResetWorkflow(
                    first, run, Point.BEGINNING, 0, null, false, "", "ann", 0, Story.RETENTION_MS, null, "")));
            delivered(story.passes(Story.RETENTION_MS + 20_000));
            assertNull(story.state.execution(first));
            story.state.flush();
            int before = started().size();

            delivered(story.given(new TriggerSchedule(name, "r2", "ann", Command.ANY_VERSION)));

            boolean next = overlap == Overlap.CANCEL_PREVIOUS;
            assertEquals(next ? Status.CANCELLED : Status.PENDING, story.status(run));
            assertEquals(before + (next ? 1 : 0), started().size());
            if (!next) {
                story.given(new TerminateWorkflow(run, "enough", "ann", 0));
            }
        }
    }

    @Test
    void whoSkipsOverlapsStartsNothingWhileARunIsOpenAndAsksForIt() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000, 4_000);
        UUID first = startedBy(delivered(story.passes(1_000)));

        Outcome second = delivered(story.passes(1_000));

        assertEquals(List.of("SCHEDULE_RUN_SKIPPED"), Story.types(second));
        assertEquals(
                List.of(new CheckScheduledRun(first, NAME, ID)),
                second.outgoing().stream().map(Outgoing::command).toList());
        assertEquals(first, schedule().openRun(), "it is open, as was said");

        completed(first);
        assertNull(schedule().openRun());
        assertNotEquals(first, startedBy(delivered(story.passes(1_000))));
    }

    @Test
    void ofThoseThatMeetAnOpenRunOneWaits() {
        created(Overlap.BUFFER_ONE, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000, 9_000);
        UUID first = startedBy(delivered(story.passes(1_000)));
        assertEquals(List.of("SCHEDULE_RUN_BUFFERED"), Story.types(delivered(story.passes(1_000))));
        assertEquals(List.of("SCHEDULE_RUN_SKIPPED"), Story.types(delivered(story.passes(1_000))));

        completed(first);

        assertEquals(2, started().size());
        assertEquals(started().get(1), schedule().openRun());
        assertNull(schedule().waiting());
        assertEquals(1, schedule().plan().size(), "what waited has left the plan before");
    }

    @Test
    void whoAllowsOverlapsStartsEach() {
        created(Overlap.ALLOW, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        delivered(story.passes(1_000));
        delivered(story.passes(1_000));
        assertEquals(2, started().size());
        assertNull(schedule().openRun(), "nobody waits for the end");
        assertFalse(
                story.state.execution(started().getFirst()).header().origin().awaited());
    }

    @Test
    void whoCancelsThePreviousStartsWhenThatHasEnded() {
        created(Overlap.CANCEL_PREVIOUS, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        UUID first = startedBy(delivered(story.passes(1_000)));

        Outcome second = delivered(story.passes(1_000));

        assertEquals(List.of("SCHEDULE_RUN_BUFFERED"), Story.types(second));
        assertTrue(second.outgoing().getFirst().command() instanceof RequestCancellation);
        assertEquals(Status.CANCELLED, story.status(first));
        assertEquals(2, started().size());
        assertEquals(started().get(1), schedule().openRun());
    }

    @Test
    void whatWaitsForACancellationIsReplacedByWhatIsDueLater() {
        story.given(create(NAME, ID, Overlap.CANCEL_PREVIOUS, Missed.SKIP, 10_000));
        planned(false, 1_000, 2_000, 3_000, 9_000);
        UUID first = startedBy(delivered(story.passes(1_000)));
        delivered(story.passes(1_000));
        assertEquals(Status.PENDING, story.status(first), "it has ten seconds to end");

        Outcome third = delivered(story.passes(1_000));

        assertEquals(List.of("SCHEDULE_RUN_SKIPPED", "SCHEDULE_RUN_BUFFERED"), Story.types(third));
        delivered(story.given(new TerminateWorkflow(first, "enough", "ann", 0)));
        assertEquals(2, started().size());
    }

    @Test
    void missedRunsAreSkippedOrTheLatestOrAllAreMadeUpFor() {
        for (Missed policy : Missed.values()) {
            String name = policy.name();
            UUID id = story.newId();
            story.given(create(name, id, Overlap.ALLOW, policy, 0));
            long after = story.state.schedule(Story.ORG, name).plannedUntilMs();
            List<Time> times = List.of(
                    new Time(after + 1_000, after + 1_000),
                    new Time(after + 2_000, after + 2_000),
                    new Time(after + 9_000, after + 9_000));
            story.given(new PlanSchedule(name, id, after, after + 9_000, false, times, 0, false));
            sent.clear();

            Outcome late = delivered(story.passes(5_000));

            int runs = switch (policy) {
                case SKIP -> 0;
                case LATEST -> 1;
                case ALL -> 2;
            };
            assertEquals(runs, started().size(), policy + ": " + Story.types(late));
            if (policy == Missed.LATEST) {
                assertEquals(
                        after + 2_000,
                        story.state
                                .execution(started().getFirst())
                                .header()
                                .origin()
                                .dueMs());
            }
        }
    }

    @Test
    void aMissedRunThatMayBeTheLatestWaitsForThePlan() {
        created(Overlap.ALLOW, Missed.LATEST);
        planned(false, 1_000);
        assertEquals(List.of("SCHEDULE_STALLED"), Story.types(story.passes(5_000)));
        assertEquals(List.of(), Story.types(story.passes(1_000)), "it is said once");
        assertTrue(schedule().wantsPlan());

        planned(false, -100, 4_000);
        Outcome decided = delivered(story.passes(0));

        assertEquals(List.of("SCHEDULE_RUN_STARTED", "SCHEDULE_RUN_STARTED"), Story.types(decided));
    }

    @Test
    void theLastOfAllIsDecidedWithoutAnother() {
        created(Overlap.ALLOW, Missed.LATEST);
        planned(true, 1_000);
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(5_000)));
        assertFalse(schedule().wantsPlan());
        assertNull(story.state.dues().first());
    }

    @Test
    void aPausedScheduleStartsNothingAndMakesUpForNothing() {
        created(Overlap.SKIP, Missed.ALL);
        planned(false, 1_000, 2_000, 60_000);
        assertEquals(
                new Answer.Accepted(true),
                story.given(new PauseSchedule(NAME, "stock-taking", "ann", Command.ANY_VERSION))
                        .answer());
        assertEquals(
                new Answer.Accepted(false),
                story.given(new PauseSchedule(NAME, "again", "ann", Command.ANY_VERSION))
                        .answer());
        assertFalse(schedule().wantsPlan());
        assertEquals(List.of(), Story.types(story.passes(5_000)));

        story.given(new ResumeSchedule(NAME, "done", "ann", Command.ANY_VERSION));

        assertEquals(nowMs(), schedule().plannedUntilMs());
        assertTrue(schedule().wantsPlan());
        assertEquals(
                new Answer.Accepted(false),
                story.given(new ResumeSchedule(NAME, "again", "ann", Command.ANY_VERSION))
                        .answer());
        planned(false, 1_000, 2_000);
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(story.passes(1_000)));
    }

    @Test
    void whatWaitedWhenItWasPausedStartsWhenItIsResumed() {
        created(Overlap.BUFFER_ONE, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        UUID first = startedBy(delivered(story.passes(1_000)));
        delivered(story.passes(1_000));
        story.given(new PauseSchedule(NAME, "r", "ann", Command.ANY_VERSION));
        completed(first);
        assertNull(schedule().openRun());
        assertNotNull(schedule().waiting());

        delivered(story.given(new ResumeSchedule(NAME, "r", "ann", Command.ANY_VERSION)));

        assertEquals(2, started().size());
        assertNull(schedule().waiting());
    }

    @Test
    void aRunThatIsTriggeredStartsNowWhateverIsPlanned() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(false, 60_000, 120_000);
        story.given(new PauseSchedule(NAME, "r", "ann", Command.ANY_VERSION));

        Outcome triggered = delivered(story.given(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION)));

        UUID run = startedBy(triggered);
        assertEquals(new Answer.ScheduleTriggered(run, false), triggered.answer());
        assertEquals(Status.PENDING, story.status(run));
        Outcome again = delivered(story.given(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION)));
        assertEquals(new Answer.ScheduleTriggered(null, false), again.answer());
    }

    @Test
    void aTriggeredRunMayWait() {
        created(Overlap.BUFFER_ONE, Missed.SKIP);
        UUID first = startedBy(delivered(story.given(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION))));
        Outcome second = delivered(story.given(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION)));
        assertEquals(new Answer.ScheduleTriggered(null, true), second.answer());
        completed(first);
        assertEquals(2, started().size());
    }

    @Test
    void aTriggeredRunThatWaitsStartsOfAPausedScheduleToo() {
        created(Overlap.BUFFER_ONE, Missed.SKIP);
        UUID first = startedBy(delivered(story.given(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION))));
        delivered(story.given(new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION)));
        story.given(new PauseSchedule(NAME, "r", "ann", Command.ANY_VERSION));
        completed(first);
        assertEquals(2, started().size());
    }

    @Test
    void aRangeOfWhichAStartWasLostGoesOnWhereOverlapsAreAllowedToo() {
        created(Overlap.ALLOW, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        long fromMs = nowMs() - 3_000;
        story.given(backfill(false));
        Schedule.Backfill range = schedule().backfill();
        story.given(new PlanSchedule(
                NAME,
                ID,
                range.plannedUntilMs(),
                fromMs + 1_000,
                true,
                List.of(new Time(fromMs, fromMs), new Time(fromMs + 1_000, fromMs + 1_000)),
                0,
                true)); // and nobody delivers what comes of it

        delivered(story.passes(1_000));

        assertNull(schedule().backfill());
        assertEquals(2, started().size(), "the one that is due, and the second of the range");
    }

    private BackfillSchedule backfill(boolean parallel) {
        return new BackfillSchedule(NAME, nowMs() - 3_000, nowMs() - 1_000, parallel, "r", "ann", Command.ANY_VERSION);
    }

    private void backfillPlanned(boolean last, long... dueMs) {
        Schedule.Backfill range = schedule().backfill();
        List<Time> times = Arrays.stream(dueMs).mapToObj(ms -> new Time(ms, ms)).toList();
        delivered(story.given(new PlanSchedule(
                NAME,
                ID,
                range.plannedUntilMs(),
                times.isEmpty() ? range.plannedUntilMs() : times.getLast().dueMs(),
                last,
                times,
                0,
                true)));
    }

    @Test
    void aRangeIsMadeUpForOneAfterTheOther() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(false, 60_000, 120_000);
        long fromMs = nowMs() - 3_000;
        story.given(backfill(false));
        assertTrue(schedule().wantsBackfill());
        backfillPlanned(false, fromMs, fromMs + 1_000);
        assertEquals(1, started().size());
        completed(started().getFirst());
        assertEquals(2, started().size());
        assertTrue(schedule().wantsBackfill());
        backfillPlanned(true, fromMs + 2_000);
        assertEquals(2, started().size());

        completed(started().get(1));

        assertEquals(3, started().size());
        assertNull(schedule().backfill());
        assertEquals(2, schedule().plan().size(), "the plan is as it was");
        assertEquals(
                List.of(fromMs, fromMs + 1_000, fromMs + 2_000),
                started().stream()
                        .map(id -> story.state.execution(id).header().origin().dueMs())
                        .toList());
    }

    @Test
    void aRangeThatIsStoppedStartsNothingMore() {
        created(Overlap.SKIP, Missed.SKIP);
        long fromMs = nowMs() - 3_000;
        story.given(backfill(false));
        long afterMs = schedule().backfill().plannedUntilMs();
        backfillPlanned(false, fromMs, fromMs + 1_000);
        assertEquals(1, started().size());
        Outcome stopped = story.when(new StopBackfill(NAME, "too many", "bob", Command.ANY_VERSION));
        assertEquals(new Answer.Accepted(true), stopped.answer());
        assertEquals(List.of("SCHEDULE_BACKFILL_ENDED"), Story.types(stopped));
        assertNull(schedule().backfill());
        assertEquals(
                new Answer.Accepted(false),
                story.when(new PlanSchedule(
                                NAME, ID, afterMs, fromMs + 2_000, true, List.of(new Time(fromMs, fromMs)), 0, true))
                        .answer(),
                "a plan that was under way is ignored");
        completed(started().getFirst());
        assertEquals(1, started().size(), "what has started goes on, and nothing follows it");
        assertEquals(
                new Answer.Accepted(false),
                story.when(new StopBackfill(NAME, "too many", "bob", Command.ANY_VERSION))
                        .answer());
        story.given(backfill(false)); // there is room for another one
    }

    @Test
    void aRangeIsMadeUpForAtOnceAndOneAtATime() {
        created(Overlap.SKIP, Missed.SKIP);
        long fromMs = nowMs() - 3_000;
        story.given(backfill(true));
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(backfill(true)).refusal().reason());
        backfillPlanned(true, fromMs, fromMs + 1_000, fromMs + 2_000);
        assertEquals(3, started().size());
        assertNull(schedule().backfill());
        assertNull(schedule().openRun());
        story.given(backfill(true));
        backfillPlanned(true);
        assertNull(schedule().backfill(), "nothing was due in it");
    }

    @Test
    void aRangeThatIsNotOverIsRefused() {
        created(Overlap.SKIP, Missed.SKIP);
        long now = nowMs();
        for (BackfillSchedule wrong : List.of(
                new BackfillSchedule(NAME, now, now + 1, false, "r", "ann", Command.ANY_VERSION),
                new BackfillSchedule(NAME, now, now - 1, false, "r", "ann", Command.ANY_VERSION))) {
            assertEquals(
                    Refusal.Reason.INVALID_ARGUMENT, story.when(wrong).refusal().reason());
        }
    }

    @Test
    void aDeletedScheduleStartsNothingAndItsRunGoesOn() {
        created(Overlap.BUFFER_ONE, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        UUID first = startedBy(delivered(story.passes(1_000)));
        delivered(story.passes(1_000));

        story.given(new DeleteSchedule(NAME, "no more", "ann", Command.ANY_VERSION));

        assertNull(schedule());
        assertNull(story.state.dues().first());
        assertEquals(List.of(), Story.types(story.passes(10_000)));
        completed(first);
        assertEquals(1, started().size());
        for (Command gone : List.of(
                new DeleteSchedule(NAME, "r", "ann", Command.ANY_VERSION),
                new PauseSchedule(NAME, "r", "ann", Command.ANY_VERSION),
                new ResumeSchedule(NAME, "r", "ann", Command.ANY_VERSION),
                new TriggerSchedule(NAME, "r", "ann", Command.ANY_VERSION),
                backfill(false))) {
            Refusal refusal = story.when(gone).refusal();
            assertEquals(Refusal.Reason.NOT_FOUND, refusal.reason());
            assertEquals(
                    "expected a schedule of this organisation, but there is none of the name nightly", refusal.text());
        }
    }

    @Test
    void aNameIsGivenOnceAndAgainWhenItIsFree() {
        created(Overlap.SKIP, Missed.SKIP);
        assertEquals(
                new Answer.Accepted(false),
                story.given(create(NAME, ID, Overlap.SKIP, Missed.SKIP, 0)).answer());
        UUID other = story.newId();
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                story.when(create(NAME, other, Overlap.SKIP, Missed.SKIP, 0))
                        .refusal()
                        .reason());
        story.given(new DeleteSchedule(NAME, "r", "ann", Command.ANY_VERSION));
        story.given(create(NAME, other, Overlap.ALLOW, Missed.SKIP, 0));
        story.state.flush();
        assertEquals(
                other,
                new PartitionState(story.storage, 1 << 20)
                        .schedule(Story.ORG, NAME)
                        .definition()
                        .id());
    }

    @Test
    void anotherOrganisationHasSchedulesOfItsOwn() {
        created(Overlap.SKIP, Missed.SKIP);
        UUID stranger = new UUID(8, 8);
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(stranger, new TriggerSchedule(NAME, "r", "eve", Command.ANY_VERSION))
                        .refusal()
                        .reason());
        planned(false, 1_000, 2_000);
        UUID run = startedBy(delivered(story.passes(1_000)));
        Outcome forged = story.given(stranger, new ScheduledRunEnded(NAME, ID, run, "COMPLETED"));
        assertEquals(new Answer.Accepted(false), forged.answer());
        Outcome asked = story.given(stranger, new CheckScheduledRun(run, NAME, ID));
        assertEquals(stranger, asked.outgoing().getFirst().orgId(), "it is told what is its own: nothing");
        assertEquals(run, schedule().openRun());
    }

    @Test
    void aRunWhoseStartWasLostHoldsTheScheduleUpForOneTurn() {
        created(Overlap.SKIP, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        story.passes(1_000); // and nobody delivers it

        delivered(story.passes(1_000));

        assertNull(schedule().openRun());
        assertEquals(List.of("SCHEDULE_RUN_STARTED"), Story.types(delivered(story.passes(1_000))));
    }

    @Test
    void aRunThatGoesOnAsANewOneIsAwaitedOn() {
        created(Overlap.BUFFER_ONE, Missed.SKIP);
        planned(false, 1_000, 2_000, 3_000);
        UUID first = startedBy(delivered(story.passes(1_000)));
        UUID next = new UUID(0x4000, first.getLeastSignificantBits());
        delivered(story.given(
                new ResetWorkflow(first, next, Point.BEGINNING, 0, null, false, "r", "ann", 0, 1_000, null, "")));
        assertEquals(first, schedule().openRun());
        delivered(story.passes(1_000));
        assertEquals(first, schedule().openRun(), "the one that goes on is open");
        assertEquals(1, started().size());

        completed(next);

        assertEquals(2, started().size());
    }

    @Test
    void whatIsStoredIsWhatIsKnown() {
        created(Overlap.CANCEL_PREVIOUS, Missed.LATEST);
        planned(false, 1_000, 2_000, 3_000, 4_000);
        delivered(story.passes(1_000));
        story.passes(1_000);
        story.given(backfill(false));
        backfillPlanned(false, nowMs() - 3_000, nowMs() - 2_000);
        Schedule before = schedule();
        story.state.flush();

        PartitionState opened = new PartitionState(story.storage, 1 << 20);

        assertEquals(before, opened.schedule(Story.ORG, NAME));
        Due due = opened.dues().first();
        assertEquals(Due.Type.SCHEDULE, due.type());
        assertEquals(before.plan().getFirst().atMs(), due.atMs());
        List<String> all = new ArrayList<>();
        opened.schedules(schedule -> all.add(schedule.name()));
        assertEquals(List.of(NAME), all);
        assertEquals(before.wantsPlan(), opened.schedulesWait());
    }
}
