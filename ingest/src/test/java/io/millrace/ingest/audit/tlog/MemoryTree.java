package io.millrace.ingest.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A tree by the definitions of RFC 6962 and tlog-tiles, word for word and slow: what the real one is held against. */
final class MemoryTree implements TileReader {

    private static final int KEPT = 256;

    private final TreeHasher hasher = new TreeHasher();
    private final List<Hash> leaves = new ArrayList<>();
    private final Map<Part, Hash> known = new HashMap<>();

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
        return mth(new Part(0, size));
    }

    /** @param to behind the last one */
    private record Part(int from, int to) {

        private int size() {
            return to - from;
        }
    }

    /** A leaf is never changed, so what was computed once of many of them is kept. */
    private Hash mth(Part part) {
        if (part.size() < KEPT) {
            return computed(part);
        }
        Hash before = known.get(part);
        if (before == null) {
            before = computed(part);
            known.put(part, before);
        }
        return before;
    }

    private Hash computed(Part part) {
        if (part.size() == 0) {
            return hasher.empty();
        }
        if (part.size() == 1) {
            return leaves.get(part.from());
        }
        int split = 1;
        while (2 * split < part.size()) {
            split *= 2;
        }
        int middle = part.from() + split;
        return hasher.node(mth(new Part(part.from(), middle)), mth(new Part(middle, part.to())));
    }

    @Override
    public byte[] read(TilePath path) {
        ByteArrayOutputStream tile = new ByteArrayOutputStream();
        int span = 1 << 8 * path.level();
        for (int i = 0; i < path.width(); i++) {
            int from = (int) (path.index() * TilePath.FULL + i) * span;
            tile.writeBytes(mth(new Part(from, from + span)).toBytes());
        }
        return tile.toByteArray();
    }
}
