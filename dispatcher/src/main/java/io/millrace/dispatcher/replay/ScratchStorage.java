package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import org.jspecify.annotations.Nullable;

/**
 * Where the state of a log that is carried out again rests. It rests in memory, or in a store in a temporary folder
 * once it is too large for memory. The folder is gone afterwards. One thread.
 */
final class ScratchStorage implements Storage, AutoCloseable {

    private final long memoryBytes;
    /** Null once all is in the store. */
    private @Nullable MemoryTables memory;
    /** Null while all is in memory. */
    private @Nullable TemporaryStore store;
    /** The one of the two that is in use. */
    private Storage used;

    /** @param memoryBytes what it may take in memory, about */
    ScratchStorage(long memoryBytes) {
        this.memoryBytes = memoryBytes;
        MemoryTables empty = new MemoryTables();
        memory = empty;
        used = empty;
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        return used.get(table, key);
    }

    @Override
    public void put(Table table, byte[] key, byte @Nullable [] value) {
        used.put(table, key, value);
        if (memory != null && memory.bytes() > memoryBytes) {
            moveToDisk(memory);
        }
    }

    private void moveToDisk(MemoryTables from) {
        TemporaryStore opened = TemporaryStore.open();
        store = opened;
        for (Table table : Table.values()) {
            from.scan(table, new byte[0], (key, value) -> {
                opened.put(table, key, value);
                return true;
            });
        }
        used = opened;
        memory = null;
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        used.scanFrom(table, firstKey, visitor);
    }

    /** Nothing of it is left. */
    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }
}
