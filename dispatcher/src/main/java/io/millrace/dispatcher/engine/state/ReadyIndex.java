package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.state.ReadyForm.Place;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Ready work by queue and kind, in the order in which it is to be handed out. Of each line the head is in memory, and all of it
 * where it is not long. What comes and goes between two flushes never touches the store. One thread.
 */
public final class ReadyIndex {

    private final Storage storage;
    private final int window;
    private final Map<QueueKey, Map<String, ReadyLine>> queues = new HashMap<>();
    private final Map<Place, Change> unflushed = new HashMap<>();
    /** Lines whose number may not be what the store has. */
    private final Set<LineKey> counted = new HashSet<>();
    /** How many of a line the store knows, of lines that it knows. */
    private final Map<LineKey, Integer> storedCounts = new HashMap<>();
    /** What is stored under the key that it had once. */
    private final Map<Place, ReadyItem> misplaced = new HashMap<>();

    private final LinkedHashSet<QueueKey> grown = new LinkedHashSet<>();
    private final LinkedHashSet<QueueKey> shrunk = new LinkedHashSet<>();
    private final Set<QueueKey> changed = new HashSet<>();

    private record LineKey(QueueKey queue, String kind) {}

    /** What changed there since the last flush: whether the store has an entry, and the item there is now, or null. */
    private record Change(boolean stored, @Nullable ReadyItem now) {}

    /**
     * Opens what rests in the storage.
     *
     * @param window so much of each line is in memory, about
     */
    ReadyIndex(Storage storage, int window) {
        this.storage = storage;
        this.window = window;
        storage.scan(Table.READY_COUNTS, new byte[0], (key, value) -> {
            DamagedRecordException.guard(Table.READY_COUNTS, key, () -> open(key, value));
            return true;
        });
        storage.scan(Table.READY, new byte[0], (key, value) -> {
            DamagedRecordException.guard(Table.READY, key, () -> openOld(key, value));
            return true;
        });
    }

    private Void open(byte[] key, byte[] value) {
        QueueKey queue = ReadyForm.queueOf(key);
        String kind = ReadyForm.kindOf(key);
        int count = Bytes.reader(value).i32();
        storedCounts.put(new LineKey(queue, kind), count);
        queues.computeIfAbsent(queue, q -> new TreeMap<>()).put(kind, newLine(queue, kind, count));
        grown.add(queue);
        changed.add(queue);
        return null;
    }

    private Void openOld(byte[] key, byte[] value) {
        ReadyForm.Placed old = ReadyForm.readOld(key, value);
        line(old.queue(), old.item().kind()).add(old.item());
        misplaced.put(Place.of(old.queue(), old.item()), old.item());
        grown.add(old.queue());
        changed.add(old.queue());
        return null;
    }

    private ReadyLine line(QueueKey queue, String kind) {
        return queues.computeIfAbsent(queue, q -> new TreeMap<>()).computeIfAbsent(kind, k -> newLine(queue, k, 0));
    }

    private ReadyLine newLine(QueueKey queue, String kind, int stored) {
        return new ReadyLine(new Stored(queue, kind), window, stored);
    }

    void add(QueueKey queue, ReadyItem item) {
        Place place = Place.of(queue, item);
        Change since = unflushed.get(place);
        if (since != null && since.now() != null || !line(queue, item.kind()).add(item)) {
            return;
        }
        unflushed.put(place, new Change(since != null && since.stored(), item));
        counted.add(new LineKey(queue, item.kind()));
        grown.add(queue);
        changed.add(queue);
    }

    void remove(QueueKey queue, ReadyItem item) {
        Map<String, ReadyLine> kinds = queues.getOrDefault(queue, Map.of());
        ReadyLine line = kinds.get(item.kind());
        if (line == null || !line.remove(item)) {
            return;
        }
        changed.add(queue);
        shrunk.add(queue);
        counted.add(new LineKey(queue, item.kind()));
        // What the store never saw leaves no trace.
        unflushed.merge(
                Place.of(queue, item), new Change(true, null), (earlier, removed) -> earlier.stored() ? removed : null);
        if (line.count() == 0) {
            kinds.remove(item.kind());
            if (kinds.isEmpty()) {
                queues.remove(queue);
            }
        }
    }

    /** @return the first item of the queue that fits, or null; kinds counts only where anyKind is false */
    public @Nullable ReadyItem first(QueueKey queue, Collection<String> kinds, boolean anyKind) {
        return first(queue, kinds, anyKind, kind -> true);
    }

