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
 * checkpoint may stand behind newer ones: a copy, or one with the signature of a witness that was slow. So it is read up to where a whole
 * part of the topic is older than what was found. One thread.
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
        boolean passed = false;
        long begin = topic.begin(partition);
        for (long to = topic.end(partition); to > begin && !(seen && passed); ) {
            long from = Math.max(begin, to - PART);
            long largest = -1;
            for (Published one : topic.range(partition, from, to)) {
                if (FaultNote.isOne(one.note().text(), origin)) {
                    takeFault(one.note());
                    continue;
                }
                Optional<Checkpoint> found = good.apply(one.note());
                if (found.isPresent()) {
                    seen |= found.equals(newest);
                    largest = Math.max(largest, found.get().size());
                    take(new PublishedCheckpoint(one.offset(), found.get()), own.test(one.note()), size);
                }
            }
            passed |= size == 0
                    || largest >= 0 && base.isPresent() && largest < base.get().size();
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
     * @return offset from which on what was published has to be held against the tree of the base; what stands before is smaller, and was
     *     held against it when the base was signed
     */
    long unheld() {
        return base.isEmpty() ? 0 : Math.min(firstOfBase, firstOther);
    }

    /** @return faults that are in force, by the hashes of their texts */
    Set<Hash> faults() {
        Set<Hash> inForce = new LinkedHashSet<>(faults);
        inForce.removeAll(over);
        return inForce;
    }
}
