package io.millrace.dispatcher.engine.store;

import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * A stored record is not what was once written. The store is of no use any more: it is put aside and filled anew from its
 * changelog. If the record comes back the same, the defect is older than the store, and the partition must stop.
 */
public final class DamagedRecordException extends StorageException {

    private DamagedRecordException(Table table, byte[] key, RuntimeException cause) {
        super(
                "expected a record of " + table + " under " + HexFormat.of().formatHex(key)
                        + " in the form that was written, but it cannot be read: " + cause,
                cause);
    }

    /**
     * Reads the stored form of a record.
     *
     * @throws DamagedRecordException the form is none that was ever written
     */
    public static <T> T guard(Table table, byte[] key, Supplier<T> read) {
        try {
            return read.get();
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DamagedRecordException(table, key, e);
        }
    }
}
