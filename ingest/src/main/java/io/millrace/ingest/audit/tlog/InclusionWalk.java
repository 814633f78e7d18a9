package io.millrace.ingest.audit.tlog;

import java.util.List;

/** The way of one inclusion proof of RFC 6962, section 2.1.1, from a leaf up to the root that it leads to. One thread. */
final class InclusionWalk {

    private final TreeHasher hasher;
    private final List<Hash> proof;
    private Hash node;
    private long place;
    private long last;
    private int level;
    private int used;

    /**
     * Begins at the leaf.
     *
     * @param hasher of the same thread
     * @throws TlogException if a tree of this size has no leaf at this index
     */
    InclusionWalk(TreeHasher hasher, long index, long size, Hash leaf, List<Hash> proof) {
        MerkleProofs.checkIndex(index, size);
        this.hasher = hasher;
        this.proof = proof;
        this.node = leaf;
        this.place = index;
        this.last = size - 1;
    }

    /** @return the node that it stands at */
    Hash node() {
        return node;
    }

    /** @return height of the node above the leaves */
    int level() {
        return level;
    }

    /** @return place of the node among those of its level, from the left and from 0 */
    long place() {
        return place;
    }

    /** @return how many hashes of the proof lie behind it */
    int used() {
        return used;
    }

    /** @return whether it stands at the root */
    boolean atRoot() {
        return last == 0;
    }

    /**
     * Goes on to the node above.
     *
     * @throws TlogException if the proof ends below the root
     */
    void up() {
        if ((place & 1) == 1) {
            node = hasher.node(next(), node);
        } else if (place < last) {
            node = hasher.node(node, next());
        }
        place >>= 1;
        last >>= 1;
        level++;
    }

    private Hash next() {
        if (used == proof.size()) {
            throw new TlogException("expected more hashes in the proof, but there are only " + proof.size());
        }
        return proof.get(used++);
    }

    /**
     * Ends at the root.
     *
     * @throws TlogException if the proof goes on
     */
    Hash root() {
        if (used < proof.size()) {
            throw new TlogException("expected fewer hashes in the proof, but there are " + proof.size());
        }
        return node;
    }
}
