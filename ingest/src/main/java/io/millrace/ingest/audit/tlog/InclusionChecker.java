package io.millrace.ingest.audit.tlog;

import java.util.ArrayList;
import java.util.List;

/**
 * Checks many inclusion proofs of one tree. The nodes above two leaves are the same from some level on; what was found to lead to the root
 * once is not hashed again. One thread.
 */
public final class InclusionChecker {

    private final long size;
    private final Hash root;
    private final TreeHasher hasher;
    private final MerkleProofs proofs;

    /** The last leaf that was found to be in the tree: its place, its proof, and the nodes above it from the leaf on. */
    private long known = -1;

    private List<Hash> knownProof = List.of();
    private final List<Hash> knownNodes = new ArrayList<>();
    /** How many hashes of the proof are used below the node. */
    private final List<Integer> knownUsed = new ArrayList<>();

    /**
     * @param size of the tree
     * @param root of it
     * @param hasher of the same thread
     */
    public InclusionChecker(long size, Hash root, TreeHasher hasher) {
        this.size = size;
        this.root = root;
        this.hasher = hasher;
        this.proofs = new MerkleProofs(hasher);
    }

    /**
     * @return the root to which the proof leads: that of the tree, if the leaf is in it at this index
     * @throws TlogException if the proof has not the length that index and size ask for
     */
    public Hash rootOf(long index, Hash leaf, List<Hash> proof) {
        if (leadsToWhatIsKnown(index, leaf, proof)) {
            return root;
        }
        Hash found = proofs.rootByInclusion(index, size, leaf, proof);
        if (found.equals(root)) {
            keep(index, leaf, proof);
        }
        return found;
    }

    /** Whether the proof comes upon a node that leads to the root, and goes on from there as the proof did that showed it. */
    private boolean leadsToWhatIsKnown(long index, Hash leaf, List<Hash> proof) {
        if (known < 0 || index < 0 || index >= size) {
            return false;
        }
        Hash node = leaf;
        int used = 0;
        int level = 0;
        long place = index;
        for (long last = size - 1; place != known >> level; last >>= 1) {
            boolean right = (place & 1) == 1;
            if (right || place < last) {
                if (used == proof.size()) {
                    return false;
                }
                Hash sibling = proof.get(used++);
                node = right ? hasher.node(sibling, node) : hasher.node(node, sibling);
            }
            place >>= 1;
            level++;
        }
        int usedBelow = knownUsed.get(level);
        return node.equals(knownNodes.get(level))
                && proof.subList(used, proof.size()).equals(knownProof.subList(usedBelow, knownProof.size()));
    }

    private void keep(long index, Hash leaf, List<Hash> proof) {
        known = index;
        knownProof = proof;
        knownNodes.clear();
        knownUsed.clear();
        Hash node = leaf;
        int used = 0;
        long place = index;
        for (long last = size - 1; ; last >>= 1) {
            knownNodes.add(node);
            knownUsed.add(used);
            if (last == 0) {
                return;
            }
            boolean right = (place & 1) == 1;
            if (right || place < last) {
                Hash sibling = proof.get(used++);
                node = right ? hasher.node(sibling, node) : hasher.node(node, sibling);
            }
            place >>= 1;
        }
    }
}
