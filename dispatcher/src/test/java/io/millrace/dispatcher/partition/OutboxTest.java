package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever fails or crashes: every command arrives, and those for one execution or key first arrive in the order decided. */
class OutboxTest {

    private static final UUID ORG = new UUID(7, 7);
    private static final int PARTITIONS = 4;
    /** Shards of the commands that each command of the log decides; 1, 5 and 9 are of one partition. */
    private static final int[][] DECIDED = {{5}, {5, 9}, {}, {6, 5}, {9}, {1, 9, 5}, {6}, {5, 5}};

    /** What becomes of a command that fails. */
    private enum Failure {
        LOST,
        ARRIVED_ALL_THE_SAME
    }

    /** Where nobody asks how long anything waits. */
    private static final BlockedLanes UNASKED = new BlockedLanes(System::nanoTime);

    private record Sent(int partition, UUID id, Consumer<Exception> done) {}

    /** Between the partitions: what is under way, and what has arrived where. */
    private static final class Network implements CommandWriter {
        private final List<Sent> underWay = new ArrayList<>();
        private final List<Sent> ofTheDead = new ArrayList<>();
        private final List<UUID> arrived = new ArrayList<>();
        private int written;
        private int failAt = -1;
        private Failure failure;

        @Override
        public int partitions() {
            return PARTITIONS;
        }

        @Override
        public void write(int partition, byte[] key, byte[] value, Consumer<Exception> done) {
            Sent sent = new Sent(partition, Bytes.reader(key).rawId(), done);
            if (written++ == failAt) {
                underWay.add(new Sent(partition, sent.id, ignored -> {
                    if (failure == Failure.LOST) {
                        arrived.remove(arrived.size() - 1);
                    }
                    done.accept(new IllegalStateException("failed, for the test"));
                }));
            } else {
                underWay.add(sent);
            }
        }

        /** The oldest of those under way arrives. */
        void arrive() {
            arrive(underWay.removeFirst());
        }

        private void arrive(Sent sent) {
            arrived.add(sent.id);
            sent.done.accept(null);
        }

        /** One of those under way is refused before anything of it is written. */
        void refuse(int which) {
            underWay.remove(which).done.accept(new IllegalStateException("refused, for the test"));
        }

        /** Who sent them is dead: nobody hears of them any more, and they arrive late or never. */
        void senderDied() {
            underWay.forEach(sent -> ofTheDead.add(new Sent(sent.partition, sent.id, failure -> {})));
            underWay.clear();
        }

        /** @return all that arrived for the shard, each once */
        List<UUID> first(int shard) {
            return arrived.stream()
                    .filter(id -> shardOf(id) == shard)
                    .distinct()
                    .toList();
        }

        private static int shardOf(UUID id) {
            return (int) (id.getLeastSignificantBits() >> 32);
        }
    }

    /** A partition with its log, as far as its outbox is concerned. */
    private static final class Source {
        private final Network network;
        private MemoryStorage storage = new MemoryStorage();
        private MemoryStorage committed = new MemoryStorage();
        private int next;
        private int committedNext;
        private Outbox outbox;

        Source(Network network) {
            this.network = network;
            outbox = new Outbox(storage, network, 0, UNASKED);
        }

        void process() {
            List<Outgoing> decided = new ArrayList<>();
            for (int which = 0; which < DECIDED[next].length; which++) {
                decided.add(outgoing(next, which));
            }
            outbox.send(decided, 1_000, 0, next++, false);
        }

        void commit() {
            outbox.flush();
            committed = storage.copy();
            committedNext = next;
        }

        void crash() {
            network.senderDied();
            storage = committed.copy();
            next = committedNext;
            outbox = new Outbox(storage, network, 0, UNASKED);
        }

        boolean done() {
            return next == DECIDED.length;
        }

        void finish() {
            while (!done()) {
                process();
            }
            while (!outbox.empty()) {
                outbox.retry();
                while (!network.underWay.isEmpty()) {
                    network.arrive();
                }
                commit();
            }
        }
    }

    private static UUID id(int offset, int which, int shard) {
        return new UUID(0x1000, (long) shard << 32 | offset * 10L + which);
    }

    private static Outgoing outgoing(int offset, int which) {
        int shard = DECIDED[offset][which];
        UUID id = id(offset, which, shard);
        return new Outgoing(id, ORG, shard, new CancelWorkflow(id, "enough", "tester"));
    }

    private static List<UUID> decided(int shard) {
        List<UUID> ids = new ArrayList<>();
        for (int offset = 0; offset < DECIDED.length; offset++) {
            for (int which = 0; which < DECIDED[offset].length; which++) {
                if (DECIDED[offset][which] == shard) {
                    ids.add(id(offset, which, shard));
                }
            }
        }
        return ids;
    }

