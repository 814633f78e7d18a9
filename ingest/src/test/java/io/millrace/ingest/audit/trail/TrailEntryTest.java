package io.millrace.ingest.audit.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.proto.Shards;
import io.millrace.proto.v1.Principal;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose queue and kind an entry of the trail tells is a question to its own partition alone. */
class TrailEntryTest {

    private static final int PARTITIONS = 4;
    private static final UUID ORG = new UUID(0, 7);
    private static final UUID EXECUTION = Shards.newId();
    private static final UUID TASK = new UUID(9, 9);
    private static final int HOME = Shards.partition(EXECUTION, PARTITIONS);

    private static TrailEntry entry(int partition, @Nullable UUID taskId, @Nullable String kind) {
        return new TrailEntry(
                partition,
                1,
                1,
                ORG,
                null,
                0,
                0,
                Principal.getDefaultInstance(),
                Origin.of(""),
                null,
                "scheduled_run_ended",
                null,
                EXECUTION,
                List.of(),
                taskId,
                kind,
                kind,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }

    @Test
    void ofWhatLivesInItsPartitionItIsLookedFor() {
        assertEquals(
                List.of(new Work.Key(ORG, false, EXECUTION), new Work.Key(ORG, true, EXECUTION)),
                entry(HOME, null, null).lacksWorkOf(PARTITIONS));
        assertEquals(
                List.of(new Work.Key(ORG, true, TASK)), entry(HOME, TASK, null).lacksWorkOf(PARTITIONS));
        assertEquals(List.of(), entry(HOME, null, "named").lacksWorkOf(PARTITIONS));
    }

    @Test
    void ofWhatLivesElsewhereItIsNotSinceNobodyKnowsWhichPartitionIsReadFirst() {
        int other = (HOME + 1) % PARTITIONS;

        assertEquals(List.of(), entry(other, null, null).lacksWorkOf(PARTITIONS));
        assertEquals(List.of(), entry(other, TASK, null).lacksWorkOf(PARTITIONS));
    }
}
