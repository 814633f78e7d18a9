package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;

/**
 * Where the state of a log that is carried out again rests. It rests in memory, or in a store in a temporary folder
 * once it is too large for memory. The folder is gone afterwards. One thread.
 */
final class ScratchStorage implements Storage, AutoCloseable {

    private final long memoryBytes;
    private MemoryTables memory = new MemoryTables();
    /** Null while all is in memory. */
    private TemporaryStore store;

    /** @param memoryBytes what it may take in memory, about */
    ScratchStorage(long memoryBytes) {
        this.memoryBytes = memoryBytes;
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        return store == null ? memory.get(table, key) : store.get(table, key);
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        if (store != null) {
            store.put(table, key, value);
            return;
        }
        memory.put(table, key, value);
        if (memory.bytes() > memoryBytes) {
            moveToDisk();
        }
    }

    private void moveToDisk() {
        TemporaryStore opened = TemporaryStore.open();
        store = opened;
        for (Table table : Table.values()) {
            memory.scan(table, new byte[0], (key, value) -> {
                opened.put(table, key, value);
                return true;
            });
        }
        memory = null;
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        if (store == null) {
            memory.scanFrom(table, firstKey, visitor);
        } else {
            store.scanFrom(table, firstKey, visitor);
        }
    }

    /** Nothing of it is left. */
    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }
}
