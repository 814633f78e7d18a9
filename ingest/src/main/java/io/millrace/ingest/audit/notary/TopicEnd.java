package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.notary.CheckpointTopic.Published;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What stands at the end of a log's partition of millrace.checkpoints, read backwards as far as a takeover has to know it. An older
 * checkpoint may stand behind newer ones: one with the signature of a witness that was slow, or any number of copies that somebody has
 * written. So it is read up to where a note of this node says that all before fits, and to the beginning where there is no such note.
 * One thread.
 */
final class TopicEnd {

    /** Offsets that are read at once. */
    private static final int PART = 100;

    private final CheckpointTopic topic;
    private final int partition;
    private final String origin;
    private final Function<SignedNote, Optional<Checkpoint>> good;
    private final Predicate<SignedNote> own;

    private Optional<PublishedCheckpoint> base = Optional.empty();
    /** The first of the size of the base. */
    private long firstOfBase = Long.MAX_VALUE;
    /** The first that the tree does not reach, or that was signed by others. */
    private long firstOther = Long.MAX_VALUE;

    /** Faults by the hashes of their texts, and those that are said to be over. */
    private final Set<Hash> faults = new LinkedHashSet<>();

    private final Set<Hash> over = new HashSet<>();
    /** Of the notes that say up to where all fits the one that says it of the most. */
    private Optional<HeldNote> held = Optional.empty();

    /**
     * @param origin of the log
     * @param good tells what of it is a checkpoint that a key of the log has signed
     * @param own tells whether a key of this node is among those that have signed a note
     */
    TopicEnd(
            CheckpointTopic topic,
            int partition,
            String origin,
            Function<SignedNote, Optional<Checkpoint>> good,
            Predicate<SignedNote> own) {
        this.topic = topic;
        this.partition = partition;
        this.origin = origin;
        this.good = good;
        this.own = own;
    }

    /**
     * Reads it.
     *
     * @param size that the database's tree has
     * @param newest the newest checkpoint that the database has, if it is a good one
     * @throws TlogException if the newest is not there
     */
    void read(long size, Optional<Checkpoint> newest) {
        boolean seen = newest.isEmpty();
        long begin = topic.begin(partition);
        long end = topic.end(partition);
        long stop = begin;
        for (long to = end; to > stop || to > begin && !seen; ) {
            long from = Math.max(begin, to - PART);
            for (Published one : topic.range(partition, from, to)) {
                if (FaultNote.isOne(one.note().text(), origin)) {
                    takeFault(one.note());
                    continue;
                }
                if (HeldNote.isOne(one.note().text(), origin)) {
                    takeHeld(one, size);
                    continue;
                }
                Optional<Checkpoint> found = good.apply(one.note());
                if (found.isPresent()) {
                    seen |= found.equals(newest);
                    take(new PublishedCheckpoint(one.offset(), found.get()), own.test(one.note()), size);
                }
            }
            // A tree that is made from its first leaf is held against all of it anyway.
            stop = size == 0 ? end : held.map(HeldNote::until).orElse(begin);
            to = from;
        }
        if (!seen) {
            throw new TlogException("expected the checkpoint at size "
                    + newest.orElseThrow().size() + " of partition "
                    + partition + ", which the database has, on millrace.checkpoints as well, but it is not there:"
                    + " what was published is lost");
        }
    }

    /** @throws TlogException if a key of this node has signed one of a form that is not known here */
    private void takeFault(SignedNote note) {
        if (own.test(note)) {
            switch (FaultNote.parse(note.text())) {
                case FaultNote.Fault wrong -> faults.add(FaultNote.name(note.text()));
                case FaultNote.Over ended -> over.addAll(ended.faults());
            }
        }
    }

    /** One of a tree that the database does not reach says nothing of the one that it has. */
    private void takeHeld(Published one, long size) {
        if (own.test(one.note())) {
            HeldNote found = HeldNote.parse(one.note().text());
            if (found.until() <= one.offset()
                    && found.tree().size() <= size
                    && held.map(HeldNote::until).orElse(-1L) < found.until()) {
                held = Optional.of(found);
            }
            take(new PublishedCheckpoint(one.offset(), found.tree()), true, size);
        }
    }

    private void take(PublishedCheckpoint one, boolean ofThisNode, long size) {
        long known = base.map(PublishedCheckpoint::size).orElse(-1L);
        if (!ofThisNode || one.size() > size) {
            firstOther = Math.min(firstOther, one.offset());
        } else if (one.size() > known) {
            base = Optional.of(one);
            firstOfBase = one.offset();
        } else if (one.size() == known) {
            firstOfBase = Math.min(firstOfBase, one.offset());
        }
    }

    /**
     * @return the largest checkpoint that a key of this node has signed and that the database's tree reaches: a tree goes on from nothing
     *     else. Nothing: there is none
     */
    Optional<PublishedCheckpoint> base() {
        return base;
    }

    /**
     * @return offset from which on what was published has to be held against the tree of the base; what stands before was held against it
     *     before, as a note says, or when the base was signed
     */
    long unheld() {
        if (base.isEmpty()) {
            return 0;
        }
        return held.map(HeldNote::until).orElse(Math.min(firstOfBase, firstOther));
    }

    /** @return offset up to which all fits, as a note of this node says; nothing: there is none */
    Optional<Long> held() {
        return held.map(HeldNote::until);
    }

    /** @return faults that are in force, by the hashes of their texts */
    Set<Hash> faults() {
        Set<Hash> inForce = new LinkedHashSet<>(faults);
        inForce.removeAll(over);
        return inForce;
    }
}
