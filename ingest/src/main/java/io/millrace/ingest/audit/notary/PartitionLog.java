package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.notary.CheckpointTopic.Published;
import io.millrace.ingest.audit.proof.KeyStatement;
import io.millrace.ingest.audit.proof.TrustedKeys;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TileWriter;
import io.millrace.ingest.audit.tlog.TiledTree;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transparency log of one partition, for as long as this node has it. Lets it grow, holds it against all that was
 * ever published, and signs it. One thread.
 */
final class PartitionLog {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionLog.class);

    private final int partition;
    private final NotaryConfig config;
    private final LogStore store;
    private final CheckpointTopic topic;
    private final Clock clock;
    private final TreeHasher hasher = new TreeHasher();
    private final MerkleProofs proofs = new MerkleProofs(hasher);
    private final TileWriter writer;
    private long nextOutcome;
    private long checkedUntil;
    private long signedSize;
    private long signedAtMs;
    private Optional<String> fault;
    private List<SignedNote> statements;
    private @Nullable TrustedKeys trusted;

    /**
     * What was published and is larger than the tree: it is held against it once the tree has grown so far.
     *
     * @param offset on the topic
     */
    private record Ahead(long offset, Checkpoint checkpoint) {}

    private Optional<Ahead> ahead = Optional.empty();
    /** Whether all that was published up to now was held against the tree. */
    private boolean held;

    /** Takes the log over from where the database has it. */
    PartitionLog(int partition, NotaryConfig config, LogStore store, CheckpointTopic topic, Clock clock)
            throws SQLException {
        this.partition = partition;
        this.config = config;
        this.store = store;
        this.topic = topic;
        this.clock = clock;
        LogState state = store.begin(partition);
        writer = new TileWriter(hasher, state.size(), store.reader(partition));
        nextOutcome = state.nextOutcome();
        checkedUntil = state.checkedUntil();
        signedSize = state.checkpointSize();
        fault = state.fault();
        statements = store.keyStatements(partition, Long.MAX_VALUE);
    }

    /** @return offset of the outcome that becomes the next leaf, or of what stands before it */
    long nextOutcome() {
        return nextOutcome;
    }

    long size() {
        return writer.size();
    }

    /** @return what is wrong with the log, if anything */
    Optional<String> fault() {
        return fault;
    }

    /**
     * Adds leaves, all at once.
     *
     * @param next offset behind the last of their outcomes
     * @return false if somebody else has let the log grow: this object is of no more use then
     */
    boolean grow(List<byte[]> entries, long next) throws SQLException {
        if (entries.isEmpty() && next == nextOutcome) {
            return true;
        }
        long believed = writer.size();
        entries.forEach(writer::append);
        if (!store.grow(partition, believed, writer.size(), next, writer.changed())) {
            return false;
        }
        nextOutcome = next;
        return true;
    }

    /**
     * Does what is due. Holds the tree against what was published, when it is taken over and before it is signed. Then
     * signs it as it is and publishes that, if it has grown and its time has come, or if somebody asks for it.
     *
     * @param complete whether the tree has all that the log holds
     * @param wantedSize what somebody asks for
     * @return the new checkpoint, if there is one
     */
    Optional<SignedNote> tend(boolean complete, long wantedSize) throws SQLException {
        long now = clock.millis();
        boolean due = writer.size() > Math.max(signedSize, 0)
                && (now - signedAtMs >= config.interval().toMillis() || wantedSize > signedSize);
        if (fault.isEmpty() && (due || !held)) {
            hold(complete);
        }
        boolean grown = writer.size() > Math.max(signedSize, 0);
        return due && grown && held && fault.isEmpty() ? sign(now) : Optional.empty();
    }

    /** Holds what was published and not looked at yet against the tree, as far as the tree is. */
    private void hold(boolean complete) throws SQLException {
        held = false;
        if (ahead.isPresent() && !settled(ahead.get(), complete)) {
            return;
        }
        List<Published> published = topic.read(partition, checkedUntil);
        while (!published.isEmpty() && fault.isEmpty()) {
            for (Published one : published) {
                if (!take(one, complete)) {
                    return;
                }
            }
            published = topic.read(partition, checkedUntil);
        }
        held = true;
    }

    /** @return false if it cannot be looked at yet, or is wrong */
    private boolean take(Published one, boolean complete) throws SQLException {
        Optional<Checkpoint> checkpoint;
        try {
            checkpoint = believed(one);
        } catch (TlogException forged) {
            LOG.error(
                    "passed over what stands at offset {} of millrace.checkpoints-{}: {}",
                    one.offset(),
                    partition,
                    forged.getMessage());
            checkpoint = Optional.empty();
        }
        if (checkpoint.isPresent()) {
            return settled(new Ahead(one.offset(), checkpoint.get()), complete);
        }
        done(one.offset());
        return true;
    }

    /**
     * @throws TlogException if no key of the log has signed it
     * @return the checkpoint, if it is one of this log
     */
    private Optional<Checkpoint> believed(Published one) throws SQLException {
        if (KeyStatement.isOne(one.note().text())) {
            takeStatement(one);
            return Optional.empty();
        }
        Checkpoint checkpoint = Checkpoint.parse(one.note().text());
        if (!checkpoint.origin().equals(config.origin(partition))) {
            return Optional.empty();
        }
        return Optional.of(trusted().check(one.note()));
    }

    private void takeStatement(Published one) throws SQLException {
        KeyStatement statement = KeyStatement.parse(one.note());
        if (!statement.origin().equals(config.origin(partition)) || statements.contains(one.note())) {
            return;
        }
        List<SignedNote> more = new ArrayList<>(statements);
        more.add(one.note());
        trusted(more).checkStatement(one.note());
        store.keyStatement(partition, one.offset(), statement.size(), one.note());
        statements = more;
        trusted = null;
    }

    private void done(long offset) throws SQLException {
        checkedUntil = offset + 1;
        store.checked(partition, checkedUntil);
    }

    private boolean settled(Ahead published, boolean complete) throws SQLException {
        Checkpoint checkpoint = published.checkpoint();
        if (checkpoint.size() > writer.size()) {
            ahead = Optional.of(published);
            if (complete) {
                fail("expected at least " + checkpoint.size() + " outcomes in partition " + partition
                        + ", since a checkpoint of that size was published, but the log ends after " + writer.size()
                        + ": its end was cut off");
            }
            return false;
        }
        Hash root = checkpoint.size() == writer.size()
                ? writer.root()
                : proofs.root(checkpoint.size(), new TiledTree(hasher, checkpoint.size(), store.reader(partition)));
        if (!root.equals(checkpoint.root())) {
            fail("expected root " + checkpoint.root() + " at size " + checkpoint.size() + " of partition " + partition
                    + ", which was published at offset " + published.offset()
                    + " of millrace.checkpoints, but the log gives "
                    + root + ": a record before was changed, left out, added or moved");
            return false;
        }
        ahead = Optional.empty();
        signedSize = Math.max(signedSize, checkpoint.size());
        done(published.offset());
        return true;
    }

    /** Takes over what somebody else, such as the patrol, has found to be wrong. */
    void found(String wrong) {
        fault = Optional.of(wrong);
    }

    /** Notes that the log is not what it was; nothing is signed from now on. */
    void fail(String what) throws SQLException {
        fault = Optional.of(what);
        store.fault(partition, what);
        LOG.error("the transparency log of partition {} is broken, nothing more is signed: {}", partition, what);
    }

    private Optional<SignedNote> sign(long now) throws SQLException {
        List<NoteSigner> signers = config.signers(partition);
        if (!stateKeys(signers, now)) {
            return Optional.empty();
        }
        SignedNote note =
                signed(new Checkpoint(config.origin(partition), writer.size(), writer.root()).text(), signers, now);
        long offset = topic.write(partition, note);
        signedSize = writer.size();
        signedAtMs = now;
        store.published(partition, signedSize, note, 0);
        done(offset);
        return Optional.of(note);
    }

    private static SignedNote signed(String text, List<NoteSigner> signers, long nowMs) {
        return new SignedNote(
                text,
                signers.stream().map(signer -> signer.sign(text, nowMs / 1_000)).toList());
    }

    /**
     * Says which keys sign from now on, if they are others than before.
     *
     * @return false if they may not
     */
    private boolean stateKeys(List<NoteSigner> signers, long now) throws SQLException {
        List<VerifierKey> keys = signers.stream().map(NoteSigner::key).toList();
        Optional<KeyStatement> last =
                statements.isEmpty() ? Optional.empty() : Optional.of(KeyStatement.parse(statements.getLast()));
        if (last.isPresent() && last.get().keys().equals(keys)) {
            return true;
        }
        if (last.isPresent() && keys.stream().noneMatch(last.get().keys()::contains)) {
            fail("expected a key that signed partition " + partition
                    + " before among those of this node, but it has none:"
                    + " let it have the old and the new keys for a while");
            return false;
        }
        KeyStatement statement = new KeyStatement(config.origin(partition), writer.size(), keys);
        SignedNote note = signed(statement.text(), signers, now);
        long offset = topic.write(partition, note);
        takeStatement(new Published(offset, note));
        done(offset);
        LOG.info("partition {} is signed from size {} on by {} keys", partition, writer.size(), keys.size());
        return true;
    }

    private TrustedKeys trusted() {
        if (trusted == null) {
            trusted = trusted(statements);
        }
        return trusted;
    }

    /** The first statement is believed: whoever could write one before the first checkpoint could write the whole log. */
    private TrustedKeys trusted(List<SignedNote> chain) {
        List<VerifierKey> first = chain.isEmpty()
                ? List.of()
                : KeyStatement.parse(chain.getFirst()).keys();
        return new TrustedKeys(config.origin(partition), first, chain);
    }
}
