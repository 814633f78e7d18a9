package io.millrace.ingest.audit.tlog;

/** Gets tiles from wherever they are. */
@FunctionalInterface
public interface TileReader {

    /**
     * @return the hashes of the tile, one behind the other, as many as its width says
     * @throws TlogException if there is no such tile
     */
    byte[] read(TilePath path);
}
