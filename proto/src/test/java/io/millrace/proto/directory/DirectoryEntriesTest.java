package io.millrace.proto.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.WorkerRegistration;
import io.millrace.proto.v1.WorkerSeen;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DirectoryEntriesTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);

    private final DirectoryEntries entries = new DirectoryEntries();

    private WorkerRegistration register(UUID org, UUID id, String name, long atMs) {
        WorkerRegistration registration = WorkerRegistration.newBuilder()
                .setOrgId(Ids.toByteString(org))
                .setWorkerId(Ids.toByteString(id))
                .setName(name)
                .setRegisteredAtMs(atMs)
                .build();
        entries.accept(DirectoryRecord.newBuilder().setWorker(registration).build());
        return registration;
    }

    private void seen(UUID org, String worker, long atMs) {
        entries.accept(DirectoryRecord.newBuilder()
                .setWorkerSeen(WorkerSeen.newBuilder()
                        .setOrgId(Ids.toByteString(org))
                        .setWorkerId(worker)
                        .setSeenAtMs(atMs))
                .build());
    }

    private DispatcherNode dispatcher(String name, long sinceMs, Integer... partitions) {
        DispatcherNode node = DispatcherNode.newBuilder()
                .setNode(name)
                .setSinceMs(sinceMs)
                .addAllPartitions(List.of(partitions))
                .build();
        entries.accept(DirectoryRecord.newBuilder().setDispatcher(node).build());
        return node;
    }

    @Test
    void aWorkerIsFoundByItsIdAndByItsNameAsTheNewestOfThatName() {
        UUID oldId = new UUID(0, 1);
        WorkerRegistration old = register(ORG, oldId, "w", 10);
        WorkerRegistration newer = register(ORG, new UUID(0, 2), "w", 20);
        register(ORG, new UUID(0, 3), "w", 5); // came late, as records of another partition may
        assertEquals(Optional.of(old), entries.worker(ORG, oldId.toString()));
        assertEquals(Optional.of(newer), entries.worker(ORG, "w"));
        assertEquals(Optional.empty(), entries.worker(ORG, "nobody"));
        assertEquals(List.of(20L, 10L, 5L), entries.workers(ORG).stream().map(WorkerRegistration::getRegisteredAtMs).toList());
    }

    @Test
    void aRegistrationThatIsWrittenAgainReplacesItself() {
        UUID id = new UUID(0, 1);
        register(ORG, id, "w", 10);
        WorkerRegistration again = register(ORG, id, "w", 11);
        assertEquals(List.of(again), entries.workers(ORG));
    }

    @Test
    void aWorkerOfAnotherOrganisationIsNotFound() {
        UUID id = new UUID(0, 1);
        register(OTHER, id, "w", 10);
        seen(OTHER, "w", 10);
        assertEquals(Optional.empty(), entries.worker(ORG, id.toString()));
        assertEquals(Optional.empty(), entries.worker(ORG, "w"));
        assertEquals(List.of(), entries.workers(ORG));
        assertEquals(0, entries.lastSeenMs(ORG, "w"));
    }

    @Test
    void theLatestSignOfLifeCountsWhoeverToldOfIt() {
        seen(ORG, "w", 50);
        seen(ORG, "w", 40);
        assertEquals(50, entries.lastSeenMs(ORG, "w"));
        entries.noteSeen(ORG, "w", 60, 100);
        assertEquals(60, entries.lastSeenMs(ORG, "w"));
    }

    @Test
    void othersAreToldOfSignsOfLifeAtIntervals() {
        assertTrue(entries.noteSeen(ORG, "w", 1_000, 100));
        assertFalse(entries.noteSeen(ORG, "w", 1_099, 100));
        assertTrue(entries.noteSeen(ORG, "v", 1_099, 100));
        assertTrue(entries.noteSeen(ORG, "w", 1_100, 100));
    }

    @Test
    void whoSendsHeartbeatsIsKnownHereAndFromOthers() {
        seen(ORG, "polls", 50);
        entries.noteBeat(ORG, "here");
        entries.accept(DirectoryRecord.newBuilder()
                .setWorkerSeen(WorkerSeen.newBuilder()
                        .setOrgId(Ids.toByteString(ORG))
                        .setWorkerId("there")
                        .setBeats(true))
                .build());
        seen(ORG, "there", 60);
        assertTrue(entries.beats(ORG, "here") && entries.beats(ORG, "there"));
        assertFalse(entries.beats(ORG, "polls") || entries.beats(OTHER, "here"));
    }

    @Test
    void aPartitionIsOfTheDispatcherThatSaidSoLast() {
        DispatcherNode a = dispatcher("a", 10, 0, 1);
        DispatcherNode b = dispatcher("b", 20, 1, 2);
        assertEquals(Optional.of(a), entries.dispatcherOf(0));
        assertEquals(Optional.of(b), entries.dispatcherOf(1));
        assertEquals(Optional.empty(), entries.dispatcherOf(3));

        dispatcher("b", 30); // it let all go
        assertEquals(Optional.of(a), entries.dispatcherOf(1));
        assertEquals(Optional.empty(), entries.dispatcherOf(2));
        assertEquals(List.of(a), List.copyOf(entries.dispatchers()));
    }

    @Test
    void anEntryOfALaterVersionChangesNothing() {
        entries.accept(DirectoryRecord.getDefaultInstance());
        assertEquals(List.of(), List.copyOf(entries.dispatchers()));
    }
}
