package io.millrace.proto.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import io.millrace.proto.v1.PartitionTenure.Stage;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerAlias;
import io.millrace.proto.v1.WorkerRegistration;
import io.millrace.proto.v1.WorkerSeen;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DirectoryEntriesTest {

    private static final Principal NOBODY = Principal.getDefaultInstance();
    private static final UUID ORG = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);
    private static final long SILENCE_MS = 60_000;

    private final DirectoryEntries entries = new DirectoryEntries(SILENCE_MS);

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

    /** As records were before they named a principal. */
    private String alias(String workerId, WorkerRegistration... registrations) {
        WorkerAlias.Builder alias =
                WorkerAlias.newBuilder().setOrgId(Ids.toByteString(ORG)).setWorkerId(workerId);
        for (WorkerRegistration registration : registrations) {
            alias.addRegistrations(registration.getWorkerId());
        }
        DirectoryRecord record =
                DirectoryRecord.newBuilder().setWorkerAlias(alias).build();
        entries.accept(record);
        return DirectoryEntries.key(record);
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

    private Optional<DispatcherNode> dispatcherOf(int partition) {
        return entries.holders().of(partition).filter(PartitionHolder::owns).map(PartitionHolder::node);
    }

    private DispatcherNode tenure(String name, int partition, Stage stage, long begunAt) {
        DispatcherNode node = DispatcherNode.newBuilder()
                .setNode(name)
                .addTenures(PartitionTenure.newBuilder()
                        .setPartition(partition)
                        .setStage(stage)
                        .setBegunAt(begunAt))
                .build();
        entries.accept(DirectoryRecord.newBuilder().setDispatcher(node).build());
        return node;
    }

    @Test
    void aWorkerIsFoundByItsIdAndByItsNameAsTheNewestOfThatName() {
        UUID oldId = new UUID(0, 1);
        WorkerRegistration old = register(ORG, oldId, "w", 10);
        WorkerRegistration newer = register(ORG, new UUID(0, 2), "w", 20);
        register(ORG, new UUID(0, 3), "w", 5); // came late, as that of a node whose clock is behind
        assertEquals(Optional.of(old), entries.worker(ORG, oldId.toString(), 0));
        assertEquals(Optional.of(newer), entries.worker(ORG, "w", 0));
        assertEquals(Optional.empty(), entries.worker(ORG, "nobody", 0));
        assertEquals(
                List.of(20L, 10L, 5L),
                entries.workers(ORG).stream()
                        .map(WorkerRegistration::getRegisteredAtMs)
                        .toList());
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
        assertEquals(Optional.empty(), entries.worker(ORG, id.toString(), 0));
        assertEquals(Optional.empty(), entries.worker(ORG, "w", 0));
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
        assertTrue(entries.noteSeen(ORG, "w", 1_000, 100).isPresent());
        assertFalse(entries.noteSeen(ORG, "w", 1_099, 100).isPresent());
        assertTrue(entries.noteSeen(ORG, "v", 1_099, 100).isPresent());
        assertTrue(entries.noteSeen(ORG, "w", 1_100, 100).isPresent());
    }

    @Test
    void aNameIsOfItsNewestRegistrationThatLives() {
        WorkerRegistration survivor = register(ORG, new UUID(0, 1), "w", 10);
        WorkerRegistration shortLived = register(ORG, new UUID(0, 2), "w", 20);
        seen(ORG, new UUID(0, 1).toString(), 90_000);
        seen(ORG, new UUID(0, 2).toString(), 20);

        assertEquals(Optional.of(survivor), entries.worker(ORG, "w", 100_000));
        assertEquals(List.of(survivor), entries.named(ORG, "w", 100_000));
        assertEquals(List.of(shortLived, survivor), entries.named(ORG, "w", 20 + SILENCE_MS), "both live");
        assertEquals(List.of(shortLived), entries.named(ORG, "w", 900_000), "none does");
    }

    @Test
    void anAliasStandsForTheRegistrationsThatAreStillThere() {
        WorkerRegistration one = register(ORG, new UUID(0, 1), "one", 10);
        WorkerRegistration two = register(ORG, new UUID(0, 2), "two", 20);
        String key = alias("w", one, two);
        assertEquals(List.of(one, two), entries.alias(ORG, "w", NOBODY));
        assertEquals(List.of(), entries.alias(OTHER, "w", NOBODY));

        entries.remove("worker/" + new UUID(0, 1));
        assertEquals(List.of(two), entries.alias(ORG, "w", NOBODY));
        entries.remove(key);
        assertEquals(List.of(), entries.alias(ORG, "w", NOBODY));
    }

    @Test
    void anAliasStandsForEachPrincipalsOwnRegistrations() {
        WorkerRegistration one = register(ORG, new UUID(0, 1), "one", 10);
        WorkerRegistration two = register(ORG, new UUID(0, 2), "two", 20);
        WorkerRegistration old = register(ORG, new UUID(0, 3), "old", 30);
        Principal ann = caller("ann/a b");
        Principal bob = caller("bob");
        String anns = noteAlias(ann, "w/1", one);
        noteAlias(bob, "w/1", two);
        assertEquals(List.of(one), entries.alias(ORG, "w/1", ann));
        assertEquals(List.of(two), entries.alias(ORG, "w/1", bob));
        assertEquals(List.of(), entries.alias(ORG, "w/1", NOBODY));
        assertTrue(entries.isAlias(ORG, "w/1"));
        assertFalse(entries.isAlias(OTHER, "w/1"));

        entries.remove(anns);
        assertEquals(List.of(), entries.alias(ORG, "w/1", ann));
        assertEquals(List.of(two), entries.alias(ORG, "w/1", bob));
        alias("w/1", old);
        assertEquals(List.of(old), entries.alias(ORG, "w/1", ann), "of an old record");
        assertEquals(List.of(two), entries.alias(ORG, "w/1", bob));

        entries.remove("worker/" + new UUID(0, 2));
        List<String> keys = entries.forgotten(40, 1_000_000);
        assertEquals(1, keys.size(), keys.toString());
        keys.forEach(entries::remove);
        entries.remove("worker/" + new UUID(0, 3));
        assertFalse(entries.isAlias(ORG, "w/1"));
    }

    private static Principal caller(String id) {
        return Principal.newBuilder()
                .setType(Principal.Type.WORKER)
                .setId(id)
                .setCredential("key")
                .build();
    }

    private String noteAlias(Principal caller, String workerId, WorkerRegistration registration) {
        DirectoryRecord record = DirectoryEntries.alias(ORG, workerId, caller, List.of(registration));
        entries.accept(record);
        return DirectoryEntries.key(record);
    }

    @Test
    void onlySignsThatOthersToldOfAreOfElsewhere() {
        DirectoryRecord own = entries.noteSeen(ORG, "w", 500, 100).orElseThrow();
        entries.accept(own);
        assertEquals(0, entries.elsewhereMs(ORG, "w"));

        seen(ORG, "w", 40);
        assertEquals(40, entries.elsewhereMs(ORG, "w"));
        assertEquals(500, entries.lastSeenMs(ORG, "w"));
    }

    @Test
    void whoGaveNoSignOfLifeForLongIsForgottenWithAllThatHangsOnIt() {
        long forgetMs = 10_000_000;
        WorkerRegistration gone = register(ORG, new UUID(0, 1), "gone", 10);
        WorkerRegistration before = register(ORG, new UUID(0, 2), "w", 10);
        WorkerRegistration latest = register(ORG, new UUID(0, 3), "w", 20);
        WorkerRegistration beating = register(ORG, new UUID(0, 4), "beating", 10);
        alias("alias", gone);
        seen(ORG, "alias", 10);
        seen(ORG, "w", forgetMs);
        seen(ORG, new UUID(0, 4).toString(), forgetMs);
        seen(ORG, "stranger", forgetMs);

        long nowMs = 2 * forgetMs;
        List<String> keys = entries.forgotten(nowMs, forgetMs);
        assertEquals(
                Set.of("worker/" + new UUID(0, 1), "worker/" + new UUID(0, 2), "seen/" + ORG + "/stranger"),
                Set.copyOf(keys));
        keys.forEach(entries::remove);
        assertEquals(List.of(latest, beating), entries.workers(ORG));
        assertEquals(List.of(latest), entries.named(ORG, before.getName(), nowMs));
        assertEquals(
                Set.of("alias/" + ORG + "/alias"), Set.copyOf(entries.forgotten(nowMs, forgetMs)), "in the next round");
    }

    @Test
    void nodesTellEachOtherNowAndThenWhichQueuesArePolled() {
        DirectoryEntries elsewhere = new DirectoryEntries(SILENCE_MS);
        DirectoryRecord told =
                entries.notePolled(ORG, "a/b", WorkType.TASK, 1_000, 100).orElseThrow();
        assertEquals(Optional.empty(), entries.notePolled(ORG, "a/b", WorkType.TASK, 1_099, 100));
        assertTrue(entries.notePolled(ORG, "a/b", WorkType.TASK, 1_100, 100).isPresent());
        assertTrue(entries.notePolled(ORG, "a/b", WorkType.WORKFLOW, 1_101, 100).isPresent());

        // What it told itself, and reads again at its next look at the topic, is older than what it knows.
        entries.accept(told, toldMs -> 9_999);
        assertEquals(
                Set.of(new PolledQueue("a/b", WorkType.TASK, 1_100), new PolledQueue("a/b", WorkType.WORKFLOW, 1_101)),
                polled(entries));
        elsewhere.accept(told, toldMs -> 70);
        assertEquals(Set.of(new PolledQueue("a/b", WorkType.TASK, 70)), polled(elsewhere));
        assertEquals(Optional.of(List.of()), entries.polledQueues(OTHER).map(List::copyOf));

        assertEquals(List.of(), entries.forgotten(2_101, 1_001));
        List<String> keys = entries.forgotten(2_102, 1_001);
        assertEquals(List.of(DirectoryEntries.key(told)), keys);
        keys.forEach(entries::remove);
        assertEquals(Set.of(new PolledQueue("a/b", WorkType.WORKFLOW, 1_101)), polled(entries));
    }

    private static Set<PolledQueue> polled(DirectoryEntries entries) {
        return Set.copyOf(entries.polledQueues(ORG).orElseThrow());
    }

    @Test
    void aNameMayHaveSlashes() {
        entries.remove("seen/" + ORG + "/a/b");
        seen(ORG, "a/b", 10);
        entries.remove("seen/" + ORG + "/a");
        assertEquals(10, entries.lastSeenMs(ORG, "a/b"));
        entries.remove("seen/" + ORG + "/a/b");
        assertEquals(0, entries.lastSeenMs(ORG, "a/b"));
    }

    @Test
    void whatOnlyReadersOfTheTopicNeedIsNotKept() {
        WorkerRegistration registration = register(ORG, new UUID(0, 1), "w", 10);
        entries.accept(DirectoryRecord.newBuilder()
                .setWorker(registration.toBuilder().setRequest(ByteString.copyFromUtf8("schemas")))
                .build());
        assertEquals(List.of(registration), entries.workers(ORG));
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
        assertTrue(entries.noteSeen(ORG, "here", 70, 10)
                .orElseThrow()
                .getWorkerSeen()
                .getBeats());
        assertFalse(entries.noteSeen(ORG, "polls", 70, 10)
                .orElseThrow()
                .getWorkerSeen()
                .getBeats());
    }

    @Test
    void heartbeatsAreForgottenWithTheRegistration() {
        String id = new UUID(0, 1).toString();
        register(ORG, new UUID(0, 1), "w", 10);
        seen(ORG, id, 20);
        entries.noteBeat(ORG, id);

        List<String> keys = entries.forgotten(2_000, 1_000);
        assertEquals(List.of("worker/" + id, "seen/" + ORG + "/" + id), keys);
        keys.forEach(entries::remove);
        assertFalse(entries.beats(ORG, id));
    }

    @Test
    void aSignOfLifeByNameKeepsTheNewestOfItsPrincipalAlone() {
        of("ann", new UUID(0, 1), 10);
        of("ann", new UUID(0, 2), 20);
        of("bob", new UUID(0, 3), 30);
        seen(ORG, "w of WORKER ann", 2_000);
        assertEquals(
                Set.of("worker/" + new UUID(0, 1), "worker/" + new UUID(0, 3)),
                Set.copyOf(entries.forgotten(2_500, 1_000)));

        long muchLater = 2_000 + Duration.ofDays(300).toMillis();
        entries.remove("worker/" + new UUID(0, 3));
        seen(ORG, "w of WORKER bob", 2_000);
        List<String> gone = entries.forgotten(muchLater, Long.MAX_VALUE);
        assertTrue(gone.contains("seen/" + ORG + "/w of WORKER bob"), "nobody is called so any more");
        assertFalse(gone.contains("seen/" + ORG + "/w of WORKER ann"));
    }

    private void of(String principal, UUID id, long registeredAtMs) {
        entries.accept(DirectoryRecord.newBuilder()
                .setWorker(WorkerRegistration.newBuilder()
                        .setOrgId(Ids.toByteString(ORG))
                        .setWorkerId(Ids.toByteString(id))
                        .setName("w")
                        .setRegisteredAtMs(registeredAtMs)
                        .setPrincipal(Principal.newBuilder()
                                .setType(Principal.Type.WORKER)
                                .setId(principal)
                                .setCredential("key")))
                .build());
    }

    @Test
    void aPartitionIsOfTheDispatcherThatSaidSoLast() {
        DispatcherNode a = dispatcher("a", 10, 0, 1);
        DispatcherNode b = dispatcher("b", 20, 1, 2);
        assertEquals(Optional.of(a), dispatcherOf(0));
        assertEquals(Optional.of(b), dispatcherOf(1));
        assertEquals(Optional.empty(), dispatcherOf(3));

        dispatcher("b", 30); // it let all go
        assertEquals(Optional.of(a), dispatcherOf(1));
        assertEquals(Optional.empty(), dispatcherOf(2));
        assertEquals(List.of(a), List.copyOf(entries.holders().dispatchers()));
    }

    @Test
    void theLaterRecordCountsWhateverTheClocksOfTheDispatchersSay() {
        DispatcherNode ahead = dispatcher("ahead", 60_000, 0, 1);
        DispatcherNode heir = dispatcher("heir", 10, 0);
        assertEquals(Optional.of(heir), dispatcherOf(0));
        assertEquals(Optional.of(ahead), dispatcherOf(1));

        DispatcherNode back = dispatcher("ahead", 59_000, 0);
        assertEquals(Optional.of(back), dispatcherOf(0));
        assertEquals(Optional.empty(), dispatcherOf(1), "its earlier record counts no longer");
    }

    @Test
    void thatAQueueIsPolledIsToldAgainWhereNobodyHeardOfIt() {
        assertTrue(entries.notePolled(ORG, "q", WorkType.TASK, 1_000, 100).isPresent());
        entries.notePolledUntold(ORG, "q", WorkType.TASK);
        assertTrue(entries.notePolled(ORG, "q", WorkType.TASK, 1_001, 100).isPresent());
        assertEquals(Optional.empty(), entries.notePolled(ORG, "q", WorkType.TASK, 1_002, 100));
        entries.notePolledUntold(ORG, "other", WorkType.TASK);
        assertEquals(Set.of(new PolledQueue("q", WorkType.TASK, 1_002)), polled(entries));
    }

    @Test
    void whenAnotherNodeSawAWorkerIsToldByTheClockOfThisOne() {
        DirectoryRecord hourBehind = DirectoryRecord.newBuilder()
                .setWorkerSeen(WorkerSeen.newBuilder()
                        .setOrgId(Ids.toByteString(ORG))
                        .setWorkerId("w")
                        .setSeenAtMs(1_000))
                .build();
        entries.noteSeen(ORG, "w", 3_600_000, 20_000);
        entries.accept(hourBehind, toldMs -> 3_600_500);
        assertEquals(3_600_500, entries.lastSeenMs(ORG, "w"));
        assertEquals(3_600_500, entries.elsewhereMs(ORG, "w"));
    }

    @Test
    void ofTwoTenuresTheLaterCountsWhicheverIsToldLast() {
        DispatcherNode heir = tenure("heir", 0, Stage.OWNING, 20);
        tenure("before", 0, Stage.OWNING, 10);
        assertEquals(Optional.of(heir), dispatcherOf(0));
        assertEquals(
                Optional.of(new PartitionHolder(heir, Stage.OWNING, 20)),
                entries.holders().of(0));
    }

    @Test
    void nobodyServesAPartitionWhoseLatestTenureHasNotBegunOrIsOver() {
        DispatcherNode before = tenure("before", 0, Stage.OWNING, 10);
        assertEquals(Optional.of(before), dispatcherOf(0));
        tenure("heir", 0, Stage.CATCHING_UP, 20);
        assertEquals(Optional.empty(), dispatcherOf(0), "the one before has lost it");
        tenure("heir", 0, Stage.OVER, 20);
        assertEquals(Optional.empty(), dispatcherOf(0), "what was lost does not come back");
    }

    @Test
    void aNodeThatTellsNoTenuresOwnsWhatNobodyElseHasTakenOver() {
        DispatcherNode old = dispatcher("old", 10, 0, 1);
        DispatcherNode heir = tenure("heir", 0, Stage.OWNING, 0);
        dispatcher("old", 20, 0, 1);
        assertEquals(Optional.of(heir), dispatcherOf(0));
        assertEquals("old", dispatcherOf(1).orElseThrow().getNode());
        assertEquals(old.getPartitionsList(), dispatcherOf(1).orElseThrow().getPartitionsList());
    }

    @Test
    void aRecordWithoutAnOrganisationLeavesNothingBehind() {
        DirectoryRecord broken = DirectoryRecord.newBuilder()
                .setWorker(WorkerRegistration.newBuilder().setWorkerId(Ids.toByteString(new UUID(0, 1))))
                .build();
        assertThrows(RuntimeException.class, () -> entries.accept(broken));
        assertEquals(List.of(), entries.workers(ORG));
    }

    @Test
    void anEntryOfALaterVersionChangesNothing() {
        entries.accept(DirectoryRecord.getDefaultInstance());
        assertEquals(List.of(), List.copyOf(entries.holders().dispatchers()));
    }

    private static final long HOUR_MS = 3_600_000;

    private final DirectoryEntries small = new DirectoryEntries(SILENCE_MS, new RegistrationLimits(10, 10_000));

    private int registerSmall(UUID org, long id, long atMs) {
        WorkerRegistration registration = WorkerRegistration.newBuilder()
                .setOrgId(Ids.toByteString(org))
                .setWorkerId(Ids.toByteString(new UUID(9, id)))
                .setName("w" + id)
                .setRegisteredAtMs(atMs)
                .setRequest(ByteString.copyFrom(new byte[200]))
                .build();
        small.accept(DirectoryRecord.newBuilder().setWorker(registration).build());
        return registration.getSerializedSize();
    }

    @Test
    void anOrganisationHasSoManyRegistrationsAndAnotherIsNotTouched() {
        for (int id = 0; id < 10; id++) {
            assertEquals(List.of(), small.makeRoom(ORG, 200, 1_000));
            registerSmall(ORG, id, 1_000);
        }

        DirectoryFullException refusal =
                assertThrows(DirectoryFullException.class, () -> small.makeRoom(ORG, 200, 1_000 + HOUR_MS));

        assertTrue(refusal.getMessage().contains("at most 10 registrations"), refusal.getMessage());
        assertEquals(List.of(), small.makeRoom(OTHER, 200, 1_000));
    }

    @Test
    void theBytesOfRegistrationsCountAsTheyStandOnKafka() {
        int bytes = registerSmall(ORG, 1, 1_000);

        assertEquals(List.of(), small.makeRoom(ORG, 10_000 - bytes, 1_000));
        assertThrows(DirectoryFullException.class, () -> small.makeRoom(ORG, 10_001 - bytes, 1_000));
    }

    @Test
    void thoseThatWereSilentForTheLongestTimeMakeRoom() {
        for (int id = 0; id < 10; id++) {
            registerSmall(ORG, id, 1_000 + id);
        }
        small.accept(DirectoryRecord.newBuilder()
                .setWorkerSeen(WorkerSeen.newBuilder()
                        .setOrgId(Ids.toByteString(ORG))
                        .setWorkerId(new UUID(9, 0).toString())
                        .setSeenAtMs(HOUR_MS))
                .build());

        List<String> gone = small.makeRoom(ORG, 200, 2 * HOUR_MS);

        assertEquals(List.of("worker/" + new UUID(9, 1), "worker/" + new UUID(9, 2)), gone);
        gone.forEach(small::remove);
        assertEquals(List.of(), small.makeRoom(ORG, 200, 2 * HOUR_MS));
    }

    @Test
    void namesThatAnybodyMayInventAreRememberedUpToALimit() {
        for (int i = 0; i < 10_020; i++) {
            assertTrue(small.noteSeen(ORG, "invented-" + i, 1_000, 0).isPresent());
        }

        assertTrue(small.noteSeen(ORG, "one more", 1_000, 0).isEmpty());
        assertEquals(0, small.lastSeenMs(ORG, "one more"));
        assertTrue(small.noteSeen(ORG, "invented-1", 2_000, 0).isPresent());
        assertTrue(small.noteSeen(OTHER, "one more", 1_000, 0).isPresent());
        registerSmall(ORG, 1, 1_000);
        assertTrue(small.noteSeen(ORG, new UUID(9, 1).toString(), 1_000, 0).isPresent());
    }
}