    private static void assertArrivedInOrder(Network network, Source source, String run) {
        for (int shard : new int[] {1, 5, 6, 9}) {
            assertEquals(decided(shard), network.first(shard), () -> "shard " + shard + " of " + run);
        }
        assertEquals(0, source.storage.size(Table.OUTBOX), run);
    }

    @Test
    void commandsForOnePartitionFollowEachOtherAtOnceInTheOrderDecided() {
        Network network = new Network();
        Source source = new Source(network);
        source.process();
        assertEquals(1, network.underWay.size());
        source.process();
        assertEquals(
                1, network.underWay.size(), "the next is for the same shard, and the one behind it stays behind it");
        network.arrive();
        assertEquals(2, network.underWay.size(), "that one for another shard leaves right behind it");
        assertEquals(id(1, 0, 5), network.underWay.get(0).id);
        assertEquals(id(1, 1, 9), network.underWay.get(1).id);
    }

    @Test
    void theChildrenOfAParentNeedNotWaitForEachOther() {
        Network network = new Network();
        Outbox outbox = new Outbox(new MemoryStorage(), network, 0, UNASKED);
        UUID parent = id(0, 0, 5);
        List<Outgoing> closed = new ArrayList<>();
        for (int child = 1; child <= 10; child++) {
            UUID id = id(child, 0, 5);
            closed.add(new Outgoing(
                    id,
                    ORG,
                    5,
                    new ChildClosed(parent, id, "child-" + child, ChildOutcome.COMPLETED, Payload.of("1"), "")));
        }
        outbox.send(closed, 1_000, 0, 0, false);
        assertEquals(
                closed.stream().map(Outgoing::commandId).toList(),
                network.underWay.stream().map(Sent::id).toList());
    }

    @Test
    void itIsKnownHowLongKafkaTakesNothing() {
        AtomicLong nanos = new AtomicLong();
        BlockedLanes lanes = new BlockedLanes(nanos::get);
        Network network = new Network();
        Outbox outbox = new Outbox(new MemoryStorage(), network, 0, lanes);
        outbox.send(List.of(cancel(1, 5), cancel(2, 6)), 1_000, 0, 0, false);
        assertEquals(0, lanes.longestMs());
        network.refuse(0);
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(3));
        network.refuse(0);
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        outbox.retry();
        network.refuse(0);
        assertEquals(240_000, lanes.longestMs());

        network.arrive();
        assertEquals(240_000, lanes.longestMs(), "of the first, which failed again");
        outbox.retry();
        network.arrive();
        assertEquals(0, lanes.longestMs());

