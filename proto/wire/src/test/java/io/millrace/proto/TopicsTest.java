package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicsTest {

    /** Operators, auditors and their access rules know them: a new name would be a new, empty log. */
    @Test
    void theNamesStay() {
        assertEquals(
                List.of(
                        "millrace.commands",
                        "millrace.events",
                        "millrace.work-available",
                        "millrace.replies",
                        "millrace.directory",
                        "millrace.task-streams",
                        "millrace.checkpoints",
                        "millrace.data-keys"),
                Topics.all());
    }
}
