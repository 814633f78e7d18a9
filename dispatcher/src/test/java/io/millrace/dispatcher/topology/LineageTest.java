package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores of several nodes, one after the other, upon one changelog that may lose its end. */
class LineageTest {

    private static final byte[] VALUE = {1};

    @TempDir
    private Path folder;

    /** Records by offset; ends of transactions take places too. */
    private final TreeMap<Long, ConsumerRecord<byte[], byte[]>> changelog = new TreeMap<>();

    private long end;
    private long owners;

    /** A node that owns the partition for a while. */
    private final class Node implements AutoCloseable {
        private final CommittedStore store =
                new CommittedStore("state", (context, partition) -> changelog.isEmpty() ? null : changelog.lastKey());

        private byte[] lineage;

        Node(String name) {
            Properties settings = new Properties();
            settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
            settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
            store.init(
                    new MockProcessorContext<>(
                                    settings,
                                    new TaskId(0, 0),
                                    folder.resolve(name).toFile())
                            .getStateStoreContext(),
                    store);
            Long from = store.committedOffset(new TopicPartition("app-state-changelog", 0));
            try {
                // Kafka Streams hands over some at a time, and may be killed after each.
                for (ConsumerRecord<byte[], byte[]> record :
                        changelog.tailMap(from, false).values()) {
                    store.restore(List.of(record));
                }
            } catch (ProcessorStateException e) {
                store.close();
                throw e;
            }
        }

        Node begins() {
            lineage = store.newOwner(++owners);
            return this;
        }

        Node writes(int... keys) {
            IntStream.of(keys).forEach(key -> put(Bytes.wrap(new byte[] {9, (byte) key}), VALUE));
            return this;
        }

        private void put(Bytes key, byte[] value) {
            store.put(key, value);
            changelog.put(end, new ConsumerRecord<>("changelog", 0, end, key.get(), value));
            end++;
        }

        Node commits() {
            put(Stores.LINEAGE, lineage);
            store.commitBegins();
            store.commitWorked();
            end++;
            return this;
        }

        void commitsAndDies() {
            put(Stores.LINEAGE, lineage);
            store.commitBegins();
            end++;
        }

        List<Integer> keys() {
            List<Integer> keys = new ArrayList<>();
            store.all().forEachRemaining(entry -> {
                if (entry.key.get()[0] == 9) {
                    keys.add((int) entry.key.get()[1]);
                }
            });
            return keys;
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private void cut(long from) {
        changelog.tailMap(from, true).clear();
        end = from;
    }

    @Test
    void aChangelogThatWasCutAndFilledAgainBeyondAStoreIsNoticedAndTheStoreIsReadAnew() {
        try (Node a = new Node("a")) {
            a.begins().writes(1).commits().writes(2, 3, 4).commits();
        }
        cut(3); // behind the first commit: 2, 3 and 4 are lost
        try (Node b = new Node("b")) {
            assertEquals(List.of(1), b.keys());
            b.begins().writes(5, 6, 7, 8).commits().writes(9, 10).commits();
        }

        ProcessorStateException mixed = assertThrows(ProcessorStateException.class, () -> new Node("a"));
        assertTrue(
                mixed.getMessage()
                        .endsWith(
                                "expected the next owner to have begun behind offset 6 of the changelog, up to which the store"
                                        + " goes, but it began behind 1: the changelog lost its end, and was filled again"),
                mixed.getMessage());
        try (Node a = new Node("a")) {
            assertEquals(List.of(1, 5, 6, 7, 8, 9, 10), a.keys());
        }
        assertTrue(Files.exists(folder.resolve("a/committed/state.damaged")), "it is put aside");
    }

    @Test
    void aStoreThatIsBehindGoesOnHoweverManyOwnedItSince() {
        try (Node a = new Node("a")) {
            a.begins().writes(1).commits();
            assertEquals(List.of(1), a.keys());
        }
        for (int i = 0; i < 5; i++) {
            try (Node b = new Node("b")) {
                b.begins().writes(2 + i).commits();
            }
            new Node("c").close();
        }
        try (Node a = new Node("a")) {
            assertEquals(List.of(1, 2, 3, 4, 5, 6), a.keys());
            a.store.commit(Map.of(new TopicPartition("app-state-changelog", 0), end - 1));
            a.begins().writes(7).commits();
        }
        try (Node b = new Node("b")) {
            assertEquals(List.of(1, 2, 3, 4, 5, 6, 7), b.keys());
        }
    }

    /** Its last commit came through, but the process was killed before it knew. */
    @Test
    void anOwnerThatWasKilledGoesOnUponItsOwnRecords() {
        try (Node a = new Node("a")) {
            a.begins().writes(1).commits().writes(2).commitsAndDies();
        }
        try (Node a = new Node("a")) {
            assertEquals(List.of(1, 2), a.keys());
            a.begins().writes(3).commitsAndDies();
        }
        try (Node a = new Node("a")) {
            assertEquals(List.of(1, 2, 3), a.keys());
        }
    }

    @Test
    void whatCannotBeComparedDoesNotFit() {
        Lineage one = Lineage.NONE.followedBy(1, Lineage.BEGINNING);
        assertTrue(Lineage.NONE.parted(Optional.of(5L), one).isPresent(), "of a time when no owner was noted");
        assertTrue(one.parted(Optional.of(5L), Lineage.NONE.followedBy(2, 7)).isPresent());
        Lineage many = one;
        for (int i = 2; i <= Lineage.KEPT + 1; i++) {
            many = many.followedBy(i, 10L * i);
        }
        assertEquals(Lineage.KEPT, many.stretches().size());
        assertTrue(one.parted(Optional.of(5L), many).isPresent(), "its owner is forgotten");
        assertEquals(many, Lineage.of(many.stored()));
    }
}
