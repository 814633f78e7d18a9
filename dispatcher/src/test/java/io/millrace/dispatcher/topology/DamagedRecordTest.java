package io.millrace.dispatcher.topology;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.DamagedRecords;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Shards;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;
import org.apache.kafka.streams.state.internals.OffsetCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A record that is not what was written: the store is filled anew, and if that does not help the partition stands still. */
class DamagedRecordTest {

    private static final TopicPartition CHANGELOG = new TopicPartition("app-state-changelog", 0);

    @TempDir
    private Path folder;

    private final UUID id = Shards.newId(0);
    private final DamagedRecords damaged = new DamagedRecords();
    private final HeldLog log = new HeldLog();

    private static final class HeldLog extends WholeLog {

        private final List<Long> held = new ArrayList<>();

        @Override
        public void hold(long offset) {
            held.add(offset);
        }
    }

    /** @return the offset of the next command */
    private long startOneAndDamageIt(KeyValueStore<Bytes, byte[]> store) {
        Owner before = Owner.owning(store, 0, folder);
        before.process(TestCommands.start(id));
        before.commit();
        Stores.committed(store).ifPresent(CommittedStore::commitWorked);
        before.close();
        List<Bytes> keys = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            all.forEachRemaining(entry -> keys.add(entry.key));
        }
        keys.stream()
                .filter(key -> key.get()[0] == Stores.prefix(Table.EXECUTIONS))
                .forEach(key -> store.put(key, "garbage".getBytes(US_ASCII)));
        return before.next();
    }

    private Owner open(KeyValueStore<Bytes, byte[]> store, long next) {
        return new Owner(store, next, folder, TenureContext.ofTheOnlyNode(), damaged, log);
    }

    private void meetDamage(KeyValueStore<Bytes, byte[]> store, long next) {
        Owner owner = open(store, next);
        assertThrows(DamagedRecordException.class, () -> {
            owner.deliver(owner.begin().toBuilder());
            owner.deliver(TestCommands.claim());
        });
        owner.close();
    }

    @Test
    void theStoreIsFilledAnewWhenItIsOpenedNext() {
        CommittedStore store = openCommitted();
        long next = startOneAndDamageIt(store);

        meetDamage(store, next);
        store.close();

        CommittedStore again = openCommitted();
        assertEquals(OffsetCheckpoint.OFFSET_UNKNOWN, again.committedOffset(CHANGELOG));
        assertEquals(0, Owner.stored(again, Table.EXECUTIONS));
        again.close();
    }

    private void readInVain(Owner owner) {
        try (Readers readers = new Readers()) {
            CompletionException failed = assertThrows(
                    CompletionException.class,
                    () -> new StateReads(owner.partitions, 1, null, readers)
                            .execution(TestCommands.ORG, id)
                            .join());
            assertInstanceOf(DamagedRecordException.class, failed.getCause());
        }
    }

    @Test
    void damageThatAReaderMeetsComesToTheSameAtTheNextStepOfTheStreamThread() {
        CommittedStore store = openCommitted();
        long next = startOneAndDamageIt(store);
        Owner owner = open(store, next);
        owner.own();

        readInVain(owner);
        assertThrows(DamagedRecordException.class, owner::tick);
        owner.close();
        store.close();

        CommittedStore again = openCommitted();
        assertEquals(OffsetCheckpoint.OFFSET_UNKNOWN, again.committedOffset(CHANGELOG));
        again.close();
    }

    @Test
    void theNextCommandIsAStepAsWell() {
        KeyValueStore<Bytes, byte[]> store = Owner.emptyStore();
        long next = startOneAndDamageIt(store);
        Owner owner = open(store, next);
        owner.own();

        readInVain(owner);
        assertThrows(DamagedRecordException.class, () -> owner.deliver(TestCommands.start(Shards.newId(0))));
        owner.close();
    }

    @Test
    void whatTheStreamThreadCanReadIsNotDamaged() {
        GarbageForReaders store = new GarbageForReaders();
        Owner before = Owner.owning(store, 0, folder);
        before.process(TestCommands.start(id));
        before.commit();
        before.close();
        Owner owner = open(store, before.next());
        owner.own();

        readInVain(owner);
        owner.tick();
        assertFalse(owner.process(TestCommands.start(Shards.newId(0))).hasRefusal());
        owner.close();
    }

    /** As if a reader met what is just being written. */
    private static final class GarbageForReaders extends InMemoryKeyValueStore {

        GarbageForReaders() {
            super(Stores.STATE);
        }

        @Override
        public byte[] get(Bytes key) {
            byte[] value = super.get(key);
            boolean reader = Thread.currentThread().getName().startsWith("millrace-readers-");
            return reader && value != null && key.get()[0] == Stores.prefix(Table.EXECUTIONS)
                    ? "garbage".getBytes(US_ASCII)
                    : value;
        }
    }

    @Test
    void whatComesBackTheSameStopsThePartition() {
        KeyValueStore<Bytes, byte[]> store = Owner.emptyStore();
        long next = startOneAndDamageIt(store);
        meetDamage(store, next);
        Owner filledAnew = open(store, next);
        assertEquals(Map.of(), filledAnew.partitions.stopped(), "once more may help");
        filledAnew.close();
        meetDamage(store, next);

        Owner stopped = open(store, next);
        stopped.deliver(TestCommands.claim());
        stopped.commit();

        assertEquals(List.of(next), log.held);
        String why = stopped.partitions.stopped().get(0);
        assertTrue(why.startsWith("partition 0 stands still: expected a record of EXECUTIONS"), why);
        assertEquals(
                2, stopped.stored(Table.PARTITION), "where the outcomes end is noted for whoever can read the state");
        stopped.close();
        assertEquals(Map.of(), stopped.partitions.stopped());
    }

    private CommittedStore openCommitted() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        CommittedStore store = new CommittedStore("state", (context, changelog) -> 3L);
        store.init(
                new MockProcessorContext<>(settings, new TaskId(0, 0), folder.toFile()).getStateStoreContext(), store);
        return store;
    }
}
