package io.millrace.proto.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TaskHomesTest {

    private static final UUID ORG = new UUID(1, 1);

    @Test
    void aTaskOfAnotherOrganisationIsAnotherTask() {
        TaskHomes places = new TaskHomes();
        UUID task = new UUID(3, 3);
        places.put(ORG, task, new UUID(4, 4));
        assertEquals(Optional.of(new UUID(4, 4)), places.find(ORG, task));
        assertEquals(Optional.empty(), places.find(new UUID(2, 2), task));
    }

    @Test
    void itIsBoundedAndForgetsWhatWasUsedLongestAgo() {
        TaskHomes places = new TaskHomes(1_600);
        UUID kept = UUID.randomUUID();
        places.put(ORG, kept, kept);
        int found = 0;
        UUID[] tasks = new UUID[10_000];
        for (int i = 0; i < tasks.length; i++) {
            tasks[i] = UUID.randomUUID();
            places.put(ORG, tasks[i], tasks[i]);
            assertTrue(places.find(ORG, kept).isPresent(), "expected what is in use to stay");
        }
        for (UUID task : tasks) {
            found += places.find(ORG, task).isPresent() ? 1 : 0;
        }
        assertTrue(found <= 1_600, "expected 1,600 at the most, but found " + found);
        assertThrows(IllegalArgumentException.class, () -> new TaskHomes(1));
    }
}
