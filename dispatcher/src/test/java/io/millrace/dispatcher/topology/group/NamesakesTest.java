package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.topology.group.Namesakes.Seat;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamesakesTest {

    private static final Seat OWN = new Seat("node-1", "/10.0.0.1");
    private static final Seat OTHER = new Seat("node-2", "/10.0.0.2");
    private static final long LONGER = Namesakes.LONGEST_REST_NANOS + 1;

    private final Namesakes namesakes = new Namesakes("node");

    private String looked(Map<String, Seat> there, long nanoTime) {
        return namesakes.looked(there, Set.of("own"), nanoTime);
    }

    @Test
    void anotherProcessOfTheNameIsNamedBesideThisOne() {
        Map<String, Seat> both = Map.of("own", OWN, "other", OTHER);
        assertNull(looked(both, 0), "a process before this one may have left it behind");
        assertEquals(
                "two processes run as node node: this one (node-1 from /10.0.0.1) and another (node-2 from /10.0.0.2);"
                        + " give each a server.node of its own",
                looked(both, LONGER));
        assertNull(looked(Map.of("own", OWN), LONGER + 1));
    }

    @Test
    void whatAProcessLeftBehindGoesWithItsSession() {
        looked(Map.of("own", OWN, "left", OTHER), 0);
        looked(Map.of("own", OWN), 1);
        assertNull(looked(Map.of("own", OWN, "left", OTHER), LONGER), "it is counted from when it came back");
    }

    @Test
    void nodesOfOtherNamesAreNoNamesakes() {
        Map<String, Seat> both = Map.of("own", OWN, "other", new Seat("node-b-1", "/10.0.0.2"));
        looked(both, 0);
        assertNull(looked(both, LONGER));
    }
}
