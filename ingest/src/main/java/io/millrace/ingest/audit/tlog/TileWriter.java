package io.millrace.ingest.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the tiles and entry bundles of a growing tree. It keeps the last of each level, to which more may be added. One thread. */
public final class TileWriter {

    private static final int TILE_HEIGHT = 8;

    private final TreeHasher hasher;
    private final Frontier frontier;
    private final Map<Integer, OpenTile> open = new HashMap<>();
    private final List<Tile> full = new ArrayList<>();

    /**
     * A tile or an entry bundle as it is to be kept.
     *
     * @param path with its width
     * @param bytes hashes, or entries behind their lengths
     */
    public record Tile(TilePath path, byte[] bytes) {}

    private static final class OpenTile {
        private final long index;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(TilePath.FULL * Hash.BYTES);
        private int width;
        private boolean changed;

        OpenTile(long index) {
            this.index = index;
        }

        void add(byte[] more) {
            bytes.writeBytes(more);
            width++;
            changed = true;
        }

        Tile toTile(int level) {
            return new Tile(new TilePath(level, index, width), bytes.toByteArray());
        }
    }

    /** An empty tree. */
    public TileWriter() {
        this(new TreeHasher(), 0, path -> {
            throw new TlogException("expected no tile of an empty tree to be asked for, but got " + path);
        });
    }

    /**
     * A tree that is there and will grow.
     *
     * @param size of it
     * @param reader knows its tiles, and its entry bundles by the same names
     */
    public TileWriter(TreeHasher hasher, long size, TileReader reader) {
        this.hasher = hasher;
        this.frontier = Frontier.of(hasher, size, new TiledTree(hasher, size, reader));
        for (int level = 0; TILE_HEIGHT * level < Long.SIZE && size >> TILE_HEIGHT * level > 0; level++) {
            reopen(level, size >> TILE_HEIGHT * level, reader);
        }
        reopen(TilePath.ENTRIES, size, reader);
    }

    private void reopen(int level, long there, TileReader reader) {
        int width = (int) (there % TilePath.FULL);
        if (width > 0) {
            OpenTile tile = new OpenTile(there / TilePath.FULL);
            tile.bytes.writeBytes(reader.read(new TilePath(level, tile.index, width)));
            tile.width = width;
            open.put(level, tile);
        }
    }

    /** Adds an entry. */
    public void append(byte[] entry) {
        add(TilePath.ENTRIES, frontier.size(), EntryBundle.encode(List.of(entry)));
        frontier.append(hasher.leaf(entry), (level, index, root) -> {
            if (level % TILE_HEIGHT == 0) {
                add(level / TILE_HEIGHT, index, root.bytes());
            }
        });
    }

    private void add(int level, long place, byte[] bytes) {
        OpenTile tile = open.computeIfAbsent(level, first -> new OpenTile(place / TilePath.FULL));
        tile.add(bytes);
        if (tile.width == TilePath.FULL) {
            full.add(tile.toTile(level));
            open.remove(level);
        }
    }

    /** @return what has changed since the last call: tiles that became full, and those at the right edge as they are now */
    public List<Tile> changed() {
        List<Tile> changed = new ArrayList<>(full);
        full.clear();
        open.forEach((level, tile) -> {
            if (tile.changed) {
                changed.add(tile.toTile(level));
                tile.changed = false;
            }
        });
        return changed;
    }

    /** @return the number of leaves */
    public long size() {
        return frontier.size();
    }

    /** @return the root of the tree as it is now */
    public Hash root() {
        return frontier.root();
    }
}
