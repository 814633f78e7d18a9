package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.proof.RecordHasher;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TiledTree;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.thread.WokenThread;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads old outcomes and commands again, at a low rate, from the first to the last and then from the first again. Holds
 * them against the entries that were made of them, and those against the checkpoint. So what is changed long after is
 * found without anybody asking. A thread of its own.
 */
final class Patrol implements AutoCloseable {

    private static final long IDLE_MS = 1_000;

    private final NotaryConfig config;
    private final LogStore store;
    private final Map<Integer, Trouble> troubles = new HashMap<>();
    private final WokenThread thread;
    private final TreeHasher hasher = new TreeHasher();
    private final RecordHasher records = new RecordHasher();
    private final Map<Integer, Beat> beats = new ConcurrentHashMap<>();

    /** The log of one partition. What the patrol believes of it comes from the notary, and not from the database. */
    private static final class Beat {
        /** The tree that is looked at; nothing: none for now. */
        private volatile Optional<Checkpoint> tree = Optional.empty();
        /** What is wrong, until the notary has heard of it. */
        private final AtomicReference<Optional<String>> found = new AtomicReference<>(Optional.empty());
        /** The bundle that comes next; −1: it is to begin somewhere. The patrol's thread only. */
        private long next = -1;
        /** Bundles until the round is over. */
        private long left;
    }

    Patrol(NotaryConfig config, LogStore store) {
        this.config = config;
        this.store = store;
        this.thread = new WokenThread("millrace-patrol", this::run);
    }

    /** Begins, unless its rate is nothing. */
    void start() {
        if (config.patrolRate() > 0) {
            thread.start();
        }
    }

    /** Has these partitions from now on, and waits until it is told of their trees. */
    void have(Collection<Integer> partitions) {
        beats.keySet().retainAll(partitions);
        partitions.forEach(partition -> watch(partition, Optional.empty()));
    }

    /**
     * Says which tree to look at from now on.
     *
     * @param verified a checkpoint that the notary has held against the tree; nothing: none is looked at
     */
    void watch(int partition, Optional<Checkpoint> verified) {
        beats.computeIfAbsent(partition, unknown -> new Beat()).tree = verified;
    }

    /** @return what is wrong with the log of the partition, if that was found since the last call */
    Optional<String> found(int partition) {
        Beat beat = beats.get(partition);
        return beat == null ? Optional.empty() : beat.found.getAndSet(Optional.empty());
    }

