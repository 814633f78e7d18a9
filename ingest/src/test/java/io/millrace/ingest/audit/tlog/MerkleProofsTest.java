package io.millrace.ingest.audit.tlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MerkleProofsTest {

    private static final int SIZES = 70;

    private final TreeHasher hasher = new TreeHasher();
    private final MerkleProofs proofs = new MerkleProofs(hasher);
    private final MemoryTree tree = MemoryTree.of(SIZES);

    /** The leaves and roots that implementations of RFC 6962 are tested with since the first of them. */
    @Test
    void agreesWithThePublishedRoots() {
        List<String> leaves = List.of(
                "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");
        List<String> roots = List.of(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
        Frontier frontier = new Frontier(hasher);

        List<String> found = new ArrayList<>(List.of(hex(frontier.root())));
        for (String leaf : leaves) {
            frontier.append(hasher.leaf(HexFormat.of().parseHex(leaf)));
            found.add(hex(frontier.root()));
        }

        assertEquals(roots, found);
    }

    @Test
    void aGrowingTreeHasTheRootOfTheDefinitionAtEverySize() {
        Frontier frontier = new Frontier(hasher);
        for (int size = 0; size <= SIZES; size++) {
            assertEquals(tree.root(size), frontier.root());
            assertEquals(
                    tree.root(size), Frontier.of(hasher, size, subtrees(size)).root());
            assertEquals(tree.root(size), proofs.root(size, subtrees(size)));
            if (size < SIZES) {
                frontier.append(tree.leaf(size));
            }
        }
    }

    @Test
    void everyLeafOfEveryTreeCanBeProvedAndNothingElse() {
        for (int size = 1; size <= SIZES; size++) {
            for (int index = 0; index < size; index++) {
                List<Hash> proof = proofs.inclusion(index, size, subtrees(size));

                assertEquals(tree.root(size), proofs.rootByInclusion(index, size, tree.leaf(index), proof));
                assertNotEquals(tree.root(size), proofs.rootByInclusion(index, size, hasher.empty(), proof));
                for (List<Hash> changed : changes(proof)) {
                    assertNotEquals(tree.root(size), rootOrNull(index, size, changed));
                }
                int other = (index + 1) % size;
                if (other != index) {
                    assertNotEquals(tree.root(size), rootOrNull(other, size, proof, tree.leaf(index)));
                }
            }
        }
    }

    @Test
    void everyTreeCanBeProvedToHaveGrownFromEverySmallerOne() {
        for (int size = 0; size <= SIZES; size++) {
            for (int old = 0; old <= size; old++) {
                List<Hash> proof = proofs.consistency(old, size, subtrees(size));
                int from = old;
                int to = size;

                proofs.checkConsistency(old, tree.root(old), size, tree.root(size), proof);
                assertThrows(
                        TlogException.class,
                        () -> proofs.checkConsistency(from, hasher.leaf(new byte[1]), to, tree.root(to), proof));
                if (old > 0) {
                    assertThrows(
                            TlogException.class,
                            () -> proofs.checkConsistency(from, tree.root(from), to, hasher.leaf(new byte[1]), proof));
                }
                for (List<Hash> changed : changes(proof)) {
                    assertThrows(
                            TlogException.class,
                            () -> proofs.checkConsistency(from, tree.root(from), to, tree.root(to), changed));
                }
            }
        }
    }

    @Test
    void tilesOfThreeLevelsGiveTheSameTree() {
        int size = 2 * 65_536 + 300;
        MemoryTree large = MemoryTree.of(size);
        TiledTree tiled = new TiledTree(hasher, size, large);

        assertEquals(large.root(size), proofs.root(size, tiled));
        for (int index : new int[] {0, 255, 256, 65_535, 65_536, 131_071, 131_072, size - 1}) {
            assertEquals(
                    large.root(size),
                    proofs.rootByInclusion(index, size, large.leaf(index), proofs.inclusion(index, size, tiled)));
            int old = index + 1;
            proofs.checkConsistency(old, large.root(old), size, large.root(size), proofs.consistency(old, size, tiled));
        }
    }

    @Test
    void refusesPlacesThatATreeHasNot() {
        assertThrows(TlogException.class, () -> proofs.inclusion(5, 5, subtrees(5)));
        assertThrows(TlogException.class, () -> proofs.inclusion(-1, 5, subtrees(5)));
        assertThrows(TlogException.class, () -> proofs.consistency(6, 5, subtrees(5)));
        assertThrows(TlogException.class, () -> new TiledTree(hasher, 5, tree).subtree(0, 5));
    }

    private SubtreeSource subtrees(int size) {
        return new TiledTree(hasher, size, tree);
    }

    private Hash rootOrNull(int index, int size, List<Hash> proof) {
        return rootOrNull(index, size, proof, tree.leaf(index));
    }

    private Hash rootOrNull(int index, int size, List<Hash> proof, Hash leaf) {
        try {
            return proofs.rootByInclusion(index, size, leaf, proof);
        } catch (TlogException otherLength) {
            return null;
        }
    }

    /** The proof with one more hash, with one less, and with each of its hashes changed. */
    private List<List<Hash>> changes(List<Hash> proof) {
        List<List<Hash>> all = new ArrayList<>();
        List<Hash> longer = new ArrayList<>(proof);
        longer.add(hasher.empty());
        all.add(longer);
        if (!proof.isEmpty()) {
            all.add(proof.subList(0, proof.size() - 1));
        }
        for (int i = 0; i < proof.size(); i++) {
            List<Hash> other = new ArrayList<>(proof);
            other.set(i, hasher.empty());
            all.add(other);
        }
        return all;
    }

    private static String hex(Hash hash) {
        return HexFormat.of().formatHex(hash.toBytes());
    }
}
