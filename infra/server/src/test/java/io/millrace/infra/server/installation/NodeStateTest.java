package io.millrace.infra.server.installation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is another now than it was. */
class NodeStateTest {

    @Test
    void tellsWhatWasAddedRemovedAndChanged() {
        assertEquals(
                Map.of("a", "removed: 1", "b", "changed: 2 -> 3", "d", "added: 4"),
                NodeState.changes(Map.of("a", "1", "b", "2", "c", "5"), Map.of("b", "3", "c", "5", "d", "4")));
        assertEquals(Map.of(), NodeState.changes(Map.of("a", "1"), Map.of("a", "1")));
    }
}
