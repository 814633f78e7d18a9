package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Storage in memory, ordered as the real one: by unsigned bytes. */
public final class MemoryStorage implements Storage {

    private final Map<Table, TreeMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);

    private long visits;

    public MemoryStorage() {
        for (Table table : Table.values()) {
            tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
        }
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        return tables.get(table).get(key);
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        if (value == null) {
            tables.get(table).remove(key);
        } else {
            tables.get(table).put(key, value);
        }
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        for (Map.Entry<byte[], byte[]> entry :
                tables.get(table).tailMap(firstKey, true).entrySet()) {
            visits++;
            if (!visitor.visit(entry.getKey(), entry.getValue())) {
                return;
            }
        }
    }

    /** @return a copy that later changes do not touch */
    public MemoryStorage copy() {
        MemoryStorage copy = new MemoryStorage();
        tables.forEach((table, entries) -> copy.tables.get(table).putAll(entries));
        return copy;
    }

    /** @return number of entries of the table */
    public int size(Table table) {
        return tables.get(table).size();
    }

    /** @return number of entries that scans have looked at */
    public long visits() {
        return visits;
    }

    /** @return all contents as text, so that two storages are equal where their texts are */
    public String dump() {
        HexFormat hex = HexFormat.of();
        StringBuilder text = new StringBuilder();
        tables.forEach((table, entries) -> entries.forEach((key, value) -> text.append(table)
                .append(' ')
                .append(hex.formatHex(key))
                .append(" = ")
                .append(hex.formatHex(value))
                .append('\n')));
        return text.toString();
    }
}
