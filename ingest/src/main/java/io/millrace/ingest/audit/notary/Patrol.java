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
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.thread.WokenThread;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads old outcomes and commands again, at a low rate, from the first to the last and then from the first again. Holds
 * them against the entries that were made of them, and those against the checkpoint. So what is changed long after is
 * found without anybody asking. A thread of its own.
 */
final class Patrol implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Patrol.class);
    private static final long IDLE_MS = 1_000;

    private final NotaryConfig config;
    private final LogStore store;
    private final Outage outage = new Outage("the patrol of the transparency logs cannot go on, will try again");
    private final WokenThread thread;
    private final TreeHasher hasher = new TreeHasher();
    private final RecordHasher records = new RecordHasher();
    private volatile List<Integer> own = List.of();

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

    /** Has these partitions from now on. */
    void have(List<Integer> partitions) {
        own = partitions;
    }

    private void run() {
        try (RecordsAgain log =
                new RecordsAgain(CommittedReader.open(config.database().kafka(), Map.of()))) {
            while (thread.running()) {
                long restMs = IDLE_MS;
                try {
                    int looked = 0;
                    boolean all = true;
                    for (int partition : own) {
                        try {
                            looked += look(log, partition);
                        } catch (NotaryException trouble) {
                            // Of the database, and so no fault of the records; the other partitions may be well.
                            outage.failed(trouble);
                            all = false;
                        }
                    }
                    restMs = Math.max(IDLE_MS, 1_000L * looked / config.patrolRate());
                    if (all) {
                        outage.over();
                    }
                } catch (SQLException | RuntimeException e) {
                    if (thread.running()) {
                        outage.failed(e);
                    }
                }
                LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(restMs));
            }
        }
    }

    /** @return how many outcomes it has read */
    private int look(RecordsAgain log, int partition) throws SQLException {
        Optional<LogState> found = store.state(partition);
        if (found.isEmpty()
                || found.get().checkpoint().isEmpty()
                || found.get().fault().isPresent()) {
            return 0;
        }
        LogState state = found.get();
        Checkpoint checkpoint = Checkpoint.parse(state.checkpoint().get().text());
        long bundle = state.patrolNext() / TilePath.FULL;
        int width = (int) Math.min(TilePath.FULL, checkpoint.size() - bundle * TilePath.FULL);
        try {
            checkBundle(log, partition, checkpoint, bundle, width);
        } catch (TlogException broken) {
            store.fault(partition, broken.getMessage());
            LOG.error(
                    "the transparency log of partition {} is broken, nothing more is signed: {}",
                    partition,
                    broken.getMessage());
            return width;
        }
        boolean through = width < TilePath.FULL || (bundle + 1) * TilePath.FULL >= checkpoint.size();
        store.patrolled(
                partition, through ? 0 : (bundle + 1) * TilePath.FULL, state.patrolRounds() + (through ? 1 : 0));
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
