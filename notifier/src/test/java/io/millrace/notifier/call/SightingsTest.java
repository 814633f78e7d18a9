package io.millrace.notifier.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.notifier.connection.WorkerId;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkType;
import org.junit.jupiter.api.Test;

class SightingsTest {

    private final Sightings sightings = new Sightings(60_000);
    private final WorkerId worker = new WorkerId(Shards.newId(), "w", "w", Principal.getDefaultInstance());
    private boolean presumed;

    @Test
    void aWorkerThatTakesTurnsIsSerial() {
        assertFalse(poll(WorkType.WORKFLOW, 0), "nothing is known of it");
        for (int round = 0; round < 2 * Sightings.LONE_ROUNDS; round++) {
            assertTrue(poll(WorkType.TASK, 1_000L * round + 500));
            assertTrue(poll(WorkType.WORKFLOW, 1_000L * round + 1_000));
        }
    }

    @Test
    void aWorkerThatIsPresumedToTakeTurnsIsSerialFromItsFirstPollOn() {
        presumed = true;
        for (int round = 0; round < 2 * Sightings.LONE_ROUNDS; round++) {
            assertTrue(poll(WorkType.WORKFLOW, 1_000L * round));
            assertTrue(poll(WorkType.TASK, 1_000L * round + 500));
        }
    }

    @Test
    void aWorkerThatHoldsBothAtOnceIsParallel() {
        assertFalse(begin(WorkType.WORKFLOW, 0));
        holdsBoth();
    }

    @Test
    void aWorkerThatIsPresumedToTakeTurnsButHoldsBothIsParallelAfterOneShortPoll() {
        presumed = true;
        assertTrue(begin(WorkType.WORKFLOW, 0));
        holdsBoth();
    }

    private void holdsBoth() {
        assertFalse(begin(WorkType.TASK, 10));
        end(WorkType.WORKFLOW, PollCall.Ending.EMPTY, 200);
        assertFalse(begin(WorkType.WORKFLOW, 300));
        end(WorkType.TASK, PollCall.Ending.EMPTY, 400);
        end(WorkType.WORKFLOW, PollCall.Ending.EMPTY, 500);
        assertFalse(begin(WorkType.TASK, 600), "it held both a moment ago");
    }

    @Test
    void aWorkerOfOneTypeIsParallel() {
        assertFalse(poll(WorkType.TASK, 0));
        assertFalse(poll(WorkType.TASK, 1_000));
    }

    @Test
    void aWorkerThatIsPresumedToTakeTurnsButPollsOneTypeInVainIsParallelAfterSomeRounds() {
        pollsOneTypeInVain();
        assertFalse(poll(WorkType.TASK, 1_000));
        assertFalse(poll(WorkType.TASK, 60_000));
    }

    @Test
    void pollsThatBringWorkOrAreCancelledSayNothingOfTheOtherType() {
        presumed = true;
        for (int round = 0; round < 2 * Sightings.LONE_ROUNDS; round++) {
            assertTrue(begin(WorkType.TASK, 100L * round));
            end(WorkType.TASK, PollCall.Ending.CANCELLED, 100L * round + 50);
        }
    }

    @Test
    void aWorkerOfOneTypeThatBeginsToPollTheOtherIsSerialAgain() {
        pollsOneTypeInVain();
        assertTrue(poll(WorkType.WORKFLOW, 2_000));
        assertTrue(poll(WorkType.TASK, 3_000));
    }

    @Test
    void aTypeThatWasPolledLongAgoIsNoTurn() {
        poll(WorkType.WORKFLOW, 0);
        assertFalse(poll(WorkType.TASK, 60_000));
    }

    @Test
    void whatWasSeenLongAgoDoesNotCount() {
        pollsOneTypeInVain();
        assertTrue(begin(WorkType.TASK, 90_000), "it was away for long, and may come back as another");
    }

    @Test
    void workersThatLeftAreForgotten() {
        poll(WorkType.WORKFLOW, 0);
        sightings.begin(
                new WorkerId(Shards.newId(), "other", "other", Principal.getDefaultInstance()),
                WorkType.TASK,
                false,
                120_000);
        assertEquals(1, sightings.size());
    }

    @Test
    void aWorkerIsIdleSinceItsFirstPollAfterItHadWork() {
        poll(WorkType.WORKFLOW, 0);
        begin(WorkType.TASK, 10);
        end(WorkType.TASK, PollCall.Ending.WORK, 20);

        assertEquals(0, idleMs(WorkType.WORKFLOW, 5_000), "it worked until then");
        assertEquals(30, idleMs(WorkType.TASK, 5_030));
        assertEquals(900, idleMs(WorkType.WORKFLOW, 5_900));
    }

    @Test
    void aPollThatWasCancelledOrWasInVainIsNoWork() {
        begin(WorkType.WORKFLOW, 0);
        end(WorkType.WORKFLOW, PollCall.Ending.CANCELLED, 10);
        assertTrue(idleMs(WorkType.TASK, 20) > 1_000_000);
        assertTrue(idleMs(WorkType.WORKFLOW, 30) > 1_000_000);
    }

    @Test
    void takingTurnsIsSeenOnlyAfterManyOfThem() {
        presumed = true;
        for (int poll = 0; poll < Sightings.MANY_TURNS; poll++) {
            assertFalse(turns(poll % 2 == 0 ? WorkType.WORKFLOW : WorkType.TASK, 100L * poll));
        }
        assertTrue(turns(WorkType.WORKFLOW, 1_000));
        assertTrue(turns(WorkType.WORKFLOW, 1_100), "nothing speaks against it");
    }

    @Test
    void whoHeldBothAtOnceIsSeenToTakeTurnsOnlyAfterManyMore() {
        presumed = true;
        begin(WorkType.WORKFLOW, 0);
        begin(WorkType.TASK, 10);
        end(WorkType.WORKFLOW, PollCall.Ending.EMPTY, 20);
        end(WorkType.TASK, PollCall.Ending.EMPTY, 30);
        for (int poll = 0; poll < 2 * Sightings.MANY_TURNS; poll++) {
            assertFalse(turns(poll % 2 == 0 ? WorkType.WORKFLOW : WorkType.TASK, 1_000L * poll + 100));
        }
    }

    private boolean turns(WorkType type, long at) {
        boolean turns = sightings.begin(worker, type, presumed, at).turns();
        end(type, PollCall.Ending.EMPTY, at);
        return turns;
    }

    private long idleMs(WorkType type, long at) {
        long idle = sightings.begin(worker, type, presumed, at).idleMs();
        end(type, PollCall.Ending.EMPTY, at);
        return idle;
    }

    private void pollsOneTypeInVain() {
        presumed = true;
        for (int round = 0; round < Sightings.LONE_ROUNDS; round++) {
            assertTrue(poll(WorkType.TASK, 300L * round));
        }
    }

    private boolean poll(WorkType type, long at) {
        boolean serial = begin(type, at);
        end(type, PollCall.Ending.EMPTY, at);
        return serial;
    }

    private boolean begin(WorkType type, long at) {
        return sightings.begin(worker, type, presumed, at).serial();
    }

    private void end(WorkType type, PollCall.Ending how, long at) {
        sightings.end(worker, type, how, at);
    }
}
