package io.millrace.ingest.audit.tlog;

/** Gets tiles from wherever they are. */
@FunctionalInterface
public interface TileReader {

    /**
     * @return the hashes of the tile, one behind the other, as many as its width says
     * @throws RuntimeException if there is no such tile, or it cannot be read; the kind tells which trouble that is
     */
    byte[] read(TilePath path);
}
