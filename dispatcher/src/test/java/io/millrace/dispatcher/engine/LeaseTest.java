package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.ChangeTaskState;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.HeartbeatTask;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.ReportRefused;
import io.millrace.dispatcher.engine.command.Command.ReportTaskProgress;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.WorkerBack;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.proto.ClaimId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server loses, or is too late for, is not the workers' fault. */
class LeaseTest {

    private static final long AWAY_MS = 45_000;
    private static final long GRACE_MS = 5_000;
    private static final long MOMENTS_MS = 2_000;
    private static final long MOMENT_MS = 5_000;
    private static final long BEFORE = ClaimId.process("node", 1);
    private static final long RECENT_MS = 15_000;
    private static final long HEARD_AGAIN_MS = 5_000;
    /** When a worker came here from elsewhere, by the clocks that ids of claims are of. */
    private static final long CAME_MS = 1_000_000;

    private static final Asker NOTIFIER = new Asker("SYSTEM", "notifier", "");
    private static final long ELSEWHERE = ClaimId.process("elsewhere", 1);
    private static final long NOW = ClaimId.process("node", 2);

    private Story story = new Story();
    private final UUID task = story.newId();

    @Test
    void aLeaseThatRanWhenATenureBeganStartsAnewWithIt() {
        UUID id = story.running();
        story.tick(30_000);
        tenureBegins();

        story.passes(Story.LEASE_MS - 1_000);
        assertEquals(Status.RUNNING, story.status(id));

        story.passes(1_001);
        assertTrue(story.ready(id));
    }

    @Test
    void aLeaseThatRanOutWhileNobodyOwnedThePartitionStartsAnew() {
        UUID id = story.running();
        story.tick(10 * Story.LEASE_MS);
        tenureBegins();
        story.passes(1);
        assertEquals(Status.RUNNING, story.status(id));

        story.given(story.submit(id, SubmissionStatus.SUSPENDED));

        assertEquals(Status.WAITING, story.status(id));
    }

    @Test
    void aLeaseOfTheTenureItselfEndsWhenItEnds() {
        tenureBegins();
        UUID id = story.running();
        story.passes(Story.LEASE_MS + 1);
        assertTrue(story.ready(id));
        assertEquals(1, story.state.execution(id).deliveries());
    }

    @Test
    void deliveriesThatTheServerWasAwayForDoNotCount() {
        UUID id = story.running();
        for (int i = 0; i < 10 * Story.MAX_DELIVERIES; i++) {
            story.tick(AWAY_MS);
            tenureBegins();
            story.passes(Story.LEASE_MS + 1);
            assertTrue(story.ready(id));
            assertEquals(id, story.claim("w").executionId());
        }
        assertEquals(1, story.state.execution(id).deliveries());
    }

    @Test
    void attemptsThatTheServerWasAwayForDoNotCount() {
        story.waiting(schedule(0));
        for (int i = 0; i < 5; i++) {
            assertEquals(task, story.claimTask("t").taskId());
            story.tick(AWAY_MS);
            tenureBegins();
            story.passes(Story.LEASE_MS + 1);
            assertEquals(1, story.readyWork(WorkType.TASK));
        }
    }

    @Test
    void aTaskThatGaveASignOfLifeSinceCountsAgain() {
        UUID id = story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        tenureBegins();
        story.tick(1_000);
        story.given(new HeartbeatTask(task, grant.executionId(), null));
        story.passes(Story.LEASE_MS + 1);
        assertEquals(Status.FAILED, story.state.task(id, task).status());
    }

    @Test
    void aRefusedSubmissionCountsWhoeverOwnsThePartition() {
        UUID id = story.running();
        story.tick(1_000);
        tenureBegins();
        story.given(new ReportRefused(id, null, "not JSON", 0, 500, 3));
        story.passes(501);
        assertTrue(story.ready(id));
        assertEquals(1, story.state.execution(id).deliveries());
    }

