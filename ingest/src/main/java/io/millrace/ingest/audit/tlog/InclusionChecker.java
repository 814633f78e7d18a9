package io.millrace.ingest.audit.tlog;

import java.util.List;

/**
 * Checks many inclusion proofs of one tree. The nodes above two leaves are the same from some level on; what was found to lead to the root
 * once is not hashed again. One thread.
 */
public final class InclusionChecker {

    /** Levels of the highest tree whose size is a number of 63 bits, the leaves among them. */
    private static final int LEVELS = 64;

    private final long size;
    private final Hash root;
    private final TreeHasher hasher;

    /** The last leaf that was found to be in the tree. */
    private long known = -1;

    private List<Hash> knownProof = List.of();
    /** The nodes above that leaf, by level; each leads to the root. */
    private final Hash[] knownNodes = new Hash[LEVELS];
    /** How many hashes of its proof are used below each of them. */
    private final int[] knownUsed = new int[LEVELS];

    /** The same of the leaf that is looked at, which may turn out to be in no tree. */
    private final Hash[] nodes = new Hash[LEVELS];

    private final int[] used = new int[LEVELS];

    /**
     * @param size of the tree
     * @param root of it
     * @param hasher of the same thread
     */
    public InclusionChecker(long size, Hash root, TreeHasher hasher) {
        this.size = size;
        this.root = root;
        this.hasher = hasher;
    }

    /**
     * @return the root to which the proof leads: that of the tree, if the leaf is in it at this index
     * @throws TlogException if the proof has not the length that index and size ask for
     */
    public Hash rootOf(long index, Hash leaf, List<Hash> proof) {
        InclusionWalk walk = new InclusionWalk(hasher, index, size, leaf, proof);
        int meeting = known < 0 ? LEVELS : Long.SIZE - Long.numberOfLeadingZeros(index ^ known);
        while (walk.level() < meeting && !walk.atRoot()) {
            note(walk);
            walk.up();
        }
        if (walk.level() == meeting && goesOnAsKnown(walk, proof)) {
            keep(index, proof, walk);
            return root;
        }
        while (!walk.atRoot()) {
            note(walk);
            walk.up();
        }
        note(walk);
        Hash found = walk.root();
        if (found.equals(root)) {
            keep(index, proof, walk);
        }
        return found;
    }

    private void note(InclusionWalk walk) {
        nodes[walk.level()] = walk.node();
        used[walk.level()] = walk.used();
    }

    /** Whether the walk has come upon a node that leads to the root, and its proof goes on from there as that did which showed it. */
    private boolean goesOnAsKnown(InclusionWalk walk, List<Hash> proof) {
        return walk.node().equals(knownNodes[walk.level()])
                && proof.subList(walk.used(), proof.size())
                        .equals(knownProof.subList(knownUsed[walk.level()], knownProof.size()));
    }

    /** Keeps the nodes below where the walk stands; those from there on are known, or were noted at the root. */
    private void keep(long index, List<Hash> proof, InclusionWalk walk) {
        int from = walk.level();
        System.arraycopy(nodes, 0, knownNodes, 0, from);
        if (walk.atRoot()) {
            knownNodes[from] = root;
            knownUsed[from] = walk.used();
        } else {
            // Which of two leaves it is changes how many hashes lie below a node, and nothing above it.
            int more = walk.used() - knownUsed[from];
            for (int level = from; level < LEVELS; level++) {
                knownUsed[level] += more;
            }
        }
        System.arraycopy(used, 0, knownUsed, 0, from);
        known = index;
        knownProof = proof;
    }
}
