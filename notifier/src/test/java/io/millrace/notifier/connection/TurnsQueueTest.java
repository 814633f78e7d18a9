package io.millrace.notifier.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TurnsQueueTest {

    private static final UUID LARGE = new UUID(1, 1);
    private static final UUID SMALL = new UUID(2, 2);

    private final TurnsQueue<String> queue = new TurnsQueue<>(3);

    private List<String> all() {
        List<String> all = new ArrayList<>();
        for (String next = queue.poll(); next != null; next = queue.poll()) {
            all.add(next);
        }
        return all;
    }

    @Test
    void noneWaitsForAllThatAnotherHas() {
        queue.add(LARGE, "l1");
        queue.add(LARGE, "l2");
        queue.add(LARGE, "l3");
        queue.add(SMALL, "s1");
        queue.add(SMALL, "s2");

        assertEquals(List.of("l1", "s1", "l2", "s2", "l3"), all());
        assertNull(queue.poll());
    }

    @Test
    void ofOneNoMoreWaitsThanMay() {
        for (int i = 0; i < 3; i++) {
            assertTrue(queue.add(LARGE, "l" + i));
        }
        assertFalse(queue.add(LARGE, "too much"));
        assertTrue(queue.add(SMALL, "s0"));

        assertEquals(List.of("l0", "s0", "l1", "l2"), all());
        assertTrue(queue.add(LARGE, "there is room again"));
    }
}
