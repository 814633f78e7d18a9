package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.partition.Lease;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OnlyNodeTest {

    /** One that was never confirmed. */
    private static final Lease LAPSED = new Lease() {
        @Override
        public boolean holds() {
            return false;
        }

        @Override
        public boolean confirmedSince(long nanoTime) {
            return false;
        }

        @Override
        public boolean formerOwnersOut() {
            return false;
        }
    };

    private final OnlyNode only = new OnlyNode("node-1");
    private final Lease lease = only.lease(LAPSED);

    @Test
    void isNotTakenForTheOnlyOneBeforeTheGroupWasAsked() {
        assertFalse(lease.holds());

        only.looked(List.of());
        assertFalse(lease.holds(), "it is not in the group itself yet");
    }

    @Test
    void itsLeasesHoldUnconfirmedOnceTheGroupHadNobodyElse() {
        only.looked(List.of("node-1-1", "node-1-2"));

        assertTrue(lease.holds());
        assertTrue(lease.confirmedSince(System.nanoTime()));
        assertFalse(lease.formerOwnersOut(), "whoever had another name before may still answer reads");
        assertEquals(Optional.empty(), only.trouble());
    }

    @Test
    void isAsAnyNodeAndSaysWhatIsWrongOnceItHasMetAnother() {
        only.looked(List.of("node-1-1"));
        only.looked(List.of("node-1-1", "node-12-1"));
        assertFalse(lease.holds());

        only.looked(List.of("node-1-1"));
        assertFalse(lease.holds(), "the other may come back while Kafka is away");
        assertEquals(
                Optional.of("expected to be the only node (server.only_node), but node-12-1 is in the group of the dispatchers"
                        + " too"),
                only.trouble());
    }

    @Test
    void aMemberWithoutANameIsAnother() {
        only.looked(List.of("", "node-1-1"));

        assertFalse(lease.holds());
        assertTrue(only.trouble().orElseThrow().contains("a member without a name"));
    }
}
