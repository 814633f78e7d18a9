package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.BulkJob.Progress;
import io.millrace.dispatcher.engine.command.BulkJob.Status;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.AdvanceBulkJob;
import io.millrace.dispatcher.engine.command.Command.BeginBulkJob;
import io.millrace.dispatcher.engine.command.Command.ClaimBulkJob;
import io.millrace.dispatcher.engine.command.Command.SteerBulkJob;
import io.millrace.dispatcher.engine.command.Command.Steering;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.handle.BulkJobHandler;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One node at a time carries a bulk job out, says how far it is, and hears whether it goes on. */
class BulkJobTest {

    private static final BulkJob.Definition MESS = new BulkJob.Definition(
            "CANCEL",
            "status = FAILED",
            50,
            0,
            150,
            "mess",
            "ann",
            "ADMIN",
            "key1",
            0,
            Map.of("toFirst", "TASK_SCHEDULED"));
    private static final long LEASE_MS = 5_000;

    private final Story story = new Story();
    private final UUID job = story.newId();

    private static Progress through(UUID last, long done) {
        return new Progress(1_000, last, done, 2, 1);
    }

    private BulkJob begin() {
        return stands(story.when(new BeginBulkJob(job, MESS)), true);
    }

    private BulkJob claim(String runner) {
        return stands(story.when(new ClaimBulkJob(job, runner, LEASE_MS)), true);
    }

    private Outcome advance(BulkJob claimed, Progress progress, boolean last) {
        return story.when(new AdvanceBulkJob(job, claimed.claim().number(), LEASE_MS, progress, last, ""));
    }

    private Outcome steer(Steering steering) {
        return steer(steering, Command.ANY_VERSION);
    }

    private Outcome steer(Steering steering, long seen) {
        return story.when(new SteerBulkJob(job, steering, "look first", "bob", seen));
    }

    private static BulkJob stands(Outcome outcome, boolean changed) {
        Answer.BulkJobStands answer = (Answer.BulkJobStands) outcome.answer();
        assertEquals(changed, answer.changed());
        assertEquals(changed ? 1 : 0, outcome.events().size());
        return answer.job();
    }

    private static String refused(Outcome outcome, Reason reason) {
        assertEquals(reason, outcome.refusal().reason());
        assertEquals(0, outcome.events().size());
        return outcome.refusal().text();
    }

    @Test
    void aJobBeginsOnceAndSaysWhenByTheClockOfThePartition() {
        BulkJob begun = begin();

        assertEquals(Status.RUNNING, begun.status());
        assertEquals(story.state.timeMs(), begun.definition().begunMs());
        story.tick(10);
        assertEquals(begun, stands(story.when(new BeginBulkJob(job, MESS)), false));
    }

    @Test
    void whoeverHasTheClaimIsTheOnlyRunnerUntilItHasBeenSilentForItsLease() {
        begin();
        BulkJob first = claim("a");

        assertTrue(refused(story.when(new ClaimBulkJob(job, "b", LEASE_MS)), Reason.FAILED_PRECONDITION)
                .contains("but a does"));
        story.tick(LEASE_MS - 1);
        stands(advance(first, through(story.newId(), 3), false), true);
        story.tick(LEASE_MS - 1);
        refused(story.when(new ClaimBulkJob(job, "b", LEASE_MS)), Reason.FAILED_PRECONDITION);
        story.tick(1);
        BulkJob second = claim("b");

        assertEquals(3, second.progress().done());
        assertTrue(second.claim().number() > first.claim().number());
        assertTrue(refused(advance(first, through(story.newId(), 9), true), Reason.ABORTED)
                .contains("claim " + second.claim().number()));
    }

    @Test
    void theRunnerItselfMayClaimAgainAtOnce() {
        begin();
        BulkJob first = claim("a");
        assertTrue(claim("a").claim().number() > first.claim().number());
    }

    @Test
    void aJobThatIsThroughIsNoMoreTheEngines() {
        begin();
        BulkJob ended = stands(advance(claim("a"), through(story.newId(), 147), true), true);

        assertEquals(Status.COMPLETED, ended.status());
        assertEquals(147, ended.progress().done());
        assertNull(story.state.bulkJobs().get(Story.ORG, job));
        refused(steer(Steering.STOP), Reason.NOT_FOUND);
    }

