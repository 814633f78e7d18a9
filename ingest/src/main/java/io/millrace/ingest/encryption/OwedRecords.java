package io.millrace.ingest.encryption;

import io.millrace.proto.v1.DataKeyEntry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What this node owes to the topic of data keys: an entry that no node has removed, a key that was written behind its erasure. It is
 * owed until it has been read there, and written again for so long. One thread.
 */
final class OwedRecords {

    private final KeyTable table;
    private final long againNanos;
    /** When to write it next, by {@link System#nanoTime}. */
    private final Map<EntryKey, Long> owed = new HashMap<>();

    /** Writes, and says if that failed. */
    interface Writer {

        void entry(EntryKey key, DataKeyEntry entry);

        /** Removes a key that was erased. */
        void removal(EntryKey key);
    }

    /** @param again after so long without having been read it is written once more */
    OwedRecords(KeyTable table, Duration again) {
        this.table = table;
        this.againNanos = again.toNanos();
    }

    /** It has to be written. */
    void owe(EntryKey key, long nowNanos) {
        owed.putIfAbsent(key, nowNanos);
    }

    /** It stands there as it should. */
    void settled(EntryKey key) {
        owed.remove(key);
    }

    /** Writes what is due. To be called only while this node has read the topic to its end. */
    void write(long nowNanos, Writer writer) {
        owed.entrySet().removeIf(each -> {
            if (nowNanos - each.getValue() < 0) {
                return false;
            }
            EntryKey key = each.getKey();
            each.setValue(nowNanos + againNanos);
            if (key.kind() == EntryKey.Kind.DATA_KEY && table.erasedMs(key.id()).isPresent()) {
                writer.removal(key);
                return false;
            }
            Optional<DataKeyEntry> entry = table.standing(key);
            entry.ifPresent(one -> writer.entry(key, one));
            return entry.isEmpty();
        });
    }
}
