package io.millrace.ingest.encryption;

import io.millrace.proto.v1.DataKeyEntry;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What this node owes to the topic of data keys: an entry that no node has removed, a key that was written behind its erasure. It is
 * owed until it has been read there, and written again for so long. However often something is owed anew, it is written once in a
 * while only, as another node may not agree with this one; and at most {@link #MOST_IN_A_TURN} at once. One thread.
 */
final class OwedRecords {

    /** So many are written in one turn. */
    static final int MOST_IN_A_TURN = 100;

    private final KeyTable table;
    private final long againNanos;
    /** When to write it next, by {@link System#nanoTime}. One waits for those in front of it, which is no longer than that takes. */
    private final Map<EntryKey, Long> owed = new LinkedHashMap<>();
    /** When it may be written again, in the order of time. */
    private final Map<EntryKey, Long> written = new LinkedHashMap<>();

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
        owed.putIfAbsent(key, Math.max(nowNanos, written.getOrDefault(key, nowNanos)));
    }

    /** It stands there as it should. */
    void settled(EntryKey key) {
        owed.remove(key);
    }

    /** Writes what is due. To be called only while this node has read the topic to its end. */
    void write(long nowNanos, Writer writer) {
        Iterator<Long> times = written.values().iterator();
        while (times.hasNext() && nowNanos - times.next() >= 0) {
            times.remove();
        }
        for (int turn = 0; turn < MOST_IN_A_TURN && !owed.isEmpty(); turn++) {
            Map.Entry<EntryKey, Long> first = owed.entrySet().iterator().next();
            if (nowNanos - first.getValue() < 0) {
                return;
            }
            EntryKey key = first.getKey();
            owed.remove(key);
            if (write(key, writer)) {
                owed.put(key, nowNanos + againNanos);
                written.remove(key);
                written.put(key, nowNanos + againNanos);
            }
        }
    }

    private boolean write(EntryKey key, Writer writer) {
        if (key.kind() == EntryKey.Kind.DATA_KEY && table.erasedMs(key.id()).isPresent()) {
            writer.removal(key);
            return true;
        }
        if (table.seal(key).filter(seal -> seal != Seal.NONE).isEmpty()) {
            return false;
        }
        Optional<DataKeyEntry> entry = table.standing(key);
        entry.ifPresent(one -> writer.entry(key, one));
        return entry.isPresent();
    }
}