    @Test
    void whatWasDoneWhileSomebodyPausedItCountsAndItGoesOnFromThere() {
        begin();
        BulkJob claimed = claim("a");
        assertEquals("bob", stands(steer(Steering.PAUSE), true).statusBy());
        stands(steer(Steering.PAUSE), false);

        UUID last = story.newId();
        BulkJob rests = stands(advance(claimed, through(last, 50), false), true);

        assertEquals(Status.PAUSED, rests.status());
        assertEquals("", rests.claim().runner());
        refused(story.when(new ClaimBulkJob(job, "b", LEASE_MS)), Reason.FAILED_PRECONDITION);
        stands(steer(Steering.RESUME), true);
        BulkJob again = claim("b");
        assertEquals(last, again.progress().cursorId());
        assertEquals(50, again.progress().done());
    }

    @Test
    void aJobThatIsStoppedTellsHowFarItCameAndCannotGoOn() {
        begin();
        stands(steer(Steering.STOP), true);
        refused(steer(Steering.RESUME), Reason.FAILED_PRECONDITION);
        stands(steer(Steering.STOP), false);

        BulkJob ended = stands(advance(claim("a"), Progress.NONE, false), true);

        assertEquals(Status.STOPPED, ended.status());
        assertEquals("look first", ended.statusReason());
        assertEquals(0, story.state.bulkJobs().count(Story.ORG));
    }

    @Test
    void aJobThatCannotGoOnSaysWhy() {
        begin();
        BulkJob claimed = claim("a");
        BulkJob ended = stands(
                story.when(
                        new AdvanceBulkJob(job, claimed.claim().number(), LEASE_MS, Progress.NONE, false, "it cannot")),
                true);
        assertEquals(Status.FAILED, ended.status());
        assertEquals("it cannot", ended.statusReason());
    }

    @Test
    void whoSawItBeforeItChangedDoesNotSteerIt() {
        BulkJob seen = begin();
        BulkJob claimed = claim("a");
        stands(advance(claimed, through(story.newId(), 5), false), true); // how far it is changes no version
        BulkJob paused = stands(steer(Steering.PAUSE, seen.version()), true);
        BulkJob resumed = stands(steer(Steering.RESUME, paused.version()), true);

        String text = refused(steer(Steering.STOP, seen.version()), Reason.ABORTED);

        assertEquals(
                "expected version 1 of bulk job " + job
                        + ", which is RUNNING, as it was seen, but it is version 3: it has"
                        + " changed meanwhile, so look at it again",
                text);
        assertEquals(3, resumed.version());
        assertEquals(4, stands(steer(Steering.STOP, resumed.version()), true).version());
        refused(steer(Steering.STOP, resumed.version()), Reason.ABORTED);
    }

    @Test
    void jobsThatHaveNotEndedAreBounded() {
        for (int i = 0; i < BulkJobHandler.MOST; i++) {
            story.when(new BeginBulkJob(story.newId(), MESS));
        }
        refused(story.when(new BeginBulkJob(job, MESS)), Reason.RESOURCE_EXHAUSTED);
        assertFalse(story.when(new UUID(8, 8), new BeginBulkJob(job, MESS)).answer() == null);
    }

    @Test
    void anotherOrganisationKnowsNothingOfIt() {
        begin();
        refused(
                story.when(new UUID(8, 8), new SteerBulkJob(job, Steering.STOP, "", "eve", Command.ANY_VERSION)),
                Reason.NOT_FOUND);
    }

    @Test
    void aJobThatWasStoredBeforeJobsHadVersionsIsReadAndSteered() {
        BulkJob begun = begin();
        story.state.flush();
        List<byte[]> before = new ArrayList<>();
        story.storage.scan(Table.BULK_JOBS, new byte[0], (key, value) -> {
            byte[] older = Arrays.copyOf(value, value.length - Long.BYTES);
            older[0] = 2;
            before.add(key);
            before.add(older);
            return true;
        });
        story.storage.put(Table.BULK_JOBS, before.getFirst(), before.getLast());

        BulkJob read = new PartitionState(story.storage, 1 << 20).bulkJobs().get(Story.ORG, job);

        assertEquals(0, read.version());
        assertEquals(begun.definition(), read.definition());
        assertEquals(1, read.as(Status.PAUSED, "bob", "").version());
    }

    @Test
    void whatIsStoredIsTheSameJob() {
        begin();
        BulkJob rests = stands(advance(claim("a"), through(story.newId(), 5), false), true);
        story.state.flush();
        PartitionState opened = new PartitionState(story.storage, 1 << 20);
        assertEquals(rests, opened.bulkJobs().get(Story.ORG, job));
    }
}
