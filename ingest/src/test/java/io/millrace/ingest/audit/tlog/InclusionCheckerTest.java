package io.millrace.ingest.audit.tlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Proofs that are checked one after the other lead where each leads alone, also after wrong ones. */
class InclusionCheckerTest {

    private static final int MOST = 70;

    private final TreeHasher hasher = new TreeHasher();
    private final MerkleProofs proofs = new MerkleProofs(hasher);
    private final List<Hash> leaves = new ArrayList<>();
    private final SubtreeSource source = this::subtree;

    InclusionCheckerTest() {
        for (int i = 0; i < MOST; i++) {
            leaves.add(hasher.leaf(new byte[] {(byte) i}));
        }
    }

    private Hash subtree(int level, long place) {
        return level == 0
                ? leaves.get((int) place)
                : hasher.node(subtree(level - 1, 2 * place), subtree(level - 1, 2 * place + 1));
    }

    @Test
    void eachProofLeadsToTheRootWhateverCameBefore() {
        for (int size = 1; size <= MOST; size++) {
            Hash root = proofs.root(size, source);
            for (int step = 1; step < size + 1; step += 3) {
                InclusionChecker checker = new InclusionChecker(size, root, hasher);
                for (int index = 0; index < size; index += step) {
                    assertEquals(root, checker.rootOf(index, leaves.get(index), proofs.inclusion(index, size, source)));
                }
            }
        }
    }

    @Test
    void proofsInAnyOrderLeadToTheRoot() {
        Random random = new Random(7);
        for (int size = 1; size <= MOST; size++) {
            Hash root = proofs.root(size, source);
            InclusionChecker checker = new InclusionChecker(size, root, hasher);
            for (int i = 0; i < 4 * size; i++) {
                int index = random.nextInt(size);
                List<Hash> right = proofs.inclusion(index, size, source);
                assertEquals(root, checker.rootOf(index, leaves.get(index), right));
                if (!right.isEmpty()) {
                    List<Hash> wrong = new ArrayList<>(right);
                    wrong.set(random.nextInt(wrong.size()), hasher.empty());
                    assertNotEquals(root, checker.rootOf(index, leaves.get(index), wrong));
                }
            }
        }
    }

    @Test
    void aHashThatWasChangedIsSeenAtAnyPlaceOfAnyLeafBehindARightOne() {
        int size = 37;
        Hash root = proofs.root(size, source);
        for (int first = 0; first < size; first++) {
            for (int index = 0; index < size; index++) {
                List<Hash> right = proofs.inclusion(index, size, source);
                for (int changed = 0; changed < right.size(); changed++) {
                    InclusionChecker checker = new InclusionChecker(size, root, hasher);
                    checker.rootOf(first, leaves.get(first), proofs.inclusion(first, size, source));
                    List<Hash> wrong = new ArrayList<>(right);
                    wrong.set(changed, hasher.empty());
                    assertNotEquals(root, checker.rootOf(index, leaves.get(index), wrong));
                    assertEquals(root, checker.rootOf(index, leaves.get(index), right));
                }
                InclusionChecker checker = new InclusionChecker(size, root, hasher);
                checker.rootOf(first, leaves.get(first), proofs.inclusion(first, size, source));
                assertNotEquals(root, checker.rootOf(index, hasher.empty(), right));
            }
        }
    }

    @Test
    void aProofThatIsTooShortOrTooLongIsRefusedBehindARightOneToo() {
        int size = 37;
        for (int index = 0; index < size; index++) {
            InclusionChecker checker = new InclusionChecker(size, proofs.root(size, source), hasher);
            List<Hash> right = proofs.inclusion(index, size, source);
            checker.rootOf(index, leaves.get(index), right);
            List<Hash> longer = new ArrayList<>(right);
            longer.add(hasher.empty());
            int at = index;

            assertThrows(TlogException.class, () -> checker.rootOf(at, leaves.get(at), longer));
            assertThrows(
                    TlogException.class, () -> checker.rootOf(at, leaves.get(at), right.subList(0, right.size() - 1)));
            assertThrows(TlogException.class, () -> checker.rootOf(size, leaves.get(at), right));
        }
    }
}
