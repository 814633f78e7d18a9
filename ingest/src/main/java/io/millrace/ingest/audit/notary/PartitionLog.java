package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.notary.CheckpointTopic.Published;
import io.millrace.ingest.audit.proof.KeyStatement;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TileWriter;
import io.millrace.ingest.audit.tlog.TiledTree;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transparency log of one partition, for as long as this node has it. Lets it grow, holds it against all that was
 * ever published, and signs it. One thread.
 */
final class PartitionLog {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionLog.class);
    /** So many further notes on the topic are worth one that says that all before fits: a takeover reads no more of it. */
    private static final long HELD_EVERY = 1_000;

    private final int partition;
    private final NotaryConfig config;
    private final LogStore store;
    private final CheckpointTopic topic;
    private final Clock clock;
    private final TreeHasher hasher = new TreeHasher();
    private final MerkleProofs proofs = new MerkleProofs(hasher);
    /** Empty until the log was taken over, and for ever where it cannot be. */
    private TileWriter writer = new TileWriter();

    private long nextOutcome;
    private long checkedUntil;
    private long signedSize;
    /** By the monotonic clock, since the time of day may be set; null: nothing was signed here. */
    private @Nullable Long signedNanos;

    private Optional<String> fault;
    /** A fault that is not on the topic yet. */
    private Optional<String> untold = Optional.empty();
    /** The tree is made again from its first leaf, and held against all that was published. */
    private boolean anew;
    /** They are over once the tree that is made again fits. */
    private final OpenFaults faults = new OpenFaults();

    /** The largest checkpoint that the tree was held against, or that was signed here. */
    private Optional<Checkpoint> verified = Optional.empty();

    private final LogKeys keys;

    /** One that is larger than the tree: it is held against it once the tree has grown so far. */
    private Optional<PublishedCheckpoint> ahead = Optional.empty();
    /** The newest checkpoint at the takeover, with its cosignatures. */
    private Optional<SignedNote> published = Optional.empty();
    /** Whether all that was published up to now was held against the tree. */
    private boolean held;
    /** Up to where a note of this node says so. */
    private long heldUntil = -HELD_EVERY;
    /** Another notary says of this log that it is at fault. */
    private boolean faultMet;

    /**
     * Takes the log over. The database is not believed: of its tree that part is taken which the last checkpoint on the topic has signed,
     * and the rest is made again from Kafka. If there is no such part, the log is at fault. If a fault was published that is not over,
     * all is made again, whatever the database says.
     */
    PartitionLog(int partition, NotaryConfig config, LogStore store, CheckpointTopic topic, Clock clock)
            throws SQLException {
        this.partition = partition;
        this.config = config;
        this.store = store;
        this.topic = topic;
        this.clock = clock;
        keys = new LogKeys(partition, config, store, topic);
        LogState state = store.begin(partition);
        fault = state.fault();
        TopicEnd end = new TopicEnd(topic, partition, config.origin(partition), keys::checkpoint, keys::isOwn);
        try {
            if (fault.isEmpty()) {
                begin(state, end);
            } else {
                end.read(state.size(), Optional.empty());
                untold = end.faults().isEmpty() ? fault : Optional.empty();
            }
        } catch (TlogException e) {
            fail(e.getMessage());
        }
        if (fault.isPresent()) {
            // Nothing is signed. What is there is kept, for whoever looks into it.
            writer = new TileWriter(hasher, state.size(), store.reader(partition));
            nextOutcome = state.nextOutcome();
        }
    }

    /** @throws TlogException if what was published is not there any more, or the tree of the database is another */
    private void begin(LogState state, TopicEnd end) throws SQLException {
        expectPublished(state.checkedUntil());
        keys.load();
        end.read(state.size(), state.checkpoint().flatMap(keys::checkpoint));
        end.held().ifPresent(until -> heldUntil = until);
        faults.found(end.faults());
        Optional<PublishedCheckpoint> base = faults.isEmpty() ? end.base() : Optional.empty();
        anew = base.isEmpty();
        long size = base.map(PublishedCheckpoint::size).orElse(0L);
        TiledTree tree = new TiledTree(hasher, size, store.reader(partition));
        if (base.isPresent()) {
            expectRoot(base.get(), proofs.root(size, tree));
        }
        long next = size == 0 ? 0 : behind(base.orElseThrow().checkpoint(), tree);
        writer = new TileWriter(hasher, size, store.reader(partition));
        if (!store.goBack(partition, state.size(), size, next)) {
            throw new NotaryException(
                    "expected to take over the log of partition " + partition + ", but somebody else lets it grow",
                    null);
        }
        nextOutcome = next;
        published = state.checkpoint().filter(note -> keys.checkpoint(note).isPresent());
        // Without statements all is read again, so that the first one is not one that somebody has put behind the
        // others.
        checkedUntil = anew || keys.areUnstated() ? 0 : end.unheld();
        signedSize = size;
        verified = base.map(PublishedCheckpoint::checkpoint);
        if (!faults.isEmpty()) {
            LOG.warn(
                    "the transparency log of partition {} is made again from Kafka, since a fault was published that"
                            + " is not known to be over",
                    partition);
        }
    }

    /** The topic is kept for ever, so nothing may be missing at its begin, and nothing at its end that was there once. */
    private void expectPublished(long until) {
        long begin = topic.begin(partition);
        long end = topic.end(partition);
        if (begin > 0 || end < until) {
            throw new TlogException(
                    "expected millrace.checkpoints-" + partition + " to begin at offset 0 and to end at "
                            + until + " at least, but it begins at " + begin + " and ends at " + end
                            + ": what was published is lost");
        }
    }

    /** @return offset behind the outcome of the last leaf, which is proved to be in the tree */
    private long behind(Checkpoint signed, TiledTree tree) throws SQLException {
        long last = signed.size() - 1;
        int width = (int) (last % TilePath.FULL) + 1;
        byte[] entry = EntryBundle.decode(
                        store.reader(partition).read(new TilePath(TilePath.ENTRIES, last / TilePath.FULL, width)))
                .getLast();
        Hash root = proofs.rootByInclusion(
                last, signed.size(), hasher.leaf(entry), proofs.inclusion(last, signed.size(), tree));
        if (!root.equals(signed.root())) {
            throw new TlogException("expected entry " + last + " of partition " + partition
                    + " to be in the tree of the checkpoint at size " + signed.size() + ", but it was changed");
        }
        return OutcomeLeaf.decode(entry).outcomeOffset() + 1;
    }

    /** @return offset of the outcome that becomes the next leaf, or of what stands before it */
    long nextOutcome() {
        return nextOutcome;
    }

    long size() {
        return writer.size();
    }

    /** @return the newest checkpoint when it was taken over, if a key of the log has signed it, and the log is not at fault */
    Optional<SignedNote> published() {
        return published;
    }

    /** @return the largest checkpoint that the tree is known to fit, if there is one, and the log is not at fault */
    Optional<Checkpoint> verified() {
        return fault.isPresent() ? Optional.empty() : verified;
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
     * @param complete tells whether the tree has all that the log holds now
     * @param wantedSize what somebody asks for
     * @return the new checkpoint, if there is one
     */
    Optional<SignedNote> tend(BooleanSupplier complete, long wantedSize) throws SQLException {
        if (fault.isPresent()) {
            tell();
            return Optional.empty();
        }
        boolean due = writer.size() > signedSize && (isTimeToSign() || wantedSize > signedSize);
        if (due || !held) {
            hold(complete);
        }
        boolean grown = writer.size() > signedSize;
        return due && grown && held && fault.isEmpty() ? sign(clock.millis()) : Optional.empty();
    }

    private boolean isTimeToSign() {
        return signedNanos == null
                || System.nanoTime() - signedNanos >= config.interval().toNanos();
    }

    /** Holds what was published and not looked at yet against the tree, as far as the tree is. */
    private void hold(BooleanSupplier complete) throws SQLException {
        held = false;
        try {
            expectPublished(checkedUntil);
        } catch (TlogException lost) {
            fail(lost.getMessage());
            return;
        }
        if (ahead.isPresent() && !settled(ahead.get(), complete)) {
            return;
        }
        List<Published> notes = topic.read(partition, checkedUntil);
        while (!notes.isEmpty() && fault.isEmpty()) {
            for (Published one : notes) {
                if (!take(one, complete)) {
                    return;
                }
            }
            notes = topic.read(partition, checkedUntil);
        }
        held = true;
        tellOver();
        anew = false;
        tellHeld();
    }

    /** A takeover need not go behind what is said here. */
    private void tellHeld() {
        if (verified.isPresent() && !faultMet && checkedUntil - heldUntil >= HELD_EVERY) {
            publish(new HeldNote(verified.get(), checkedUntil).text());
            heldUntil = checkedUntil;
        }
    }

    /** The tree that was made again fits all that was published, so what was wrong is not so any more. */
    private void tellOver() {
        if (!faults.isEmpty()) {
            publish(new FaultNote.Over(config.origin(partition), writer.size(), faults.all()).text());
            faults.end();
            LOG.info(
                    "the transparency log of partition {} was made again from Kafka and fits all that was published:"
                            + " what was wrong with it is over",
                    partition);
        }
    }

    /** @return false if it cannot be looked at yet, or is wrong */
    private boolean take(Published one, BooleanSupplier complete) throws SQLException {
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
            return settled(new PublishedCheckpoint(one.offset(), checkpoint.get()), complete);
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
            keys.take(one);
            return Optional.empty();
        }
        if (FaultNote.isOne(one.note().text(), config.origin(partition))) {
            takeFault(one.note());
            return Optional.empty();
        }
        if (HeldNote.isOne(one.note().text(), config.origin(partition))) {
            return Optional.empty();
        }
        return keys.concerns(one.note()) ? Optional.of(keys.check(one.note())) : Optional.empty();
    }

    /** Where the tree is held against all that was published, all faults are met as well. Else the takeover has met those that count. */
    private void takeFault(SignedNote note) {
        if (!keys.isOwn(note)) {
            return;
        }
        if (anew) {
            faults.take(note);
        } else {
            faultMet |= FaultNote.parse(note.text()) instanceof FaultNote.Fault;
        }
    }

    private void done(long offset) throws SQLException {
        checkedUntil = offset + 1;
        store.checked(partition, checkedUntil);
    }

    private boolean settled(PublishedCheckpoint published, BooleanSupplier complete) throws SQLException {
        Checkpoint checkpoint = published.checkpoint();
        if (checkpoint.size() > writer.size()) {
            ahead = Optional.of(published);
            if (complete.getAsBoolean()) {
                fail("expected at least " + checkpoint.size() + " outcomes in partition " + partition
                        + ", since a checkpoint of that size was published, but the log ends after " + writer.size()
                        + ": its end was cut off");
            }
            return false;
        }
        Hash root = checkpoint.size() == writer.size()
                ? writer.root()
                : proofs.root(checkpoint.size(), new TiledTree(hasher, checkpoint.size(), store.reader(partition)));
        try {
            expectRoot(published, root);
        } catch (TlogException other) {
            fail(other.getMessage());
            return false;
        }
        ahead = Optional.empty();
        signedSize = Math.max(signedSize, checkpoint.size());
        if (verified.isEmpty() || verified.get().size() < checkpoint.size()) {
            verified = Optional.of(checkpoint);
        }
        done(published.offset());
        return true;
    }

    private void expectRoot(PublishedCheckpoint published, Hash root) {
        Checkpoint checkpoint = published.checkpoint();
        if (!root.equals(checkpoint.root())) {
            throw new TlogException("expected root " + checkpoint.root() + " at size " + checkpoint.size()
                    + " of partition " + partition + ", which was published at offset " + published.offset()
                    + " of millrace.checkpoints, but the log gives " + root
                    + ": a record before, or a tile, was changed, left out, added or moved");
        }
    }

    /** Takes over what somebody else has found to be wrong. */
    void found(String wrong) {
        if (fault.isEmpty()) {
            fault = Optional.of(wrong);
            untold = fault;
        }
    }

    /**
     * Notes that the log is not what it was, in the database and on the topic; nothing is signed from now on.
     *
     * @throws NotaryException if it could not be published; {@link #tend} tries again
     */
    void fail(String what) throws SQLException {
        fault = Optional.of(what);
        untold = fault;
        LOG.error("the transparency log of partition {} is broken, nothing more is signed: {}", partition, what);
        store.fault(partition, what);
        tell();
    }

    private void tell() {
        if (untold.isPresent()) {
            publish(new FaultNote.Fault(config.origin(partition), writer.size(), clock.millis(), untold.get()).text());
            untold = Optional.empty();
        }
    }

    private void publish(String text) {
        topic.write(partition, LogKeys.sign(text, config.signers(partition), clock.millis()));
    }

    private Optional<SignedNote> sign(long now) throws SQLException {
        List<NoteSigner> signers = config.signers(partition);
        Optional<String> strangers = keys.state(signers, writer.size(), now);
        if (strangers.isPresent()) {
            fail(strangers.get());
            return Optional.empty();
        }
        Checkpoint checkpoint = new Checkpoint(config.origin(partition), writer.size(), writer.root());
        SignedNote note = LogKeys.sign(checkpoint.text(), signers, now);
        // It is read again before the next one: others may have published something meanwhile.
        topic.write(partition, note);
        signedSize = writer.size();
        signedNanos = System.nanoTime();
        verified = Optional.of(checkpoint);
        store.published(partition, signedSize, note, 0);
        return Optional.of(note);
    }
}
