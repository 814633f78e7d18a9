package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Everything that is to happen at a time, soonest first. Held in memory, mirrored into {@link Table#DUE}: leases that come
 * and go between two flushes never touch the store. It also knows who holds which lease; that is not stored, but follows from
 * the claims. One thread.
 */
public final class DueIndex {

    private static final byte[] PRESENT = {1};

    private final TreeSet<Due> dues = new TreeSet<>();
    private final Map<Due, Boolean> unflushed = new HashMap<>();
    private final Map<Due, Holder> holders = new HashMap<>();
    private final Map<Holder, TreeSet<Due>> held = new HashMap<>();

    private record Holder(UUID orgId, String workerId) {}

    DueIndex() {}

    void add(Due due) {
        if (dues.add(due)) {
            note(due, true);
        }
    }

    /** Adds the end of a lease that the worker has from now on. */
    void lend(Due lease, UUID orgId, String workerId) {
        add(lease);
        held(lease, orgId, workerId);
    }

    /** Says who holds a lease that is there. */
    void held(Due lease, UUID orgId, String workerId) {
        Holder holder = new Holder(orgId, workerId);
        holders.put(lease, holder);
        held.computeIfAbsent(holder, key -> new TreeSet<>()).add(lease);
    }

    void remove(Due due) {
        if (dues.remove(due)) {
            note(due, false);
        }
        Holder holder = due.lease() ? holders.remove(due) : null;
        if (holder != null) {
            TreeSet<Due> leases = held.get(holder);
            leases.remove(due);
            if (leases.isEmpty()) {
                held.remove(holder);
            }
        }
    }

    /** @return ends of the leases that the worker has, soonest first */
    List<Due> leases(UUID orgId, String workerId) {
        TreeSet<Due> leases = held.get(new Holder(orgId, workerId));
        return leases == null ? List.of() : List.copyOf(leases);
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