        outbox.send(List.of(cancel(3, 5)), 1_000, 0, 1, false);
        network.refuse(0);
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertEquals(60_000, lanes.longestMs());
        outbox.close();
        assertEquals(0, lanes.longestMs(), "whoever opens the partition next sends it");
    }

    private static Outgoing cancel(int which, int shard) {
        UUID id = id(which, 0, shard);
        return new Outgoing(id, ORG, shard, new CancelWorkflow(id, "enough", "test"));
    }

    @Test
    void whatFollowsAFailedOneWaitsUntilItHasBeenSent() {
        Network network = new Network();
        Source source = new Source(network);
        source.process();
        source.process();
        source.process();
        source.process();
        network.refuse(0);
        assertEquals(
                List.of(id(3, 0, 6)), network.underWay.stream().map(Sent::id).toList(), "another partition's");
        network.arrive();
        assertTrue(network.underWay.isEmpty());

        source.outbox.retry();

        assertEquals(
                List.of(id(0, 0, 5)), network.underWay.stream().map(Sent::id).toList());
        source.finish();
        assertArrivedInOrder(network, source, "a refusal");
    }

    /** Each run crashes at another step, and fails the send of another command. */
    @ParameterizedTest
    @EnumSource(Failure.class)
    void theOrderHoldsWhereverItCrashesAndWhicheverSendFails(Failure failure) {
        for (int crashAt = 0; crashAt <= 3 * DECIDED.length; crashAt++) {
            for (int failAt = 0; failAt < 30; failAt++) {
                for (boolean arriving : new boolean[] {true, false}) {
                    run(crashAt, failAt, failure, arriving);
                }
            }
        }
    }

    /** Steps: a command, one arrival or none, a commit after every other command. */
    private static void run(int crashAt, int failAt, Failure failure, boolean arriving) {
        Network network = new Network();
        network.failAt = failAt;
        network.failure = failure;
        Source source = new Source(network);
        for (int step = 0; !source.done(); step++) {
            if (step == crashAt) {
                source.crash();
            } else if (step % 3 == 0) {
                source.process();
            } else if (step % 3 == 1 && arriving && !network.underWay.isEmpty()) {
                network.arrive();
            } else if (step % 6 == 2) {
                source.commit();
            }
        }
        source.finish();
        assertArrivedInOrder(network, source, "crash at " + crashAt + ", failure at " + failAt + ", " + arriving);
    }

    @Test
    void theOrderHoldsWhateverHappensInWhateverOrder() {
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            Network network = new Network();
            Source source = new Source(network);
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> source.crash();
                    case 1 -> source.commit();
                    case 2 -> source.outbox.retry();
                    case 3, 4 -> {
                        if (!network.underWay.isEmpty()) {
                            network.refuse(random.nextInt(network.underWay.size()));
                        }
                    }
                    case 5 -> {
                        if (!network.ofTheDead.isEmpty()) {
                            network.arrive(network.ofTheDead.removeFirst());
                        }
                    }
                    case 6, 7, 8 -> {
                        if (!network.underWay.isEmpty()) {
                            network.arrive();
                        }
                    }
                    default -> {
                        if (!source.done()) {
                            source.process();
                        }
                    }
                }
            }
            source.finish();
            assertArrivedInOrder(network, source, "seed " + seed);
        }
    }

    @Test
    void noCommandStaysInTheStoreWhenOneThatFollowedItIsStruck() {
        Network network = new Network();
        MemoryStorage stored = new MemoryStorage();
        Outbox outbox = new Outbox(new ArrivingMeanwhile(stored, network), network, 0, UNASKED);
        outbox.send(List.of(outgoing(0, 0)), 1_000, 0, 0, false);
        outbox.send(List.of(outgoing(1, 0)), 1_000, 0, 1, false);

        outbox.flush();

        assertEquals(List.of(id(0, 0, 5), id(1, 0, 5)), network.arrived);
        Network afterACrash = new Network();
        new Outbox(stored, afterACrash, 0, UNASKED);
        assertEquals(
                List.of(id(1, 0, 5)),
                afterACrash.underWay.stream().map(Sent::id).toList());
    }

    /** Whenever one is stored, all that is under way arrives. */
    private record ArrivingMeanwhile(MemoryStorage stored, Network network) implements Storage {

        @Override
        public byte[] get(Table table, byte[] key) {
            return stored.get(table, key);
        }

        @Override
        public void put(Table table, byte[] key, byte[] value) {
            stored.put(table, key, value);
            while (!network.underWay.isEmpty()) {
                network.arrive();
            }
        }

        @Override
        public void scan(Table table, byte[] prefix, Visitor visitor) {
            stored.scan(table, prefix, visitor);
        }

        @Override
        public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
            stored.scanFrom(table, firstKey, visitor);
        }
    }

    @Test
    void whoHasThePartitionNoMoreSendsNothing() {
        Network network = new Network();
        Source source = new Source(network);
        source.process();
        source.process();
        assertEquals(1, network.underWay.size());

        source.outbox.close();
        network.arrive();
        source.outbox.retry();

        assertTrue(network.underWay.isEmpty(), "the next owner sends what is stored");
        assertEquals(List.of(id(0, 0, 5)), network.arrived);
    }

    @Test
    void whatWasStoredBeforeThereWasAnOrderGoesFirst() {
        MemoryStorage storage = new MemoryStorage();
        UUID early = new UUID(-1, -1);
        UUID other = new UUID(3, 3);
        for (UUID id : List.of(early, other)) {
            storage.put(
                    Table.OUTBOX,
                    Bytes.writer().rawId(id).finish(),
                    Bytes.writer().i32(1).raw(new byte[] {8, 1}).finish());
        }
        Network network = new Network();
        Outbox outbox = new Outbox(storage, network, 0, UNASKED);
        outbox.send(List.of(outgoing(0, 0)), 1_000, 0, 0, false);
        outbox.flush();
        assertEquals(3, storage.size(Table.OUTBOX));

        Outbox next = new Outbox(storage.copy(), new Network(), 0, UNASKED);
        assertEquals(1, network.underWay.size());
        network.arrive();
        network.arrive();
        network.arrive();

        assertEquals(List.of(other, early, id(0, 0, 5)), network.arrived);
        outbox.flush();
        assertTrue(outbox.empty());
        assertEquals(0, storage.size(Table.OUTBOX));
        assertTrue(!next.empty());
    }
}
