package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables of a partition in memory, ordered by unsigned bytes as in any storage. One thread. */
final class MemoryTables implements Storage {

    /** What an entry takes besides its bytes. */
    private static final int PER_ENTRY_BYTES = 80;

    /** By the ordinal of the table. */
    private final List<TreeMap<byte[], byte[]>> tables = new ArrayList<>();

    private long bytes;

    MemoryTables() {
        for (Table table : Table.values()) {
            tables.add(table.ordinal(), new TreeMap<>(Arrays::compareUnsigned));
        }
    }

    /** @return what it takes, about */
    long bytes() {
        return bytes;
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        return tables.get(table.ordinal()).get(key);
    }

    @Override
    public void put(Table table, byte[] key, byte @Nullable [] value) {
        TreeMap<byte[], byte[]> entries = tables.get(table.ordinal());
        byte[] earlier = value == null ? entries.remove(key) : entries.put(key, value);
        if (earlier != null) {
            bytes -= size(key, earlier);
        }
        if (value != null) {
            bytes += size(key, value);
        }
    }

    private static int size(byte[] key, byte[] value) {
        return PER_ENTRY_BYTES + key.length + value.length;
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        TreeMap<byte[], byte[]> entries = tables.get(table.ordinal());
        // Looking for nothing is frequent: without a view of the map that costs half.
        for (Map.Entry<byte[], byte[]> entry = entries.ceilingEntry(firstKey);
                entry != null && visitor.visit(entry.getKey(), entry.getValue());
                entry = entries.higherEntry(entry.getKey())) {
            // the visitor says when it has enough
        }
    }
}
