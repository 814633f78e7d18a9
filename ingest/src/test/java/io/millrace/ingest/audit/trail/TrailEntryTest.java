package io.millrace.ingest.audit.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
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

    private static EventRecord event(String type, String data) {
        return EventRecord.newBuilder()
                .setOrgId(Ids.toByteString(ORG))
                .setType(type)
                .setData(ByteString.copyFromUtf8(data))
                .build();
    }

    private static Map<String, String> details(EventRecord... events) {
        OutcomeRecord outcome = OutcomeRecord.newBuilder()
                .setOrgId(Ids.toByteString(ORG))
                .addAllEvents(List.of(events))
                .build();
        return TrailEntry.of(0, 1, outcome, Asked.NOTHING).getFirst().details();
    }

    @Test
    void itTellsToWhomWorkWasHandedAndWhoHoldsWhatOthersReported() {
        assertEquals(
                Map.of("handedTo", "ann,ann,bob", "handedToCredential", "key-1,key-2,key-3"),
                details(
                        event("WORK_CLAIMED", "{\"heldBy\":\"ann\",\"heldByCredential\":\"key-1\"}"),
                        event("TASK_CLAIMED", "{\"heldBy\":\"ann\",\"heldByCredential\":\"key-2\"}"),
                        event("WORK_CLAIMED", "{\"heldBy\":\"ann\",\"heldByCredential\":\"key-1\"}"),
                        event("WORK_CLAIMED", "{\"heldBy\":\"bob\",\"heldByCredential\":\"key-3\"}"),
                        event("WORK_CLAIMED", "{\"workerId\":\"w\"}")));
        assertEquals(
                Map.of("heldBy", "ann", "heldByCredential", "key-1"),
                details(event("TASK_REPORT_IGNORED", "{\"heldBy\":\"ann\",\"heldByCredential\":\"key-1\"}")));
    }

    @Test
    void whatSomebodyForgedTellsOfNoHolder() {
        assertEquals(Map.of(), details(event("WORK_CLAIMED", "no JSON"), event("TASK_CLAIMED", "")));
    }
}
