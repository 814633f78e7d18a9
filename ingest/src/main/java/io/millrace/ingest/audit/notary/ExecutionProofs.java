package io.millrace.ingest.audit.notary;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.proof.ProofHead;
import io.millrace.ingest.audit.proof.ProofJson;
import io.millrace.ingest.audit.proof.ProvedRecord;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TiledTree;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RefusalReason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Makes files of proofs. The read model tells where the outcomes of an execution are, and is not believed. What it
 * leaves out is missing in the numbers of the events, and whoever checks the file sees that. Any thread; a few at a
 * time.
 */
final class ExecutionProofs {

    private static final String OFFSETS = "SELECT DISTINCT unnest(event_offsets) AS place FROM event_runs"
            + " WHERE org_id = ? AND execution_id = ? AND partition_number = ? ORDER BY place";
    private static final int AT_A_TIME = 4;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** As long as witnesses are asked for a new checkpoint: those that have not answered then are away. */
    private static final Duration FOR_WITNESSES = Duration.ofSeconds(6);

    private static final Duration AWAY = Duration.ofMinutes(1);

    private static final long LOOK_MS = 50;
    /** Lines that are made in one turn: of large records, one. */
    private static final int LINES_OF_A_TURN = 64;

    private static final int CHARS_OF_A_TURN = 256 << 10;

    private final NotaryConfig config;
    private final NotaryConnections database;
    private final LogStore store;
    /** A witness was away, so that until then nobody waits for any. */
    private volatile long awayUntilNanos = System.nanoTime();

    private final Semaphore turns = new Semaphore(AT_A_TIME);

    /** A leaf and where it stands. */
    private record Placed(long index, byte[] entry, OutcomeLeaf leaf) {}

    ExecutionProofs(NotaryConfig config, NotaryConnections database, LogStore store) {
        this.config = config;
        this.database = database;
        this.store = store;
    }

    /** @return the file, to be written and closed; nothing if the organisation has no such execution */
    Optional<ExecutionProof> open(UUID orgId, UUID executionId) throws SQLException {
        int partition = Shards.partition(executionId, config.partitions());
        List<Long> offsets = offsets(orgId, executionId, partition);
        return offsets.isEmpty()
                ? Optional.empty()
                : Optional.of(inTurn(() -> open(orgId, partition, executionId, offsets)));
    }

    /** Work that is done by a few at a time. */
    private interface Work<T> {
        T run() throws SQLException, InterruptedException;
    }