    @Test
    void underTheRulesBeforeALeaseEndsWhenItEndsAndCounts() {
        story = Story.under(Rules.OLDEST);
        UUID id = story.running();
        story.tick(AWAY_MS);
        tenureBegins();
        story.passes(Story.LEASE_MS + 1 - AWAY_MS);
        assertTrue(story.ready(id));
        assertEquals(1, story.state.execution(id).deliveries());
        assertEquals(
                id,
                story.claim(WorkType.WORKFLOW, poll(ClaimId.of(5_000, BEFORE, 1)))
                        .executionId());
        story.given(new WorkerBack("w", "lost", NOW, true, 0, 0, 0, 0, Set.of(), Asker.NOBODY));
        assertEquals(Status.RUNNING, story.status(id));
        story.given(new WorkerGone("w", "left", 4_999, Asker.NOBODY));
        assertTrue(story.ready(id));
    }

    @Test
    void theStoresKnowHowLongLeasesAre() {
        UUID id = story.running();
        story.tick(AWAY_MS);
        tenureBegins();
        story.passes(Story.LEASE_MS - AWAY_MS + 1);
        story.state.flush();

        PartitionState reopened = new PartitionState(story.storage, () -> 1 << 20, 1_000);

        assertEquals(Story.LEASE_MS, reopened.execution(id).leaseMs());
        assertEquals(Story.LEASE_MS, reopened.execution(id).graceMs());
        assertEquals(
                story.state.execution(id).leaseUntilMs(), reopened.execution(id).leaseUntilMs());
        assertEquals(story.state.tenureBeganMs(), reopened.tenureBeganMs());
    }

