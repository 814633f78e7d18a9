package io.millrace.ingest.audit.tlog;

import java.util.HashMap;
import java.util.Map;

/** The subtrees of a tree of one size, by its tiles. It keeps the tiles that it has read: one for each question. One thread. */
public final class TiledTree implements SubtreeSource {

    private static final int TILE_HEIGHT = 8;

    private final TreeHasher hasher;
    private final long size;
    private final TileReader reader;
    private final Map<TilePath, byte[]> read = new HashMap<>();

    /**
     * @param size leaves of the tree; tiles are asked for in the width that they have at this size
     * @param reader where the tiles are
     */
    public TiledTree(TreeHasher hasher, long size, TileReader reader) {
        this.hasher = hasher;
        this.size = size;
        this.reader = reader;
    }

    @Override
    public Hash subtree(int level, long index) {
        int tileLevel = level / TILE_HEIGHT;
        int below = level % TILE_HEIGHT;
        long first = index << below;
        return fold(tileLevel, first, below);
    }

    /** The root above 2^height hashes of a tile. */
    private Hash fold(int tileLevel, long first, int height) {
        if (height == 0) {
            return hash(tileLevel, first);
        }
        long half = 1L << height - 1;
        return hasher.node(fold(tileLevel, first, height - 1), fold(tileLevel, first + half, height - 1));
    }

    private Hash hash(int tileLevel, long place) {
        long there = size >> TILE_HEIGHT * tileLevel;
        if (place >= there) {
            throw new TlogException("expected hash " + place + " of level " + tileLevel + " in the tree of " + size
                    + " leaves, but it has " + there);
        }
        long tile = place / TilePath.FULL;
        int width = (int) Math.min(TilePath.FULL, there - tile * TilePath.FULL);
        TilePath path = new TilePath(tileLevel, tile, width);
        byte[] hashes = read.computeIfAbsent(path, this::read);
        return Hash.at(hashes, (int) (place % TilePath.FULL) * Hash.BYTES);
    }

    private byte[] read(TilePath path) {
        byte[] hashes = reader.read(path);
        if (hashes.length != path.width() * Hash.BYTES) {
            throw new TlogException(
                    "expected " + path.width() * Hash.BYTES + " bytes of " + path + ", but got " + hashes.length);
        }
        return hashes;
    }
}
