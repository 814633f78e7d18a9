package io.millrace.ingest.audit.tlog;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Proofs of RFC 6962, sections 2.1.1 and 2.1.2: made from subtrees, and checked from hashes alone. One thread. */
public final class MerkleProofs {

    private final TreeHasher hasher;

    /** @param hasher of the same thread */
    public MerkleProofs(TreeHasher hasher) {
        this.hasher = hasher;
    }

    /** @return the root of the tree of this size */
    public Hash root(long size, SubtreeSource source) {
        return size == 0 ? hasher.empty() : range(0, size, source);
    }

    /**
     * Proves that a leaf is in a tree.
     *
     * @param index of the leaf
     * @param size of the tree, more than the index
     * @return siblings from the leaf up
     */
    public List<Hash> inclusion(long index, long size, SubtreeSource source) {
        checkIndex(index, size);
        List<Hash> path = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + split(to - from);
            if (index < middle) {
                path.add(range(middle, to, source));
                to = middle;
            } else {
                path.add(range(from, middle, source));
                from = middle;
            }
        }
        return path.reversed();
    }

    /**
     * Proves that a tree has grown from a smaller one.
     *
     * @param old size of the smaller tree
     * @param size of the larger, or the same
     * @return the proof; empty from nothing, and to the same size
     */
    public List<Hash> consistency(long old, long size, SubtreeSource source) {
        if (old < 0 || old > size) {
            throw new TlogException("expected an old size of 0 to " + size + ", but got " + old);
        }
        List<Hash> path = new ArrayList<>();
        if (old == 0 || old == size) {
            return path;
        }
        long from = 0;
        long to = size;
        while (to != old) {
            long middle = from + split(to - from);
            if (old <= middle) {
                path.add(range(middle, to, source));
                to = middle;
            } else {
                path.add(range(from, middle, source));
                from = middle;
            }
        }
        if (from > 0) {
            path.add(range(from, to, source));
        }
        return path.reversed();
    }

    /**
     * Tells to which root a proof leads.
     *
     * @throws TlogException if it has not the length that index and size ask for
     */
    public Hash rootByInclusion(long index, long size, Hash leaf, List<Hash> proof) {
        InclusionWalk walk = new InclusionWalk(hasher, index, size, leaf, proof);
        while (!walk.atRoot()) {
            walk.up();
        }
        return walk.root();
    }

    /**
     * Checks that a tree has grown from a smaller one.
     *
     * @throws TlogException if the proof does not show that
     */
    public void checkConsistency(long old, Hash oldRoot, long size, Hash root, List<Hash> proof) {
        if (old < 0 || old > size) {
            throw new TlogException("expected an old size of 0 to " + size + ", but got " + old);
        }
        if (old == 0 || old == size) {
            end(proof.iterator(), proof);
            Hash wanted = old == size ? root : hasher.empty();
            if (!wanted.equals(oldRoot)) {
                throw otherRoot(old, wanted, oldRoot);
            }
            return;
        }
        Iterator<Hash> hashes = proof.iterator();
        // The largest full subtree at the right edge of the old tree is where both paths begin.
        int skip = Long.numberOfTrailingZeros(old);
        long place = old - 1 >> skip;
        long last = size - 1 >> skip;
        Hash seed = place == 0 ? oldRoot : next(hashes, proof);
        Hash ofOld = seed;
        Hash ofNew = seed;
        for (; last > 0; last >>= 1) {
            if ((place & 1) == 1) {
                Hash left = next(hashes, proof);
                ofOld = hasher.node(left, ofOld);
                ofNew = hasher.node(left, ofNew);
            } else if (place < last) {
                ofNew = hasher.node(ofNew, next(hashes, proof));
            }
            place >>= 1;
        }
        end(hashes, proof);
        if (!ofOld.equals(oldRoot)) {
            throw otherRoot(old, oldRoot, ofOld);
        }
        if (!ofNew.equals(root)) {
            throw otherRoot(size, root, ofNew);
        }
    }

    private static TlogException otherRoot(long size, Hash expected, Hash found) {
        return new TlogException(
                "expected root " + expected + " at size " + size + ", but the proof leads to " + found);
    }

    /** A range of a tree that its splits lead to: either a full subtree, or the rest at the right. */
    private Hash range(long from, long to, SubtreeSource source) {
        long length = to - from;
        if (Long.bitCount(length) == 1) {
            int level = Long.numberOfTrailingZeros(length);
            return source.subtree(level, from >> level);
        }
        long middle = from + split(length);
        return hasher.node(range(from, middle, source), range(middle, to, source));
    }

    /** @return the largest power of two below the length */
    private static long split(long length) {
        return Long.highestOneBit(length - 1);
    }

    static void checkIndex(long index, long size) {
        if (index < 0 || index >= size) {
            throw new TlogException("expected the index of a leaf below the size " + size + ", but got " + index);
        }
    }

    private static Hash next(Iterator<Hash> hashes, List<Hash> proof) {
        if (!hashes.hasNext()) {
            throw new TlogException("expected more hashes in the proof, but there are only " + proof.size());
        }
        return hashes.next();
    }

    private static void end(Iterator<Hash> hashes, List<Hash> proof) {
        if (hashes.hasNext()) {
            throw new TlogException("expected fewer hashes in the proof, but there are " + proof.size());
        }
    }
}
