package io.millrace.dispatcher.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.Shards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.internals.OffsetCheckpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed here by copying the files of its store while it is open. */
class CommittedStoreTest {

    private static final TopicPartition CHANGELOG = new TopicPartition("app-state-changelog", 0);

    @TempDir
    private Path folder;

    private final List<CommittedStore> opened = new ArrayList<>();
    private long acknowledged;

    @AfterEach
    void closeAll() {
        opened.forEach(CommittedStore::close);
    }

    @Test
    void showsWhatIsNotYetCommittedAndForgetsItWithTheProcess() throws IOException {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        put(store, "b", "1");
        commit(store, 1);
        put(store, "a", "2");
        put(store, "b", null);
        put(store, "c", "2");
        assertEquals(Map.of("a", "2", "c", "2"), contents(store));

        CommittedStore successor = openAfterKill("a", "b");

        assertEquals(Map.of("a", "1", "b", "1"), contents(successor));
        assertEquals(1L, successor.committedOffset(CHANGELOG));
    }

    @Test
    void keepsNothingOfACommitThatItDoesNotKnowToHaveWorked() throws IOException {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        commit(store, 0);
        put(store, "a", "2");
        store.commitBegins();

        CommittedStore successor = openAfterKill("a", "b");

        assertEquals(Map.of("a", "1"), contents(successor));
        assertEquals(0L, successor.committedOffset(CHANGELOG));
    }

    @Test
    void forgetsWithATransactionThatFailed() {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        commit(store, 0);
        put(store, "a", "2");
        store.commitBegins();
        store.close();

        CommittedStore again = open(folder.resolve("a"));

        assertEquals(Map.of("a", "1"), contents(again));
    }

    @Test
    void takesNoChangeWhileItIsNotKnownWhetherTheLastOnesWereCommitted() throws IOException {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        commit(store, 0);
        put(store, "a", "2");
        store.commitBegins();
        acknowledged = 1;

        assertThrows(IllegalStateException.class, () -> put(store, "a", "3"));

        CommittedStore successor = openAfterKill("a", "b");
        assertEquals(Map.of("a", "1"), contents(successor));
        assertEquals(0L, successor.committedOffset(CHANGELOG));
    }

    /** Kafka Streams says so on the way out, whether the last transaction was committed or not. */
    @Test
    void takesNothingForCommittedBecauseItIsToldHowFarTheChangelogGoes() throws IOException {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        commit(store, 0);
        put(store, "a", "2");
        store.commit(Map.of(CHANGELOG, 6L));
        store.commitBegins();
        store.commit(Map.of(CHANGELOG, 7L));

        CommittedStore successor = openAfterKill("a", "b");

        assertEquals(Map.of("a", "1"), contents(successor));
        assertEquals(0L, successor.committedOffset(CHANGELOG));
    }

    @Test
    void takesOverHowFarItWasRestored() {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        commit(store, 0);

        store.commit(Map.of(CHANGELOG, 7L));

        assertEquals(7L, store.committedOffset(CHANGELOG));
    }

    /** The task's last command was to send one to another partition, and that has arrived when Kafka Streams asks once more. */
    @Test
    void nothingOfATransactionThatFailedIsKeptThoughItsChangesAreAskedForTwice() throws Exception {
        CommittedStore store = open(folder.resolve("a"));
        Owner owner = Owner.owning(store, 0, folder.resolve("a"));
        UUID id = Shards.newId(0);
        owner.process(TestCommands.start(id));
        owner.process(TestCommands.claim());
        owner.commit();
        acknowledged = 5;
        owner.process(TestCommands.submit(id, TestCommands.child(Shards.newId(3))));
        Map<String, String> committed = contents(openAfterKill("a", "b"));
        owner.commit();
        acknowledged = 9;
        owner.sent.take();
        owner.sent.completeNext();

        owner.commit();

        CommittedStore successor = openAfterKill("a", "c");
        assertEquals(committed, contents(successor));
        assertEquals(5L, successor.committedOffset(CHANGELOG));
        owner.close();
    }

