package io.millrace.dispatcher.engine.state;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Everything that is to happen at a time, soonest first. Held in memory, mirrored into {@link Table#DUE}: leases that come
 * and go between two flushes never touch the store. One thread.
 */
public final class DueIndex {

    private static final byte[] PRESENT = {1};

    private final TreeSet<Due> dues = new TreeSet<>();
    private final Map<Due, Boolean> unflushed = new HashMap<>();

    DueIndex() {}

    void add(Due due) {
        if (dues.add(due)) {
            note(due, true);
        }
    }

    void remove(Due due) {
        if (dues.remove(due)) {
            note(due, false);
        }
    }

    private void note(Due due, boolean present) {
        Boolean earlier = unflushed.remove(due);
        if (earlier == null) {
            unflushed.put(due, present);
        }
    }

    /** @return the soonest, or null */
    public Due first() {
        return dues.isEmpty() ? null : dues.first();
    }

    /** @return all, soonest first */
    Iterable<Due> all() {
        return dues;
    }

    /** @return how many there are */
    public int size() {
        return dues.size();
    }

    void flush(BiConsumer<byte[], byte[]> writer) {
        unflushed.forEach((due, present) -> writer.accept(due.key(), present ? PRESENT : null));
        unflushed.clear();
    }

    void load(byte[] key) {
        dues.add(Due.fromKey(key));
    }
}
