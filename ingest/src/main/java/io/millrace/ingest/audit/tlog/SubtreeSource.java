package io.millrace.ingest.audit.tlog;

/** Knows the hashes of the full subtrees of a tree. */
@FunctionalInterface
public interface SubtreeSource {

    /**
     * @param level height of the subtree; at level 0 it is a leaf
     * @param index of the subtree among those of its level, from the left and from 0
     * @return its root: the hash of the leaves from index · 2^level on, 2^level of them
     */
    Hash subtree(int level, long index);
}