    @Test
    void whatAWorkerGotSinceItWasMissedStays() {
        UUID id = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, NOW, 1));

        story.given(new WorkerGone("w", "left", 4_999, Asker.NOBODY));
        assertEquals(Status.RUNNING, story.status(id));

        story.given(new WorkerGone("w", "left", 5_000, Asker.NOBODY));
        assertTrue(story.ready(id));
    }

    @Test
    void whatAnIdleWorkerNeverGotIsDeliveredAtOnceAndDoesNotCount() {
        UUID lost = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, BEFORE, 1));
        UUID own = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, NOW, 1));
        UUID ofAnotherNode = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, ClaimId.process("other", 1), 1));

        story.given(new WorkerBack("w", "lost", NOW, true, 0, 0, 0, 0, Set.of(), Asker.NOBODY));

        assertTrue(story.ready(lost));
        assertEquals(0, story.state.execution(lost).deliveries());
        assertEquals(List.of(Status.RUNNING, Status.RUNNING), List.of(story.status(own), story.status(ofAnotherNode)));
    }

    @Test
    void theTaskThatAnIdleWorkerNeverGotIsDeliveredAtOnceAndTheAttemptDoesNotCount() {
        story.waiting(schedule(0));
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));

        story.given(new WorkerBack("w", "lost", NOW, true, 0, 0, 0, 0, Set.of(), Asker.NOBODY));

        assertEquals(Status.PENDING, story.state.task(lost.executionId(), task).status());
        assertEquals(0, story.state.task(lost.executionId(), task).attempt());
        assertEquals(1, story.readyWork(WorkType.TASK));
    }

    @Test
    void whatABusyWorkerMayNeverHaveGotIsDeliveredAfterAGraceAndDoesNotCount() {
        UUID id = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, BEFORE, 1));
        workerIsBack();

        story.passes(GRACE_MS - 1);
        assertEquals(Status.RUNNING, story.status(id));
        story.passes(2);
        assertTrue(story.ready(id));
        assertEquals(0, story.state.execution(id).deliveries());
    }

    @Test
    void whatItReportsWithinTheGraceIsTaken() {
        UUID id = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, BEFORE, 1));
        workerIsBack();
        story.tick(GRACE_MS - 1);
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        assertEquals(Status.WAITING, story.status(id));
        assertFalse(story.passes(GRACE_MS).events().stream()
                .anyMatch(event -> event.type().equals("CLAIM_RELEASED")));
    }

    @Test
    void ofTheTasksOfABusyWorkerOnlyThoseOfTheLastMomentsAreInDoubt() {
        UUID other = story.newId();
        story.waiting(
                new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""),
                new ScheduleTask("pay", Story.json("1"), other, 0, 0, ""));
        UUID running =
                story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1))).taskId();
        story.tick(MOMENTS_MS + 1);
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(8_000, BEFORE, 2)));
        story.tick(AWAY_MS);
        tenureBegins();
        workerIsBack();

        story.passes(GRACE_MS + 1);

        assertEquals(
                Status.RUNNING, story.state.task(lost.executionId(), running).status());
        assertEquals(
                Status.PENDING,
                story.state.task(lost.executionId(), lost.taskId()).status());
        assertEquals(0, story.state.task(lost.executionId(), lost.taskId()).attempt());
        story.given(new CompleteTask(running, lost.executionId(), Story.json("1")));
    }

    /** What comes while nobody owns the partition stands in the log before the tenure, and says nothing of the owner before. */
    @Test
    void commandsThatCameMeanwhileDoNotHideWhatWasGivenInTheLastMoments() {
        story.waiting(schedule(0));
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));
        long ownedUntilMs = story.state.timeMs();
        for (int i = 0; i < 3; i++) {
            story.tick(AWAY_MS / 4);
            story.started();
        }
        story.tick(AWAY_MS / 4);
        story.given(new BeginTenure(story.newId(), "node", Rules.VERSION, ownedUntilMs, 0, 0));
        workerIsBack();

        story.passes(GRACE_MS + 1);
        assertEquals(
                Status.PENDING,
                story.state.task(lost.executionId(), lost.taskId()).status());
    }

    @Test
    void whereThePartitionKeptItsOwnerNoTaskIsInDoubt() {
        tenureBegins();
        story.waiting(schedule(0));
        Answer.Grant grant = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));
        workerIsBack();
        story.passes(GRACE_MS + 1);
        assertEquals(Status.RUNNING, story.state.task(grant.executionId(), task).status());
    }

    @Test
    void aTaskInDoubtThatGivesASignOfLifeGoesOn() {
        story.waiting(schedule(0));
        Answer.Grant grant = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));
        story.tick(1);
        tenureBegins();
        workerIsBack();
        story.given(new HeartbeatTask(task, grant.executionId(), null));
        story.passes(Story.LEASE_MS - 1);
        assertEquals(Status.RUNNING, story.state.task(grant.executionId(), task).status());
    }

    @ParameterizedTest
    @EnumSource(Sign.class)
    void aTaskOfTheLastMomentsThatGaveASignOfLifeHasReachedItsWorker(Sign sign) {
        story.waiting(schedule(0));
        Answer.Grant grant = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));
        story.given(sign.command(grant));
        story.tick(MOMENTS_MS - 1);
        tenureBegins();
        workerIsBack();
        story.passes(GRACE_MS + 1);
        assertEquals(Status.RUNNING, story.state.task(grant.executionId(), task).status());
    }

    @ParameterizedTest
    @EnumSource(Sign.class)
    void aSignOfLifeStandsInTheStores(Sign sign) {
        story.waiting(schedule(0));
        Answer.Grant grant = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, ELSEWHERE, 1)));
        story.given(sign.command(grant));
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, () -> 1 << 20, 1_000);
        assertTrue(reopened.task(grant.executionId(), task).gaveSign());
    }

    @Test
    void aLeaseThatTheServerMovedIsNoSignOfLifeAndHidesNone() {
        UUID other = story.newId();
        story.waiting(schedule(0), new ScheduleTask("pay", Story.json("1"), other, 0, 0, ""));
        Answer.Grant heard = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 2)));
        story.given(new HeartbeatTask(heard.taskId(), heard.executionId(), null));
        story.tick(1);
        tenureBegins();
        story.passes(Story.LEASE_MS + 10_000); // both leases ended late, and start anew
        workerIsBack();
        story.passes(GRACE_MS + 1);
        assertEquals(
                List.of(Status.RUNNING, Status.PENDING),
                List.of(
                        story.state.task(heard.executionId(), heard.taskId()).status(),
                        story.state.task(lost.executionId(), lost.taskId()).status()));
    }

    @Test
    void aSignOfLifeOfAnEarlierAttemptSaysNothingOfTheNext() {
        story.waiting(schedule(1));
        Answer.Grant first = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 1)));
        story.given(new HeartbeatTask(task, first.executionId(), null));
        story.given(new FailTask(task, first.executionId(), "not yet", 0));
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, BEFORE, 2)));
        story.tick(1);
        tenureBegins();
        workerIsBack();
        story.passes(GRACE_MS + 1);
        assertEquals(Status.PENDING, story.state.task(lost.executionId(), task).status());
    }

    /** What a worker says of a task that it has. */
    private enum Sign {
        HEARTBEAT,
        PROGRESS,
        LOG,
        STATE;

        Command command(Answer.Grant of) {
            UUID task = of.taskId();
            UUID execution = of.executionId();
            return switch (this) {
                case HEARTBEAT -> new HeartbeatTask(task, execution, null);
                case PROGRESS -> new ReportTaskProgress(task, execution, 0.5, "");
                case LOG -> new LogTaskMessage(task, execution, "INFO", "begun", 10, 1_000);
                case STATE ->
                    new ChangeTaskState(task, execution, Command.StateChange.SET, "k", Story.json("1"), 1_000);
            };
        }
    }

    @Test
    void whatANodeThatIsGoneClaimedForAnIdleWorkerIsDeliveredAtOnceWhereverItPollsNow() {
        UUID lost = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, ELSEWHERE, 1));
        UUID own = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, NOW, 1));
        UUID later = claimed(WorkType.WORKFLOW, ClaimId.of(5_001, ELSEWHERE, 2));

        story.given(new WorkerBack("w", "moved", NOW, true, 0, 0, 5_000, 0, Set.of(), Asker.NOBODY));

        assertTrue(story.ready(lost));
        assertEquals(0, story.state.execution(lost).deliveries());
        assertEquals(List.of(Status.RUNNING, Status.RUNNING), List.of(story.status(own), story.status(later)));
    }

    @Test
    void ofTheTasksThatAnotherNodeClaimedForABusyWorkerThoseOfTheLastSecondsAreInDoubt() {
        UUID other = story.newId();
        story.waiting(
                new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""),
                new ScheduleTask("pay", Story.json("1"), other, 0, 0, ""));
        UUID running = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, ELSEWHERE, 1)))
                .taskId();
        story.tick(RECENT_MS + 1);
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, ELSEWHERE, 2)));
        story.given(new WorkerBack(
                "w", "moved", NOW, false, GRACE_MS, MOMENTS_MS, 5_000, RECENT_MS, Set.of(), Asker.NOBODY));

        story.passes(GRACE_MS + 1);

        assertEquals(
                Status.RUNNING, story.state.task(lost.executionId(), running).status());
        assertEquals(
                Status.PENDING,
                story.state.task(lost.executionId(), lost.taskId()).status());
        assertEquals(0, story.state.task(lost.executionId(), lost.taskId()).attempt());
    }

    @Test
    void aRecentTaskThatGaveASignOfLifeHasReachedItsWorker() {
        story.waiting(schedule(0));
        Answer.Grant grant = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, ELSEWHERE, 1)));
        story.tick(1);
        story.given(new HeartbeatTask(task, grant.executionId(), null));
        story.given(new WorkerBack(
                "w", "moved", NOW, false, GRACE_MS, MOMENTS_MS, 5_000, RECENT_MS, Set.of(), Asker.NOBODY));
        story.passes(GRACE_MS + 1);
        assertEquals(Status.RUNNING, story.state.task(grant.executionId(), task).status());
    }

    @Test
    void ofTheWorkflowsThatAnotherNodeClaimedForABusyWorkerThoseOfTheLastSecondsAreInDoubt() {
        UUID turn = claimed(WorkType.WORKFLOW, ClaimId.of(CAME_MS - RECENT_MS - 1, ELSEWHERE, 1));
        UUID recent = claimed(WorkType.WORKFLOW, ClaimId.of(CAME_MS - RECENT_MS, ELSEWHERE, 2));
        workerMoved();

        story.passes(GRACE_MS + 1);

        assertEquals(Status.RUNNING, story.status(turn), "it is at work on it");
        assertTrue(story.ready(recent));
        assertEquals(0, story.state.execution(recent).deliveries());
        story.given(story.submit(turn, SubmissionStatus.SUSPENDED));
        assertEquals(Status.WAITING, story.status(turn));
    }

    @Test
    void soIsAnOlderWorkflowThatWasHandedOutInItsPartitionsLastMoments() {
        UUID id = claimed(WorkType.WORKFLOW, ClaimId.of(CAME_MS - RECENT_MS - 1, ELSEWHERE, 1));
        story.tick(MOMENTS_MS - 1);
        tenureBegins();
        workerMoved();
        story.passes(GRACE_MS + 1);
        assertTrue(story.ready(id));
    }

    @Test
    void aWorkflowWhoseLeaseTheServerMovedIsLongInTheHandsOfItsWorker() {
        UUID id = claimed(WorkType.WORKFLOW, ClaimId.of(CAME_MS - RECENT_MS - 1, ELSEWHERE, 1));
        story.tick(Story.LEASE_MS);
        tenureBegins();
        story.passes(1); // its lease starts anew
        workerMoved();
        story.passes(GRACE_MS + 1);
        assertEquals(Status.RUNNING, story.status(id));
    }

    @Test
    void singleClaimsThatNobodyHeardOfAreGivenBackWhoeverMadeThem() {
        UUID unheard = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, NOW, 1));
        UUID heard = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, NOW, 2));

        story.given(
                new WorkerBack("w", "unheard", 0, true, 0, 0, 0, 0, Set.of(ClaimId.of(5_000, NOW, 1)), Asker.NOBODY));

        assertTrue(story.ready(unheard));
        assertEquals(0, story.state.execution(unheard).deliveries());
        assertEquals(Status.RUNNING, story.status(heard));
    }

    @Test
    void aSingleTaskThatWasOnItsWayWhenItsConnectionBrokeIsDeliveredAfterAGrace() {
        story.waiting(schedule(0));
        Answer.Grant lost = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, NOW, 1)));
        story.given(new WorkerBack(
                "w", "broke", 0, false, GRACE_MS, 0, 0, 0, Set.of(ClaimId.of(5_000, NOW, 1)), Asker.NOBODY));
        story.passes(GRACE_MS - 1);
        assertEquals(Status.RUNNING, story.state.task(lost.executionId(), task).status());
        story.passes(2);
        assertEquals(Status.PENDING, story.state.task(lost.executionId(), task).status());
        assertEquals(0, story.state.task(lost.executionId(), task).attempt());
    }

    @Test
    void underTheRulesBeforeOnlyEarlierProcessesOfTheNodeAreMeant() {
        story = Story.under(Rules.SERVER_LOSSES);
        UUID id = claimed(WorkType.WORKFLOW, ClaimId.of(5_000, ELSEWHERE, 1));
        story.given(new WorkerBack("w", "moved", NOW, true, 0, 0, 5_000, RECENT_MS, Set.of(), Asker.NOBODY));
        story.given(new WorkerBack(
                "w", "unheard", 0, true, 0, 0, 0, 0, Set.of(ClaimId.of(5_000, ELSEWHERE, 1)), Asker.NOBODY));
        assertEquals(Status.RUNNING, story.status(id));
    }

    /** Its owner stayed the same: Kafka was away, or the owner was cut off from it. */
    @Test
    void aLeaseThatRanOutWhileTheLogCouldNotBeWrittenStartsAnewOnce() {
        tenureBegins();
        UUID id = story.running();
        story.passes(Story.LEASE_MS + AWAY_MS);
        assertEquals(Status.RUNNING, story.status(id), "its worker could not report");

        story.passes(Story.LEASE_MS - 1);
        assertEquals(Status.RUNNING, story.status(id));
        story.passes(2);
        assertTrue(story.ready(id));
        assertEquals(0, story.state.execution(id).deliveries(), "what it did by then was perhaps lost");
    }

    @Test
    void theTaskOfSuchALeaseHasNotFailed() {
        tenureBegins();
        UUID id = story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        story.passes(Story.LEASE_MS + AWAY_MS);
        story.given(new CompleteTask(task, grant.executionId(), Story.json("1")));
        assertEquals(Status.COMPLETED, story.state.task(id, task).status());
    }

    @Test
    void aWorkerThatReportsAfterSuchALeaseIsToldOfItsNextDeliveryAsEver() {
        tenureBegins();
        UUID id = story.running();
        story.passes(Story.LEASE_MS + AWAY_MS);
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        assertEquals(Status.WAITING, story.status(id));
    }

    @Test
    void aLeaseThatEndsALittleLateHasEnded() {
        tenureBegins();
        UUID id = story.running();
        story.passes(Story.LEASE_MS + 1_000);
        assertTrue(story.ready(id));
        assertEquals(1, story.state.execution(id).deliveries());
    }

    /** Kafka was away for some seconds, and the report waits to be written as the end of the lease does. */
    @ParameterizedTest
    @ValueSource(longs = {1_001, 5_000})
    void aLeaseThatRanOutWhileTheLogWasAwayForSecondsGoesOnForAMomentAndThenCounts(long lateMs) {
        tenureBegins();
        UUID id = story.waiting(schedule(0));
        story.claimTask("t");
        story.passes(Story.LEASE_MS + lateMs);
        assertEquals(Status.RUNNING, story.state.task(id, task).status());

        story.passes(MOMENT_MS - 1);
        assertEquals(Status.RUNNING, story.state.task(id, task).status());
        story.passes(2_000); // the log is slow: late once more
        assertEquals(Status.FAILED, story.state.task(id, task).status(), "it could report meanwhile");
    }

    @Test
    void whatIsReportedInThatMomentIsTaken() {
        tenureBegins();
        UUID id = story.running();
        UUID other = story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        story.passes(Story.LEASE_MS + 3_000);
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        story.given(new CompleteTask(task, grant.executionId(), Story.json("1")));
        assertEquals(Status.WAITING, story.status(id));
        assertEquals(Status.COMPLETED, story.state.task(other, task).status());
    }

    @Test
    void aLeaseThatWentOnForAMomentStartsAnewIfTheLogIsAwayForLonger() {
        tenureBegins();
        UUID id = story.running();
        story.passes(Story.LEASE_MS + 2_000);
        story.passes(MOMENT_MS + AWAY_MS);
        assertEquals(Status.RUNNING, story.status(id));
        story.passes(Story.LEASE_MS + 1);
        assertTrue(story.ready(id));
        assertEquals(0, story.state.execution(id).deliveries());
    }

    @Test
    void theStoresKnowThatALeaseGoesOnForAMoment() {
        tenureBegins();
        UUID id = story.waiting(schedule(0));
        story.claimTask("t");
        UUID running = story.running();
        story.passes(Story.LEASE_MS + 2_000);
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, () -> 1 << 20, 1_000);
        assertEquals(
                List.of(-MOMENT_MS, -MOMENT_MS),
                List.of(
                        reopened.task(id, task).graceMs(),
                        reopened.execution(running).graceMs()));
    }

    @Test
    void underTheRulesBeforeALeaseThatEndsLateHasEnded() {
        story = Story.under(Rules.SERVER_LOSSES);
        tenureBegins();
        UUID id = story.running();
        story.passes(Story.LEASE_MS + AWAY_MS);
        assertTrue(story.ready(id));
        assertEquals(1, story.state.execution(id).deliveries());
    }

    /** Kafka was away while its workers beat, and back before the lease ended. */
    @Test
    void aLeaseThatRanWhileNobodyWasHeardStartsAnewOnceAndThenDoesNotCount() {
        tenureBegins();
        UUID id = story.waiting(schedule(0));
        story.claimTask("t");
        UUID running = story.running();
        story.tick(Story.LEASE_MS - 500);
        long backMs = story.state.timeMs() + Story.LEASE_MS - 500;

        story.tick(501);
        unserved(backMs);
        assertEquals(Status.RUNNING, story.state.task(id, task).status());
        assertEquals(Status.RUNNING, story.status(running));

        story.tick(Story.LEASE_MS + HEARD_AGAIN_MS - 502);
        unserved(backMs);
        assertEquals(Status.RUNNING, story.state.task(id, task).status(), "it starts anew when all are heard again");

        story.tick(2);
        unserved(story.state.timeMs()); // away once more, but no lease starts anew for ever
        assertEquals(Status.PENDING, story.state.task(id, task).status());
        assertEquals(0, story.state.task(id, task).attempt());
        assertTrue(story.ready(running));
        assertEquals(0, story.state.execution(running).deliveries());
    }

    @Test
    void whoWasHeardSinceIsLeftToTheLease() {
        tenureBegins();
        UUID id = story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        long backMs = story.state.timeMs() + 1_000;
        story.tick(1_000 + HEARD_AGAIN_MS);
        story.given(new HeartbeatTask(task, grant.executionId(), null));
        story.tick(Story.LEASE_MS);
        unserved(backMs);
        assertEquals(Status.FAILED, story.state.task(id, task).status());
    }

    @Test
    void anOwnerWhoseClockIsAheadMovesNoLeaseFurtherThanTheTimeOfTheLog() {
        tenureBegins();
        UUID id = story.running();
        story.tick(Story.LEASE_MS);
        unserved(story.state.timeMs() + 100 * Story.LEASE_MS);
        assertEquals(
                story.state.timeMs() + HEARD_AGAIN_MS + Story.LEASE_MS,
                story.state.execution(id).leaseUntilMs());
    }

    @Test
    void underTheRulesBeforeOnlyTheEndOfALeaseCounts() {
        story = Story.under(Rules.SERVER_LOSSES);
        tenureBegins();
        UUID id = story.running();
        story.tick(Story.LEASE_MS);
        unserved(story.state.timeMs() + Story.LEASE_MS - 1);
        assertTrue(story.ready(id));
        assertEquals(1, story.state.execution(id).deliveries());
    }

    /** The worker has one thread, and says nothing by itself while it works. */
    @Test
    void whatANodeThatLeftRenewedForTheLastTimeDoesNotCount() {
        story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        story.tick(Story.LEASE_MS / 2);
        story.by(NOTIFIER, new HeartbeatTask(task, grant.executionId(), grant.claimId(), true));
        story.passes(Story.LEASE_MS - 1);
        assertEquals(Status.RUNNING, story.state.task(grant.executionId(), task).status());

        story.passes(2);

        assertEquals(Status.PENDING, story.state.task(grant.executionId(), task).status());
        assertEquals(0, story.state.task(grant.executionId(), task).attempt());
        assertEquals(1, story.readyWork(WorkType.TASK));
    }

    @Test
    void itIsKnownToHaveReachedItsWorkerAndReportsAsEver() {
        UUID id = story.waiting(schedule(0));
        Answer.Grant grant = story.claim(WorkType.TASK, poll(ClaimId.of(5_000, ELSEWHERE, 1)));
        story.by(NOTIFIER, new HeartbeatTask(task, grant.executionId(), grant.claimId(), true));
        story.given(new WorkerBack(
                "w", "moved", NOW, false, GRACE_MS, MOMENTS_MS, 5_000, RECENT_MS, Set.of(), Asker.NOBODY));
        story.passes(GRACE_MS + 1);
        story.given(new CompleteTask(task, grant.executionId(), Story.json("1")));
        assertEquals(Status.COMPLETED, story.state.task(id, task).status());
    }

    @Test
    void whoIsHeardElsewhereAfterwardsCountsAgain() {
        UUID id = story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        story.by(NOTIFIER, new HeartbeatTask(task, grant.executionId(), grant.claimId(), true));
        story.given(new HeartbeatTask(task, grant.executionId(), null));
        story.passes(Story.LEASE_MS + 1);
        assertEquals(Status.FAILED, story.state.task(id, task).status());
    }

    @Test
    void onlyTheServerItselfMayLeave() {
        UUID id = story.waiting(schedule(0));
        Answer.Grant grant = story.claimTask("t");
        story.given(new HeartbeatTask(task, grant.executionId(), null, true));
        story.passes(Story.LEASE_MS + 1);
        assertEquals(Status.FAILED, story.state.task(id, task).status());
    }

    private void unserved(long untilMs) {
        story.given(new FireDue(1_000, untilMs));
    }

    private void workerMoved() {
        story.given(new WorkerBack(
                "w", "moved", NOW, false, GRACE_MS, MOMENTS_MS, CAME_MS, RECENT_MS, Set.of(), Asker.NOBODY));
    }

    private void tenureBegins() {
        story.given(new BeginTenure(story.newId(), "node", Rules.VERSION, 0, 0, 0));
    }

    private void workerIsBack() {
        story.given(new WorkerBack("w", "lost", NOW, false, GRACE_MS, MOMENTS_MS, 0, 0, Set.of(), Asker.NOBODY));
    }

    private ScheduleTask schedule(int retries) {
        return new ScheduleTask("pay", Story.json("1"), task, retries, 0, "");
    }

    private UUID claimed(WorkType type, UUID claimId) {
        UUID id = story.started();
        assertEquals(id, story.claim(type, poll(claimId)).executionId());
        return id;
    }

    private static Claim poll(UUID claimId) {
        return new Claim(claimId, "w", List.of(), true, Story.LEASE_MS, Story.MAX_DELIVERIES, Map.of(), null);
    }
}
