package io.millrace.ingest.audit.tlog;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The right edge of a growing tree: the roots of the full subtrees that it consists of. With these alone, without the
 * leaves, it can grow and tell its root. One thread.
 */
public final class Frontier {

    private final TreeHasher hasher;
    /** Roots of the full subtrees, the largest and leftmost at the bottom: one for each bit that is set in the size. */
    private final ArrayDeque<Hash> roots = new ArrayDeque<>();

    private long size;

    /** An empty tree. */
    public Frontier(TreeHasher hasher) {
        this.hasher = hasher;
    }

    /** @return the right edge of the tree of this size whose subtrees the source knows */
    public static Frontier of(TreeHasher hasher, long size, SubtreeSource source) {
        Frontier frontier = new Frontier(hasher);
        long start = 0;
        for (int level = 62; level >= 0; level--) {
            if ((size >> level & 1) == 1) {
                frontier.roots.push(source.subtree(level, start >> level));
                start += 1L << level;
            }
        }
        frontier.size = size;
        return frontier;
    }

    /** Hears of the subtrees that become full. */
    @FunctionalInterface
    interface Listener {

        /** The subtree of this level and index is full, and this is its root; at level 0 it is a leaf. */
        void full(int level, long index, Hash root);
    }

    /** Adds a leaf. */
    public void append(Hash leaf) {
        append(leaf, (level, index, root) -> {});
    }

    /** Adds a leaf, and tells which subtrees became full by it, from the leaf up. */
    void append(Hash leaf, Listener listener) {
        Hash hash = leaf;
        int level = 0;
        listener.full(level, size, hash);
        for (long full = size; (full & 1) == 1; full >>= 1) {
            hash = hasher.node(roots.pop(), hash);
            listener.full(++level, full >> 1, hash);
        }
        roots.push(hash);
        size++;
    }

    /** @return the number of leaves */
    public long size() {
        return size;
    }

    /** @return the root of the tree as it is now */
    public Hash root() {
        if (roots.isEmpty()) {
            return hasher.empty();
        }
        Iterator<Hash> smallestFirst = roots.iterator();
        Hash root = smallestFirst.next();
        while (smallestFirst.hasNext()) {
            root = hasher.node(smallestFirst.next(), root);
        }
        return root;
    }
}
