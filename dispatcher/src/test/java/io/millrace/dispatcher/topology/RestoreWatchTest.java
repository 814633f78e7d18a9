package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestoreWatchTest {

    private static final TopicPartition CHANGELOG = new TopicPartition("changelog", 2);

    private final RestoreWatch watch = new RestoreWatch(changelog -> {}, changelog -> {});

    @Test
    void letsAStoreBeBroughtUpToDate() {
        watch.onRestoreStart(CHANGELOG, "state", 5, 9);
        watch.onBatchRestored(CHANGELOG, "state", 8, 4);
        watch.onRestoreEnd(CHANGELOG, "state", 4);

        watch.onRestoreStart(CHANGELOG, "state", 9, 9);
    }

    @Test
    void refusesAStoreThatKnowsMoreThanItsChangelog() {
        IllegalStateException refusal =
                assertThrows(IllegalStateException.class, () -> watch.onRestoreStart(CHANGELOG, "state", 10, 9));

        assertTrue(refusal.getMessage().contains("changelog-2 to go up to offset 9 at least"), refusal::getMessage);
    }
}