    @Test
    void twoCommitsInARowKeepWhatTheyCommitted() throws Exception {
        CommittedStore store = open(folder.resolve("a"));
        Owner owner = Owner.owning(store, 0, folder.resolve("a"));
        UUID id = Shards.newId(0);
        owner.process(TestCommands.start(id));
        owner.process(TestCommands.claim());
        owner.process(TestCommands.submit(id, TestCommands.child(Shards.newId(3))));
        owner.commit();
        owner.sent.take();
        owner.sent.completeNext();
        owner.commit();
        acknowledged = 9;

        owner.tick();

        CommittedStore successor = openAfterKill("a", "b");
        assertEquals(contents(store), contents(successor));
        assertEquals(9L, successor.committedOffset(CHANGELOG));
        owner.commit();
        assertEquals(0, owner.stored(Table.OUTBOX), "what arrived meanwhile is struck by the next commit");
        owner.close();
    }

    @Test
    void isToBeReadFromTheBeginningWhenItIsNewOrWasFoundToBeDamaged() {
        CommittedStore store = open(folder.resolve("a"));
        assertEquals(OffsetCheckpoint.OFFSET_UNKNOWN, store.committedOffset(CHANGELOG));
        assertNull(store.committedOffset(new TopicPartition("other", 0)));
        put(store, "a", "1");
        commit(store, 5);

        store.commit(Map.of());

        assertEquals(OffsetCheckpoint.OFFSET_UNKNOWN, store.committedOffset(CHANGELOG));
    }

    @Test
    void takesNothingOverFromAStoreOfAnEarlierVersion() throws IOException {
        Path old =
                Files.createDirectories(folder.resolve("a").resolve("rocksdb").resolve("state"));
        Files.writeString(folder.resolve("a").resolve(".checkpoint"), "0\n1\napp-state-changelog 0 12\n");

        CommittedStore store = open(folder.resolve("a"));

        assertEquals(OffsetCheckpoint.OFFSET_UNKNOWN, store.committedOffset(CHANGELOG));
        assertFalse(Files.exists(old));
        assertFalse(Files.exists(folder.resolve("a").resolve(".checkpoint")));
    }

    @Test
    void remembersHowFarItWasRestored() throws IOException {
        CommittedFile file = CommittedFile.open(folder.resolve("a"));
        file.restore(List.of(record(3, "a", "1"), record(4, "b", "1"), record(6, "a", null)));
        file.write(Map.of(bytes("c"), "2".getBytes(UTF_8)), Optional.of(9L));
        copy(folder.resolve("a"), folder.resolve("b"));
        file.close();

        try (CommittedFile successor = CommittedFile.open(folder.resolve("b"))) {
            assertEquals(Optional.of(9L), successor.offset());
            assertNull(successor.get(bytes("a").get()));
            assertEquals("1", new String(successor.get(bytes("b").get()), UTF_8));
            assertEquals("2", new String(successor.get(bytes("c").get()), UTF_8));
        }
    }

    @Test
    void isMadeAnewWhenAFileOfItIsDamaged() throws IOException {
        CommittedFile made = CommittedFile.open(folder.resolve("whole"));
        made.restore(List.of(record(0, "a", "1")));
        made.write(Map.of(bytes("b"), "2".getBytes(UTF_8)), Optional.of(1L));
        made.close();
        try (Stream<Path> files = Files.list(folder.resolve("whole"))) {
            for (Path file : files.filter(path -> path.getFileName().toString().matches("CURRENT|MANIFEST.*|.*\\.sst"))
                    .toList()) {
                Path damaged = folder.resolve("damaged-" + file.getFileName());
                copy(folder.resolve("whole"), damaged);
                Files.writeString(damaged.resolve(file.getFileName()), "garbage");

                try (CommittedFile store = CommittedFile.open(damaged)) {
                    assertEquals(Optional.empty(), store.offset(), () -> file + " was damaged");
                    assertNull(store.get(bytes("a").get()));
                }
            }
        }
    }

