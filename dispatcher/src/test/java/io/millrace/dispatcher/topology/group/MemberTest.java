package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.partition.Lease;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.junit.jupiter.api.Test;

/** How long a node may take it for certain that its partitions are its own. */
class MemberTest {

    private static final long LENGTH = Lease.LENGTH_NANOS;

    private final TestClock clock = new TestClock();
    private final Member member = new Member(clock);

    private static final class TestClock implements GroupClock {
        private long nanos = -5; // may be anything, also below zero
        private long wall = 1_000_000;

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public long wallMs() {
            return wall;
        }

        private void pass(long more) {
            nanos += more;
            wall += more / 1_000_000;
        }
    }

    private void joined(String memberId, int generation) {
        member.polled(new ConsumerGroupMetadata("g", generation, memberId, Optional.of("node-1")));
    }

    private void seenNow(String memberId) {
        member.seen(memberId, clock.nanoTime(), clock.wallMs());
    }

    @Test
    void nothingHoldsBeforeTheGroupWasAsked() {
        joined("a", 1);
        assertFalse(member.holds(LENGTH));
    }

    @Test
    void whoeverTakesItForLongerMayAndOthersWaitForLonger() {
        joined("a", 1);
        seenNow("a");
        clock.pass(9 * LENGTH);
        assertFalse(member.holds(LENGTH));
        assertTrue(member.holds(10 * LENGTH));
        assertTrue(member.formerOwnersOut(8 * LENGTH));
        assertFalse(member.formerOwnersOut(9 * LENGTH));
        clock.pass(LENGTH);
        assertFalse(member.holds(10 * LENGTH));
    }

    @Test
    void whatTheGroupSaidHoldsFromBeforeItWasAskedForSoLong() {
        joined("a", 1);
        long asked = clock.nanoTime();
        long askedMs = clock.wallMs();
        clock.pass(LENGTH / 2); // the answer took its time
        member.seen("a", asked, askedMs);
        assertTrue(member.holds(LENGTH));
        clock.pass(LENGTH / 2 - 1);
        assertTrue(member.holds(LENGTH));
        clock.pass(1);
        assertFalse(member.holds(LENGTH));
    }

    @Test
    void aLapsedLeaseHoldsAgainOnceTheSameMemberIsSeen() {
        joined("a", 1);
        seenNow("a");
        clock.pass(30 * LENGTH);
        assertFalse(member.holds(LENGTH));
        assertTrue(member.seen("a", clock.nanoTime(), clock.wallMs()), "it is told that it holds again");
        assertTrue(member.holds(LENGTH));
        assertFalse(member.seen("a", clock.nanoTime(), clock.wallMs()));
    }

    @Test
    void whatWasSaidOfAnEarlierMembershipDoesNotHold() {
        joined("a", 1);
        seenNow("a");
        joined("b", 4);
        assertFalse(member.holds(LENGTH));
        seenNow("b");
        assertTrue(member.holds(LENGTH));
    }

    @Test
    void whoHasLeftTheGroupHoldsNothing() {
        joined("a", 1);
        seenNow("a");
        joined("", -1);
        assertFalse(member.holds(LENGTH));
        assertFalse(member.formerOwnersOut(LENGTH));
    }

    @Test
    void aMachineThatSleptHasLapsedThoughItsOtherClockStoodStill() {
        joined("a", 1);
        seenNow("a");
        clock.wall += 60_000;
        assertFalse(member.holds(LENGTH));
    }

    @Test
    void aWallClockThatStepsBackEndsNothing() {
        joined("a", 1);
        seenNow("a");
        clock.wall -= 3_600_000;
        assertTrue(member.holds(LENGTH));
    }

    @Test
    void formerOwnersAreOutWhenALeaseLongerThanTheirsHasPassedSinceTheAssignment() {
        joined("a", 1);
        seenNow("a");
        clock.pass(LENGTH);
        assertFalse(member.formerOwnersOut(LENGTH), "their clocks may go a little slower");
        clock.pass(LENGTH / 5);
        assertTrue(member.formerOwnersOut(LENGTH));
        joined("a", 2);
        assertFalse(member.formerOwnersOut(LENGTH), "what came with a new assignment had another owner until then");
    }

    @Test
    void onlyWhatWasAskedForLaterConfirms() {
        joined("a", 1);
        long moment = clock.nanoTime();
        seenNow("a");
        assertFalse(member.confirmedSince(moment));
        clock.pass(1);
        seenNow("a");
        assertTrue(member.confirmedSince(moment));
        joined("b", 2);
        assertFalse(member.confirmedSince(moment));
    }
}