    private void run() {
        try (RecordsAgain log =
                new RecordsAgain(CommittedReader.openForTurns(config.database().kafka(), Map.of()))) {
            while (thread.running()) {
                int looked = 0;
                for (Map.Entry<Integer, Beat> beat : beats.entrySet()) {
                    looked += tryLook(log, beat.getKey(), beat.getValue());
                }
                long restMs = Math.max(IDLE_MS, 1_000L * looked / config.patrolRate());
                LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(restMs));
            }
        }
    }

    /** What is no fault of the records, such as trouble of the database, is tried again; the other partitions may be well. */
    private int tryLook(RecordsAgain log, int partition, Beat beat) {
        Trouble trouble = troubles.computeIfAbsent(
                partition,
                unknown -> new Trouble("the patrol of the transparency log of partition " + unknown
                        + " cannot go on, will try again"));
        if (!thread.running() || trouble.rests()) {
            return 0;
        }
        try {
            int looked = look(log, partition, beat);
            trouble.well();
            return looked;
        } catch (SQLException | RuntimeException e) {
            if (thread.running()) {
                trouble.failed(e);
            }
            return 0;
        }
    }

    /** @return how many outcomes it has read */
    private int look(RecordsAgain log, int partition, Beat beat) throws SQLException {
        Optional<Checkpoint> tree = beat.tree;
        if (tree.isEmpty() || tree.get().size() == 0) {
            return 0;
        }
        Checkpoint checkpoint = tree.get();
        long bundles = (checkpoint.size() - 1) / TilePath.FULL + 1;
        if (beat.next < 0 || beat.next >= bundles) {
            // Anywhere: a node that is often started anew would never come to the end.
            beat.next = beat.next < 0 ? ThreadLocalRandom.current().nextLong(bundles) : 0;
            beat.left = bundles;
        }
        int width = (int) Math.min(TilePath.FULL, checkpoint.size() - beat.next * TilePath.FULL);
        try {
            checkBundle(log, partition, checkpoint, beat.next, width);
        } catch (TlogException broken) {
            beat.tree = Optional.empty();
            beat.found.set(Optional.of(broken.getMessage()));
            return width;
        }
        beat.next = beat.next + 1 >= bundles ? 0 : beat.next + 1;
        beat.left--;
        boolean through = beat.left <= 0;
        if (through) {
            beat.left = bundles;
        }
        store.patrolled(partition, beat.next * TilePath.FULL, through ? 1 : 0);
        return width;
    }

    private void checkBundle(RecordsAgain log, int partition, Checkpoint checkpoint, long bundle, int width) {
        List<byte[]> entries =
                EntryBundle.decode(store.reader(partition).read(new TilePath(TilePath.ENTRIES, bundle, width)));
        checkTree(partition, checkpoint, bundle, entries);
        List<OutcomeLeaf> leaves = entries.stream().map(OutcomeLeaf::decode).toList();
        TopicPartition outcomes = new TopicPartition(Topics.EVENTS, partition);
        TopicPartition commands = new TopicPartition(Topics.COMMANDS, partition);
        log.assign(List.of(outcomes, commands));
        long next = leaves.getFirst().outcomeOffset();
        for (int i = 0; i < leaves.size(); i++) {
            OutcomeLeaf leaf = leaves.get(i);
            checkOutcome(log.next(outcomes, next), leaf, bundle * TilePath.FULL + i);
            if (leaf.commandOffset() >= 0) {
                checkCommand(log.at(commands, leaf.commandOffset()), leaf, bundle * TilePath.FULL + i);
            }
            next = leaf.outcomeOffset() + 1;
        }
    }

    private void checkOutcome(Optional<LoggedRecord> found, OutcomeLeaf leaf, long index) {
        if (found.isEmpty() || found.get().offset() != leaf.outcomeOffset()) {
            throw new TlogException("expected the outcome of leaf " + index + " of partition " + leaf.partition()
                    + " at offset " + leaf.outcomeOffset() + ", but there is "
                    + found.map(other -> "one at offset " + other.offset() + " first")
                            .orElse("none"));
        }
        if (!records.hash(found.get()).equals(leaf.outcome())) {
            throw new TlogException("expected the outcome at offset " + leaf.outcomeOffset() + " of partition "
                    + leaf.partition() + " to be as leaf " + index + " has it, but it was changed");
        }
    }

    private void checkCommand(Optional<LoggedRecord> found, OutcomeLeaf leaf, long index) {
        if (found.isEmpty() || !records.hash(found.get()).equals(leaf.command())) {
            throw new TlogException("expected the command at offset " + leaf.commandOffset() + " of partition "
                    + leaf.partition() + " to be as leaf " + index + " has it, but it "
                    + (found.isEmpty() ? "is gone" : "was changed"));
        }
    }

    /** The first leaf leads to the root by way of all others of its bundle. */
    private void checkTree(int partition, Checkpoint checkpoint, long bundle, List<byte[]> entries) {
        long first = bundle * TilePath.FULL;
        TiledTree tree = new TiledTree(hasher, checkpoint.size(), store.reader(partition));
        MerkleProofs proofs = new MerkleProofs(hasher);
        for (int i = 0; i < entries.size(); i++) {
            if (!hasher.leaf(entries.get(i)).equals(tree.subtree(0, first + i))) {
                throw new TlogException("expected entry " + (first + i) + " of partition " + partition
                        + " to fit its tile, but one of the two was changed");
            }
        }
        if (!proofs.rootByInclusion(
                        first,
                        checkpoint.size(),
                        hasher.leaf(entries.getFirst()),
                        proofs.inclusion(first, checkpoint.size(), tree))
                .equals(checkpoint.root())) {
            throw new TlogException("expected the tiles above entry " + first + " of partition " + partition
                    + " to lead to the root of the checkpoint at size " + checkpoint.size()
                    + ", but a tile was changed");
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