    /** @return the first item of the queue that fits and is of an allowed kind, or null */
    @Nullable
    ReadyItem first(QueueKey queue, Collection<String> kinds, boolean anyKind, Predicate<String> allowed) {
        Map<String, ReadyLine> byKind = queues.get(queue);
        if (byKind == null) {
            return null;
        }
        ReadyItem best = null;
        for (String kind : anyKind ? byKind.keySet() : kinds) {
            ReadyLine line = byKind.get(kind);
            if (line != null
                    && allowed.test(kind)
                    && (best == null || line.first().compareTo(best) < 0)) {
                best = line.first();
            }
        }
        return best;
    }

    /** @return number of ready items of each kind; empty for a queue without any */
    public Map<String, Integer> depths(QueueKey queue) {
        Map<String, Integer> depths = new TreeMap<>();
        queues.getOrDefault(queue, Map.of()).forEach((kind, line) -> depths.put(kind, line.count()));
        return depths;
    }

    /** Shows each kind that has ready items, in the order of their names. */
    public void kinds(QueueKey queue, KindVisitor visitor) {
        queues.getOrDefault(queue, Map.of())
                .forEach((kind, line) ->
                        visitor.visit(kind, line.count(), line.first().orderMs()));
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
        for (ReadyLine line : queues.getOrDefault(queue, Map.of()).values()) {
            oldest = Math.min(oldest, line.first().sinceMs());
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

    /** How much there is of the queue is to be said again, though no work came or went. */
    void say(QueueKey queue) {
        shrunk.add(queue);
    }

    /** @return how many items are in memory: all, unless there are very many */
    public int inMemory() {
        return queues.values().stream()
                .flatMap(kinds -> kinds.values().stream())
                .mapToInt(ReadyLine::inMemory)
                .sum();
    }

    /** @param byKind whether lines stand by themselves and are counted from now on */
    void flush(boolean byKind) {
        unflushed.forEach((place, change) -> {
            boolean wasMisplaced = misplaced.remove(place) != null;
            if (!byKind && change.now() != null) {
                misplaced.put(place, change.now());
                putOld(place, change.now());
                return;
            }
            if (wasMisplaced) {
                putOld(place, null);
            }
            if (!wasMisplaced || change.now() != null) {
                put(place, change.now());
            }
        });
        unflushed.clear();
        if (byKind) {
            misplaced.forEach((place, item) -> {
                storage.put(Table.READY, ReadyForm.oldKey(place), null);
                put(place, item);
                counted.add(new LineKey(place.queue(), place.kind()));
            });
            misplaced.clear();
            counted.forEach(this::count);
            counted.clear();
        }
    }

    private void put(Place place, @Nullable ReadyItem item) {
        storage.put(Table.READY_LINES, ReadyForm.key(place), item == null ? null : ReadyForm.value(item));
    }

    private void putOld(Place place, @Nullable ReadyItem item) {
        storage.put(Table.READY, ReadyForm.oldKey(place), item == null ? null : ReadyForm.oldValue(item));
    }

    private void count(LineKey key) {
        ReadyLine line = queues.getOrDefault(key.queue(), Map.of()).get(key.kind());
        int now = line == null ? 0 : line.count();
        int stored = now == 0 ? or0(storedCounts.remove(key)) : or0(storedCounts.put(key, now));
        if (stored != now) {
            storage.put(
                    Table.READY_COUNTS,
                    ReadyForm.line(key.queue(), key.kind()),
                    now == 0 ? null : Bytes.writer().i32(now).finish());
        }
        if (line != null) {
            line.flushed();
        }
    }

    private static int or0(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    /** What the store has of a line, and what came since. */
    private final class Stored implements ReadyLine.Source {

        private final QueueKey queue;
        private final String kind;
        private final byte[] line;

        private Stored(QueueKey queue, String kind) {
            this.queue = queue;
            this.kind = kind;
            this.line = ReadyForm.line(queue, kind);
        }

        @Override
        public void stored(long fromOrderMs, ReadyLine.Visitor visitor) {
            storage.scanFrom(Table.READY_LINES, ReadyForm.firstKey(line, fromOrderMs), (key, value) -> {
                if (!Arrays.equals(line, 0, line.length, key, 0, Math.min(line.length, key.length))) {
                    return false;
                }
                ReadyItem item = DamagedRecordException.guard(Table.READY_LINES, key, () -> ReadyForm.read(key, value))
                        .item();
                return unflushed.containsKey(Place.of(queue, item)) || visitor.visit(item);
            });
        }

        @Override
        public void unflushed(Consumer<ReadyItem> visitor) {
            unflushed.forEach((place, change) -> {
                if (change.now() != null
                        && place.queue().equals(queue)
                        && place.kind().equals(kind)) {
                    visitor.accept(change.now());
                }
            });
        }
    }
}
