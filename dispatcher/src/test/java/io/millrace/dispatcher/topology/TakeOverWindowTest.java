package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.partition.Announcements;
import io.millrace.dispatcher.partition.Instance;
import io.millrace.dispatcher.partition.ScriptedLease;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.partition.TenureState;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.BeginTenure;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node says of a partition before it owns it, while that is not certain, and after it was lost: nothing. */
class TakeOverWindowTest {

    @TempDir
    private Path folder;

    private final UUID id = Shards.newId(0);
    private final ScriptedLease lease = new ScriptedLease();

    /** One who was given the partition, and whose tenure has still to begin. */
    private Owner given(KeyValueStore<Bytes, byte[]> store, long offset) {
        return new Owner(
                store,
                offset,
                folder,
                new TenureContext(new Instance(0), () -> lease, Announcements.NONE, System::nanoTime, () -> false));
    }

    private static StateReads reads(Owner owner) {
        return new StateReads(owner.partitions, 1, null, new Readers());
    }

    private int historyOf(Owner owner) {
        return reads(owner).execution(TestCommands.ORG, id).join().orElseThrow().getHistoryLength();
    }

    private void assertSilent(Owner owner) {
        StateReads reads = reads(owner);
        assertFalse(reads.owns(0));
        assertUnavailable(reads.execution(TestCommands.ORG, id));
        assertUnavailable(reads.history(TestCommands.ORG, id));
        assertUnavailable(reads.findTask(TestCommands.ORG, id, Set.of(0)));
        assertUnavailable(reads.queues(TestCommands.ORG, Set.of(0), new QueuePart.Asked(null, 1)));
        List<WatchStep> steps = new ArrayList<>();
        reads.watch(
                        WatchRequest.newBuilder()
                                .setOrgId(Ids.toByteString(TestCommands.ORG))
                                .setExecutionId(Ids.toByteString(id))
                                .build(),
                        steps::add)
                .next();
        assertEquals(WatchStep.End.MOVED, steps.getFirst().getEnd());
        int said = owner.levels.size();
        owner.repeat();
        assertEquals(said, owner.levels.size());
        assertFalse(owner.partitions.get(0).tenure().timers());
    }

    private static void assertUnavailable(CompletableFuture<?> read) {
        CompletionException failure = assertThrows(CompletionException.class, read::join);
        assertInstanceOf(ReadsUnavailableException.class, failure.getCause());
    }

    private static CommandRecord.Builder beginningOf(String node) {
        return TestCommands.command()
                .clearReplyNode()
                .setBeginTenure(BeginTenure.newBuilder()
                        .setTenureId(Ids.toByteString(UUID.randomUUID()))
                        .setNode(node)
                        .setKnownRules(1));
    }

    private static KeyValueStore<Bytes, byte[]> copy(KeyValueStore<Bytes, byte[]> store) {
        KeyValueStore<Bytes, byte[]> copy = Owner.emptyStore();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                copy.put(entry.key, entry.value);
            }
        }
        return copy;
    }

    @Test
    void whereverTheOwnerDiesTheNextOneIsSilentUntilItHasCaughtUpAndThenKnowsAll() {
        List<CommandRecord.Builder> log = List.of(
                TestCommands.start(id),
                TestCommands.claim(),
                TestCommands.submit(id, TestCommands.timer("t", 500)),
                TestCommands.start(Shards.newId(0)));
        for (int committed = 0; committed <= log.size(); committed++) {
            Owner first = given(Owner.emptyStore(), 0);
            first.own();
            KeyValueStore<Bytes, byte[]> store = null;
            for (int i = 0; i <= log.size(); i++) {
                if (i == committed) {
                    first.commit();
                    store = copy(first.store);
                }
                if (i < log.size()) {
                    first.process(log.get(i));
                }
            }
            int acknowledged = historyOf(first);

            Owner second = given(store, 1 + committed);
            assertSilent(second);
            for (int i = committed; i < log.size(); i++) {
                second.process(log.get(i));
                assertSilent(second);
            }
            assertEquals(log.size() - committed, second.replies.size(), "their callers wait");
            second.own();

            assertEquals(acknowledged, historyOf(second), "after a commit behind " + committed);
            assertFalse(second.levels.isEmpty(), "what stands ready is said at once");
        }
    }

    @Test
    void anAnswerWaitsWhileAnotherMayStillServeReadsWithoutHavingDoneIt() {
        Owner first = given(Owner.emptyStore(), 0);
        first.process(beginningOf("elsewhere"));
        first.commit();
        lease.formerOwnersOut = false;

        Owner second = given(copy(first.store), 1);
        second.process(TestCommands.start(id));
        second.own();
        second.tick();
        assertTrue(second.replies.isEmpty());
        assertSilent(second);

        lease.formerOwnersOut = true;
        second.tick();
        assertEquals(1, second.replies.size());
        assertEquals(1, historyOf(second));
        assertFalse(second.levels.isEmpty());
    }

    @Test
    void whoCannotBeCertainAnswersNoReadsUntilItIsAgain() {
        Owner owner = given(Owner.emptyStore(), 0);
        owner.own();
        owner.process(TestCommands.start(id));
        lease.holds = false;
        assertSilent(owner);
        lease.holds = true;
        assertEquals(1, historyOf(owner));
    }

    @Test
    void whoComesUponALaterTenureSaysNothingMore() {
        Owner owner = given(Owner.emptyStore(), 0);
        owner.own();
        owner.process(TestCommands.start(id));
        owner.process(beginningOf("elsewhere"));
        owner.process(TestCommands.start(Shards.newId(0)));

        assertSilent(owner);
        assertEquals(1, owner.replies.size(), "the other gives the second answer");
        owner.tick();
        assertEquals(TenureState.CONTESTED, owner.partitions.get(0).tenure());
    }

    @Test
    void aPartitionThatTheGroupLeftHereIsOwnedAgainWithWhatWasDoneMeanwhile() {
        Owner owner = given(Owner.emptyStore(), 0);
        owner.own();
        owner.process(beginningOf("elsewhere"));
        owner.process(TestCommands.start(id));
        lease.confirmedAt = Long.MAX_VALUE;
        owner.tick();
        owner.own();
        owner.tick();

        assertEquals(1, owner.replies.size());
        assertEquals(1, historyOf(owner));
    }
}
