package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.partition.Lease;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnlyNodeTest {

    /** One that was never confirmed. */
    private static final Lease LAPSED = new Lease() {
        @Override
        public boolean holds(long lengthNanos) {
            return false;
        }

        @Override
        public boolean confirmedSince(long nanoTime) {
            return false;
        }

        @Override
        public boolean formerOwnersOut(long lengthNanos) {
            return false;
        }
    };

    private final Clock clock = new Clock();
    private final OnlyNode only = new OnlyNode("node-1", clock);
    private final Lease lease = only.lease(LAPSED);

    private static final class Clock implements GroupClock {
        private long nanos;
        private long wall;

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public long wallMs() {
            return wall;
        }
    }

    @Test
    void isNotTakenForTheOnlyOneBeforeTheGroupWasAsked() {
        assertFalse(lease.holds(Lease.LENGTH_NANOS));

        only.looked(List.of(), true);
        assertFalse(lease.holds(Lease.LENGTH_NANOS), "it is not in the group itself yet");
    }

    @Test
    void itsLeasesHoldUnconfirmedOnceTheGroupHadNobodyElse() {
        only.looked(List.of("node-1-1", "node-1-2"), true);

        assertTrue(lease.holds(Lease.LENGTH_NANOS));
        assertTrue(lease.confirmedSince(System.nanoTime()));
        assertFalse(
                lease.formerOwnersOut(Lease.LENGTH_NANOS), "whoever had another name before may still answer reads");
        assertEquals(Optional.empty(), only.trouble());
    }

    @Test
    void isAsAnyNodeAndSaysWhatIsWrongOnceItHasMetAnother() {
        only.looked(List.of("node-1-1"), true);
        only.looked(List.of("node-1-1", "node-12-1"), true);
        assertFalse(lease.holds(Lease.LENGTH_NANOS));

        only.looked(List.of("node-1-1"), true);
        assertFalse(lease.holds(Lease.LENGTH_NANOS), "the other may come back while Kafka is away");
        assertEquals(
                Optional.of(
                        "expected to be the only node (server.only_node), but node-12-1 is in the group of the dispatchers"
                                + " too"),
                only.trouble());
    }

    @Test
    void aMemberWithoutANameIsAnother() {
        only.looked(List.of("", "node-1-1"), true);

        assertFalse(lease.holds(Lease.LENGTH_NANOS));
        assertTrue(only.trouble().orElseThrow().contains("a member without a name"));
    }

    @Test
    void whileKafkaIsAwayItsLeasesHoldAsLongAsItRuns() {
        only.looked(List.of("node-1-1"), true);

        for (int n = 0; n < 1_000; n++) {
            clock.nanos += Lease.LENGTH_NANOS;
            clock.wall += Lease.LENGTH_NANOS / 1_000_000;
            assertTrue(lease.holds(Lease.LENGTH_NANOS));
            assertTrue(only.awake());
        }
    }

    /** One clock goes on while a machine sleeps, both while a process is stopped. */
    @ParameterizedTest
    @CsvSource({"true, false", "false, true", "true, true"})
    void afterItSleptItsLeasesHoldOnlyOnceTheGroupWasAskedAgain(boolean nanosPass, boolean wallPasses) {
        only.looked(List.of("node-1-1"), true);
        clock.nanos += nanosPass ? 3 * Lease.LENGTH_NANOS : 0;
        clock.wall += wallPasses ? 3 * Lease.LENGTH_NANOS / 1_000_000 : 0;
        assertFalse(lease.holds(Lease.LENGTH_NANOS));

        only.looked(List.of("node-1-1"), true);
        assertFalse(lease.holds(Lease.LENGTH_NANOS), "the answer may be from before it slept");

        only.looked(List.of("node-1-1"), true);
        assertTrue(lease.holds(Lease.LENGTH_NANOS));
        assertTrue(lease.confirmedSince(0));
    }

    @Test
    void whoeverTookItsNameWhileItSleptIsNotTakenForItself() {
        only.looked(List.of("node-1-1"), true);
        clock.wall += 3 * Lease.LENGTH_NANOS / 1_000_000;
        assertFalse(only.awake());

        only.looked(List.of("node-1-1"), false);

        assertFalse(lease.holds(Lease.LENGTH_NANOS));
        assertFalse(lease.confirmedSince(0));
    }
}