    private <T> T inTurn(Work<T> work) throws SQLException {
        try {
            if (!turns.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new QueriesUnavailableException("expected to make a proof, but others are made, too many", null);
            }
            try {
                return work.run();
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueriesUnavailableException("interrupted while a proof was made", e);
        }
    }

    private List<Long> offsets(UUID orgId, UUID executionId, int partition) throws SQLException {
        try (Connection connection = database.connection();
                PreparedStatement statement = connection.prepareStatement(OFFSETS)) {
            statement.setObject(1, orgId);
            statement.setObject(2, executionId);
            statement.setInt(3, partition);
            List<Long> offsets = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    offsets.add(row.getLong(1));
                }
            }
            connection.commit();
            return offsets;
        }
    }

    /** Looks at all outcomes before the first line is written: it is too late to refuse anything then. */
    private ExecutionProof open(UUID orgId, int partition, UUID executionId, List<Long> offsets)
            throws SQLException, InterruptedException {
        SignedNote note = checkpointBehind(partition, offsets.getLast());
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        List<Placed> leaves = leaves(partition, offsets);
        RecordsAgain log =
                new RecordsAgain(CommittedReader.openForTurns(config.database().kafka(), Map.of()));
        try {
            log.assign(List.of(place(Topics.EVENTS, partition), place(Topics.COMMANDS, partition)));
            for (Placed placed : leaves) {
                expectNothingOfOthers(orgId, outcome(log, partition, placed));
            }
            ProofHead head = new ProofHead(
                    config.origin(partition),
                    partition,
                    executionId,
                    leaves.size(),
                    note,
                    store.keyStatements(partition, checkpoint.size()));
            return new Opened(log, partition, checkpoint.size(), head, leaves);
        } catch (SQLException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private static TopicPartition place(String topic, int partition) {
        return new TopicPartition(topic, partition);
    }

    private static LoggedRecord outcome(RecordsAgain log, int partition, Placed placed) {
        long offset = placed.leaf().outcomeOffset();
        return log.at(place(Topics.EVENTS, partition), offset)
                .orElseThrow(() -> new QueriesUnavailableException(
                        "expected an outcome at offset " + offset + " of partition " + partition + ", but it is gone",
                        null));
    }

    /** A file whose lines are made as they are taken, so it takes little memory, however long it is and however large its records are. */
    private final class Opened implements ExecutionProof {

        private final RecordsAgain log;
        private final int partition;
        private final long size;
        private final ProofHead head;
        private final List<Placed> leaves;
        private final MerkleProofs proofs;
        private final TiledTree tree;

        Opened(RecordsAgain log, int partition, long size, ProofHead head, List<Placed> leaves) {
            this.log = log;
            this.partition = partition;
            this.size = size;
            this.head = head;
            this.leaves = leaves;
            TreeHasher hasher = new TreeHasher();
            proofs = new MerkleProofs(hasher);
            tree = new TiledTree(hasher, size, store.reader(partition));
        }

        @Override
        public void write(Consumer<String> lines) throws SQLException {
            lines.accept(ProofJson.line(head));
            int from = 0;
            while (from < leaves.size()) {
                int next = from;
                // Who takes the lines slowly keeps nobody's turn.
                List<String> made = inTurn(() -> lines(next));
                made.forEach(lines);
                from += made.size();
            }
        }

        private List<String> lines(int from) {
            List<String> made = new ArrayList<>();
            long chars = 0;
            for (int i = from; i < leaves.size() && made.size() < LINES_OF_A_TURN && chars < CHARS_OF_A_TURN; i++) {
                String line = line(leaves.get(i));
                made.add(line);
                chars += line.length();
            }
            return made;
        }

        private String line(Placed placed) {
            long command = placed.leaf().commandOffset();
            return ProofJson.line(new ProvedRecord(
                    placed.index(),
                    placed.entry(),
                    proofs.inclusion(placed.index(), size, tree),
                    outcome(log, partition, placed),
                    command < 0 ? Optional.empty() : log.at(place(Topics.COMMANDS, partition), command)));
        }

        @Override
        public void close() {
            log.close();
        }
    }

    /**
     * A record is shown whole, or its hash could not be checked. What came due at one time may be of several organisations under
     * rules 2; later outcomes are of one.
     */
    private static void expectNothingOfOthers(UUID orgId, LoggedRecord record) {
        ByteString own = Ids.toByteString(orgId);
        try {
            boolean ofOthers = OutcomeRecord.parseFrom(record.value()).getEventsList().stream()
                    .map(EventRecord::getOrgId)
                    .anyMatch(org -> !org.isEmpty() && !org.equals(own));
            if (ofOthers) {
                throw new RefusedException(
                        RefusalReason.PERMISSION_DENIED,
                        "expected outcomes with events of one organisation, but the one at offset " + record.offset()
                                + " has some of others as well, to whom it would show yours, and to you theirs");
            }
        } catch (InvalidProtocolBufferException e) {
            throw new NotaryException(
                    "expected an outcome at offset " + record.offset() + ", but the record is none", e);
        }
    }

    /** Waits for the log to reach the outcome, for a checkpoint that covers it, and for its witnesses as long as they are asked. */
    private SignedNote checkpointBehind(int partition, long outcomeOffset) throws SQLException, InterruptedException {
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        LogState best = null;
        long since = 0;
        while (System.nanoTime() < end) {
            Optional<LogState> state = store.state(partition);
            if (state.isPresent() && state.get().nextOutcome() > outcomeOffset) {
                LogState log = state.get();
                if (log.checkpoint().isPresent() && covers(partition, log.checkpointSize(), outcomeOffset)) {
                    if (best == null) {
                        since = System.nanoTime();
                    }
                    if (best == null || log.cosignatures() >= best.cosignatures()) {
                        best = log;
                    }
                    if (witnessed(log, since)) {
                        return best.checkpoint().orElseThrow();
                    }
                    TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                    continue;
                }
                if (log.fault().isPresent()) {
                    throw new QueriesUnavailableException(
                            "expected a checkpoint that covers the execution, but nothing is signed: "
                                    + log.fault().get(),
                            null);
                }
                store.want(partition, log.size());
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        if (best != null) {
            return best.checkpoint().orElseThrow();
        }
        throw new QueriesUnavailableException(
                "expected a checkpoint that covers the execution, but there was none within " + LONGEST_WAIT.toSeconds()
                        + " s",
                null);
    }

    /**
     * @param sinceNanos since when it is waited for
     * @return whether all witnesses have signed the checkpoint, or those that have not are away
     */
    private boolean witnessed(LogState log, long sinceNanos) {
        long now = System.nanoTime();
        if (log.cosignatures() >= config.witnesses().size() || now - awayUntilNanos < 0) {
            return true;
        }
        boolean away = now - sinceNanos > FOR_WITNESSES.toNanos();
        if (away) {
            awayUntilNanos = now + AWAY.toNanos();
        }
        return away;
    }

    private boolean covers(int partition, long size, long outcomeOffset) throws SQLException {
        List<Placed> leaf = leaves(partition, List.of(outcomeOffset));
        return !leaf.isEmpty() && leaf.getFirst().index() < size;
    }

    private List<Placed> leaves(int partition, List<Long> offsets) throws SQLException {
        Map<Long, Placed> known = new TreeMap<>();
        List<Placed> wanted = new ArrayList<>();
        for (long offset : offsets) {
            if (!known.containsKey(offset)) {
                known.clear();
                OptionalLong bundle = store.bundleOf(partition, offset);
                if (bundle.isPresent()) {
                    read(partition, bundle.getAsLong(), known);
                }
            }
            if (known.containsKey(offset)) {
                wanted.add(known.get(offset));
            }
        }
        return wanted;
    }

    private void read(int partition, long bundle, Map<Long, Placed> known) throws SQLException {
        List<byte[]> entries = EntryBundle.decode(store.bundle(partition, bundle));
        for (int i = 0; i < entries.size(); i++) {
            OutcomeLeaf leaf = OutcomeLeaf.decode(entries.get(i));
            known.put(leaf.outcomeOffset(), new Placed(bundle * TilePath.FULL + i, entries.get(i), leaf));
        }
    }
}
