package io.millrace.ingest.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A tree by the definitions of RFC 6962 and tlog-tiles, word for word and slow: what the real one is held against. */
final class MemoryTree implements TileReader {

    private final TreeHasher hasher = new TreeHasher();
    private final List<Hash> leaves = new ArrayList<>();

    static MemoryTree of(int size) {
        MemoryTree tree = new MemoryTree();
        for (int i = 0; i < size; i++) {
            tree.add(("entry " + i).getBytes(StandardCharsets.UTF_8));
        }
        return tree;
    }

    void add(byte[] entry) {
        leaves.add(hasher.leaf(entry));
    }

    Hash leaf(long index) {
        return leaves.get((int) index);
    }

    Hash root(int size) {
        return mth(leaves.subList(0, size));
    }

    private Hash mth(List<Hash> part) {
        if (part.isEmpty()) {
            return hasher.empty();
        }
        if (part.size() == 1) {
            return part.getFirst();
        }
        int split = 1;
        while (2 * split < part.size()) {
            split *= 2;
        }
        return hasher.node(mth(part.subList(0, split)), mth(part.subList(split, part.size())));
    }

    @Override
    public byte[] read(TilePath path) {
        ByteArrayOutputStream tile = new ByteArrayOutputStream();
        int span = 1 << 8 * path.level();
        for (int i = 0; i < path.width(); i++) {
            int from = (int) (path.index() * TilePath.FULL + i) * span;
            tile.writeBytes(mth(leaves.subList(from, from + span)).toBytes());
        }
        return tile.toByteArray();
    }
}
