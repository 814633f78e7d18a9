package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Ready work by queue and kind, in the order in which it is to be handed out. Held in memory, mirrored into
 * {@link Table#READY}: work that comes and goes between two flushes never touches the store. One thread.
 */
public final class ReadyIndex {

    private final Map<QueueKey, Map<String, TreeSet<ReadyItem>>> queues = new HashMap<>();
    private final Map<Place, Change> unflushed = new HashMap<>();
    private final LinkedHashSet<QueueKey> grown = new LinkedHashSet<>();
    private final LinkedHashSet<QueueKey> shrunk = new LinkedHashSet<>();
    private final Set<QueueKey> changed = new HashSet<>();

    /** Where an item stands in the store. */
    private record Place(QueueKey queue, long orderMs, UUID itemId) {}

    /** What changed there since the last flush: whether the store has an entry, and the item there is now, or null. */
    private record Change(boolean stored, ReadyItem now) {}

    ReadyIndex() {}

    void add(QueueKey queue, ReadyItem item) {
        if (insert(queue, item)) {
            unflushed.merge(
                    place(queue, item),
                    new Change(false, item),
                    (earlier, added) -> new Change(earlier.stored(), item));
            grown.add(queue);
            changed.add(queue);
        }
    }

    void remove(QueueKey queue, ReadyItem item) {
        Map<String, TreeSet<ReadyItem>> kinds = queues.get(queue);
        TreeSet<ReadyItem> items = kinds == null ? null : kinds.get(item.kind());
        if (items == null || !items.remove(item)) {
            return;
        }
        changed.add(queue);
        shrunk.add(queue);
        // What the store never saw leaves no trace.
        unflushed.merge(
                place(queue, item),
                new Change(true, null),
                (earlier, removed) -> earlier.stored() ? removed : null);
        if (items.isEmpty()) {
            kinds.remove(item.kind());
            if (kinds.isEmpty()) {
                queues.remove(queue);
            }
        }
    }

    private boolean insert(QueueKey queue, ReadyItem item) {
        return queues.computeIfAbsent(queue, q -> new TreeMap<>())
                .computeIfAbsent(item.kind(), k -> new TreeSet<>())
                .add(item);
    }

    private static Place place(QueueKey queue, ReadyItem item) {
        return new Place(queue, item.orderMs(), item.itemId());
    }

    /** @return the first item of the queue that fits, or null; kinds counts only where anyKind is false */
    public ReadyItem first(QueueKey queue, Collection<String> kinds, boolean anyKind) {
        Map<String, TreeSet<ReadyItem>> byKind = queues.get(queue);
        if (byKind == null) {
            return null;
        }
        ReadyItem best = null;
        for (String kind : anyKind ? byKind.keySet() : kinds) {
            TreeSet<ReadyItem> items = byKind.get(kind);
            if (items != null && (best == null || items.first().compareTo(best) < 0)) {
                best = items.first();
            }
        }
        return best;
    }

    /** @return number of ready items of each kind; empty for a queue without any */
    public Map<String, Integer> depths(QueueKey queue) {
        Map<String, Integer> depths = new TreeMap<>();
        queues.getOrDefault(queue, Map.of()).forEach((kind, items) -> depths.put(kind, items.size()));
        return depths;
    }

    /** Shows each kind that has ready items, in the order of their names. */
    public void kinds(QueueKey queue, KindVisitor visitor) {
        queues.getOrDefault(queue, Map.of())
                .forEach((kind, items) -> visitor.visit(kind, items.size(), items.first().orderMs()));
    }

    /** Sees kinds of ready items. */
    @FunctionalInterface
    public interface KindVisitor {

        /** @param headOrderMs order of the first item */
        void visit(String kind, int count, long headOrderMs);
    }

    /** @return queues that have ready work */
    public List<QueueKey> nonEmpty() {
        return new ArrayList<>(queues.keySet());
    }

    /** @return time since when the first item of the queue stands ready, 0 for an empty queue */
    public long oldestSinceMs(QueueKey queue) {
        long oldest = Long.MAX_VALUE;
        for (TreeSet<ReadyItem> items : queues.getOrDefault(queue, Map.of()).values()) {
            oldest = Math.min(oldest, items.first().sinceMs());
        }
        return oldest == Long.MAX_VALUE ? 0 : oldest;
    }

    /** Hands over the queues that got more work since the last call, in the order in which they did. */
    public List<QueueKey> drainGrown() {
        return drain(grown);
    }

    /** Hands over the queues that work left since the last call, in the order in which it did. */
    public List<QueueKey> drainShrunk() {
        return drain(shrunk);
    }

    private static List<QueueKey> drain(LinkedHashSet<QueueKey> queues) {
        if (queues.isEmpty()) {
            return List.of();
        }
        List<QueueKey> drained = new ArrayList<>(queues);
        queues.clear();
        return drained;
    }

    /** Hands over the queues whose work is not what it was at the last call, in no order. */
    public List<QueueKey> drainChanged() {
        if (changed.isEmpty()) {
            return List.of();
        }
        List<QueueKey> drained = List.copyOf(changed);
        changed.clear();
        return drained;
    }

    void flush(BiConsumer<byte[], byte[]> writer) {
        unflushed.forEach((place, change) -> writer.accept(key(place), change.now() == null ? null : value(change.now())));
        unflushed.clear();
    }

    void load(byte[] key, byte[] value) {
        Bytes k = Bytes.reader(key);
        UUID orgId = k.rawId();
        WorkType type = WorkType.values()[k.u8()];
        String queue = k.text();
        long order = k.i64() ^ Long.MIN_VALUE;
        UUID itemId = k.rawId();
        Bytes v = Bytes.reader(value);
        UUID taskId = type == WorkType.TASK ? itemId : null;
        QueueKey queueKey = new QueueKey(orgId, type, queue);
        insert(queueKey, new ReadyItem(order, v.rawId(), taskId, v.text(), v.i64()));
        grown.add(queueKey);
        changed.add(queueKey);
    }

    private static byte[] key(Place place) {
        QueueKey queue = place.queue();
        // The sign bit is flipped so that unsigned byte order is number order.
        return Bytes.writer()
                .rawId(queue.orgId())
                .u8(queue.workType().ordinal())
                .text(queue.queue())
                .i64(place.orderMs() ^ Long.MIN_VALUE)
                .rawId(place.itemId())
                .finish();
    }

    private static byte[] value(ReadyItem item) {
        return Bytes.writer().rawId(item.executionId()).text(item.kind()).i64(item.sinceMs()).finish();
    }
}