    @Test
    void readsLikeAMapWhateverIsInMemoryAndWhateverInTheFile() {
        Random random = new Random(7);
        CommittedStore store = open(folder.resolve("a"));
        TreeMap<String, String> expected = new TreeMap<>();
        for (int i = 0; i < 2_000; i++) {
            String key = Integer.toString(random.nextInt(200), 6);
            if (random.nextInt(3) == 0) {
                put(store, key, null);
                expected.remove(key);
            } else {
                String value = random.nextInt(5) == 0 ? "" : Integer.toString(i);
                put(store, key, value);
                expected.put(key, value);
            }
            if (random.nextInt(50) == 0) {
                commit(store, i);
            }
            if (i % 20 == 0) {
                assertEquals(expected, contents(store));
                String prefix = key.substring(0, 1);
                assertEquals(
                        expected.subMap(prefix, prefix + Character.MAX_VALUE),
                        read(store.prefixScan(bytes(prefix), new BytesSerializer())));
                assertEquals(expected.subMap("2", true, "4", true), read(store.range(bytes("2"), bytes("4"))));
            }
        }
    }

    @Test
    void readersNeverMissWhatMovesFromMemoryIntoTheFile() throws Exception {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "0");
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
            int before = 0;
            while (!stop.get()) {
                int one = Integer.parseInt(new String(store.get(bytes("a")), UTF_8));
                int all = Integer.parseInt(contents(store).get("a"));
                if (one < before || all < one) {
                    throw new AssertionError("went back from " + before + " to " + one + " and " + all);
                }
                before = all;
            }
        });
        for (int i = 1; i < 3_000; i++) {
            put(store, "a", Integer.toString(i));
            commit(store, i);
        }
        stop.set(true);

        reader.get();
    }

    @Test
    void refusesReadsOnceItIsClosed() {
        CommittedStore store = open(folder.resolve("a"));
        put(store, "a", "1");
        commit(store, 0);
        KeyValueIterator<Bytes, byte[]> open = store.all();
        store.close();

        assertThrows(InvalidStateStoreException.class, () -> store.get(bytes("a")));
        assertThrows(InvalidStateStoreException.class, store::all);
        assertThrows(InvalidStateStoreException.class, open::next);
        open.close();
    }

    private CommittedStore open(Path stateDir) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        CommittedStore store = new CommittedStore("state", (context, changelog) -> acknowledged);
        store.init(
                new MockProcessorContext<>(settings, new TaskId(0, 0), stateDir.toFile()).getStateStoreContext(),
                store);
        opened.add(store);
        return store;
    }

    private CommittedStore openAfterKill(String killed, String successor) throws IOException {
        copy(folder.resolve(killed), folder.resolve(successor));
        return open(folder.resolve(successor));
    }

    /** A commit that worked. */
    private void commit(CommittedStore store, long offset) {
        store.commitBegins();
        acknowledged = offset;
        store.commitWorked();
    }

    private static void put(CommittedStore store, String key, String value) {
        store.put(bytes(key), value == null ? null : value.getBytes(UTF_8));
    }

    private static Map<String, String> contents(CommittedStore store) {
        return read(store.all());
    }

    private static Map<String, String> read(KeyValueIterator<Bytes, byte[]> entries) {
        Map<String, String> read = new TreeMap<>();
        try (entries) {
            while (entries.hasNext()) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                read.put(new String(entry.key.get(), UTF_8), new String(entry.value, UTF_8));
            }
        }
        return read;
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, String key, String value) {
        return new ConsumerRecord<>(
                CHANGELOG.topic(), 0, offset, bytes(key).get(), value == null ? null : value.getBytes(UTF_8));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(UTF_8));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }
}
