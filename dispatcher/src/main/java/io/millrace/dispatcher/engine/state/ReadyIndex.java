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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Ready work by queue and kind, in the order in which it is to be handed out. Where there are groups, a kind has a line for each of
 * them, and they take turns within the kind. Of each line the head is in memory, and all of it where it is not long. The more lines
 * there are, the less of each. What comes and goes between two flushes never touches the store. One thread.
 */
public final class ReadyIndex {

    /** So much of the line of a group is in memory, about, since there may be many. */
    private static final int OF_A_GROUP = 200;

    /** So much of a line is in memory, about, however many lines there are. */
    private static final int LEAST_OF_A_LINE = 4;

    private final Storage storage;
    private final int window;
    private int inMemory;
    private final Map<QueueKey, QueueLines> queues = new HashMap<>();
    private final Map<Place, Change> unflushed = new HashMap<>();
    /** Lines whose number may not be what the store has. */
    private final Set<LineKey> counted = new HashSet<>();
    /** How many of a line the store knows, of lines that it knows. */
    private final Map<LineKey, Integer> storedCounts = new HashMap<>();
    /** What is stored under the key that it had once. */
    private final Map<Place, ReadyItem> misplaced = new HashMap<>();

    /** Kinds in which it may be another group's turn than the store says. */
    private final Set<LineKey> turned = new HashSet<>();

    private final LinkedHashSet<QueueKey> grown = new LinkedHashSet<>();
    private final LinkedHashSet<QueueKey> shrunk = new LinkedHashSet<>();
    private final Set<QueueKey> changed = new HashSet<>();

    /** @param name of a line, or of a kind */
    private record LineKey(QueueKey queue, String name) {}

    /** What changed there since the last flush: whether the store has an entry, and the item there is now, or null. */
    private record Change(boolean stored, @Nullable ReadyItem now) {}

    /**
     * Opens what rests in the storage.
     *
     * @param window so much of all lines together is in memory, about
     */
    ReadyIndex(Storage storage, int window) {
        this.storage = storage;
        this.window = window;
        storage.scan(Table.READY_COUNTS, new byte[0], (key, value) -> {
            DamagedRecordException.guard(Table.READY_COUNTS, key, () -> open(key, value));
            return true;
        });
        storage.scan(Table.READY_TURNS, new byte[0], (key, value) -> {
            DamagedRecordException.guard(Table.READY_TURNS, key, () -> openTurn(key, value));
            return true;
        });
        storage.scan(Table.READY, new byte[0], (key, value) -> {
            DamagedRecordException.guard(Table.READY, key, () -> openOld(key, value));
            return true;
        });
    }

    private Void open(byte[] key, byte[] value) {
        QueueKey queue = ReadyForm.queueOf(key);
        String name = ReadyForm.nameOf(key);
        int count = Bytes.reader(value).i32();
        storedCounts.put(new LineKey(queue, name), count);
        queues.computeIfAbsent(queue, QueueLines::new)
                .put(ReadyForm.kindOf(name), ReadyForm.groupOf(name), newLine(queue, name, count));
        grown.add(queue);
        changed.add(queue);
        return null;
    }

    private Void openTurn(byte[] key, byte[] value) {
        KindLines lines = kinds(ReadyForm.queueOf(key)).get(ReadyForm.nameOf(key));
        if (lines != null) {
            lines.turn = Bytes.reader(value).text();
        }
        return null;
    }

    private Void openOld(byte[] key, byte[] value) {
        ReadyForm.Placed old = ReadyForm.readOld(key, value);
        queues.computeIfAbsent(old.queue(), QueueLines::new).add(old.item());
        misplaced.put(Place.of(old.queue(), old.item()), old.item());
        grown.add(old.queue());
        changed.add(old.queue());
        return null;
    }

    private ReadyLine newLine(QueueKey queue, String name, int stored) {
        boolean grouped = !ReadyForm.groupOf(name).isEmpty();
        return new ReadyLine(
                new Stored(queue, name),
                () -> grouped ? Math.min(ofEachLine(), OF_A_GROUP) : ofEachLine(),
                more -> inMemory += more,
                stored);
    }

    private int ofEachLine() {
        return Math.min(window, Math.max(LEAST_OF_A_LINE, window / Math.max(1, storedCounts.size())));
    }

    /** The lines of a queue that has ready work. */
    private final class QueueLines {

        private final QueueKey queue;
        private final Map<String, KindLines> kinds = new TreeMap<>();

        private QueueLines(QueueKey queue) {
            this.queue = queue;
        }

        private void put(String kind, String group, ReadyLine line) {
            KindLines lines = kinds.computeIfAbsent(kind, unknown -> new KindLines());
            lines.put(group, line);
            lines.count += line.count();
        }

        private boolean add(ReadyItem item) {
            KindLines lines = kinds.get(item.kind());
            ReadyLine line = lines == null ? null : lines.get(item.group());
            if (line == null) {
                line = newLine(queue, ReadyForm.lineName(item.kind(), item.group()), 0);
                put(item.kind(), item.group(), line);
                lines = Objects.requireNonNull(kinds.get(item.kind()), "lines of a kind that has one");
            }
            if (!line.add(item)) {
                return false;
            }
            Objects.requireNonNull(lines, "lines of a kind").count++;
            return true;
        }

        private boolean remove(ReadyItem item) {
            KindLines lines = kinds.get(item.kind());
            ReadyLine line = lines == null ? null : lines.get(item.group());
            if (lines == null || line == null || !line.remove(item)) {
                return false;
            }
            lines.count--;
            if (line.count() == 0) {
                lines.put(item.group(), null);
                if (!lines.isGrouped()) {
                    turn(item.kind(), lines, null);
                }
                if (lines.count == 0) {
                    kinds.remove(item.kind());
                }
            }
            return true;
        }

        private void turn(String kind, KindLines lines, @Nullable String group) {
            if (!Objects.equals(lines.turn, group)) {
                lines.turn = group;
                turned.add(new LineKey(queue, kind));
            }
        }

        /** Workers take different kinds, so each kind has its own turn: one for all would pass over the groups of some of them. */
        private @Nullable ReadyItem first(Collection<String> fitting, Predicate<String> allowed) {
            ReadyItem best = null;
            for (String kind : fitting) {
                KindLines lines = kinds.get(kind);
                if (lines != null && allowed.test(kind)) {
                    ReadyItem head = lines.next().first();
                    best = best == null || head.compareTo(best) < 0 ? head : best;
                }
            }
            return best;
        }
    }

    /** The lines of a kind: one without a group, and those of groups, of which most have none. */
    private static final class KindLines {

        private int count;
        private @Nullable ReadyLine plain;
        private @Nullable TreeMap<String, ReadyLine> groups;
        /** Group of which something was handed out last; null: of none, or there are no groups. */
        private @Nullable String turn;

        private @Nullable ReadyLine get(String group) {
            return group.isEmpty() ? plain : groups == null ? null : groups.get(group);
        }

        private void put(String group, @Nullable ReadyLine line) {
            if (group.isEmpty()) {
                plain = line;
            } else if (line != null) {
                groups = groups == null ? new TreeMap<>() : groups;
                groups.put(group, line);
            } else if (groups != null) {
                groups.remove(group);
                groups = groups.isEmpty() ? null : groups;
            }
        }

        private boolean isGrouped() {
            return groups != null;
        }

        /** @return line of the group whose turn it is: the one behind the last one, and after the last of all the first */
        private ReadyLine next() {
            Map.Entry<String, ReadyLine> behind = turn == null || groups == null ? null : groups.higherEntry(turn);
            if (behind != null) {
                return behind.getValue();
            }
            return plain != null
                    ? plain
                    : Objects.requireNonNull(groups, "groups").firstEntry().getValue();
        }

        private void all(Consumer<ReadyLine> visitor) {
            if (plain != null) {
                visitor.accept(plain);
            }
            if (groups != null) {
                groups.values().forEach(visitor);
            }
        }
    }

    void add(QueueKey queue, ReadyItem item) {
        Place place = Place.of(queue, item);
        Change since = unflushed.get(place);
        if (since != null && since.now() != null
                || !queues.computeIfAbsent(queue, QueueLines::new).add(item)) {
            return;
        }
        unflushed.put(place, new Change(since != null && since.stored(), item));
        counted.add(new LineKey(queue, place.line()));
        grown.add(queue);
        changed.add(queue);
    }

    /** The item is about to be handed out: after its group it is the next one's turn among those of its kind. */
    void handedOut(QueueKey queue, ReadyItem item) {
        QueueLines lines = queues.get(queue);
        KindLines ofKind = lines == null ? null : lines.kinds.get(item.kind());
        if (lines != null && ofKind != null && ofKind.isGrouped()) {
            lines.turn(item.kind(), ofKind, item.group());
        }
    }

    void remove(QueueKey queue, ReadyItem item) {
        QueueLines lines = queues.get(queue);
        if (lines == null || !lines.remove(item)) {
            return;
        }
        Place place = Place.of(queue, item);
        changed.add(queue);
        shrunk.add(queue);
        counted.add(new LineKey(queue, place.line()));
        // What the store never saw leaves no trace.
        unflushed.merge(place, new Change(true, null), (earlier, removed) -> earlier.stored() ? removed : null);
        if (lines.kinds.isEmpty()) {
            queues.remove(queue);
        }
    }

    /** @return the first item of the queue that fits, or null; kinds counts only where anyKind is false */
    public @Nullable ReadyItem first(QueueKey queue, Collection<String> kinds, boolean anyKind) {
        return first(queue, kinds, anyKind, kind -> true);
    }

    /**
     * @return the first item of the queue that fits and is of an allowed kind, or null. Of a kind with groups that is the
     *     first of the group whose turn it is, and among several kinds the oldest of these
     */
    @Nullable
    ReadyItem first(QueueKey queue, Collection<String> kinds, boolean anyKind, Predicate<String> allowed) {
        QueueLines lines = queues.get(queue);
        return lines == null ? null : lines.first(anyKind ? lines.kinds.keySet() : kinds, allowed);
    }

    private Map<String, KindLines> kinds(QueueKey queue) {
        QueueLines lines = queues.get(queue);
        return lines == null ? Map.of() : lines.kinds;
    }

    /** @return number of ready items of each kind; empty for a queue without any */
    public Map<String, Integer> depths(QueueKey queue) {
        Map<String, Integer> depths = new TreeMap<>();
        kinds(queue).forEach((kind, lines) -> depths.put(kind, lines.count));
        return depths;
    }

    /** Shows each kind that has ready items, in the order of their names. */
    public void kinds(QueueKey queue, KindVisitor visitor) {
        kinds(queue)
                .forEach((kind, lines) ->
                        visitor.visit(kind, lines.count, lines.next().first().orderMs()));
    }

    /** Sees kinds of ready items. */
    @FunctionalInterface
    public interface KindVisitor {

        /** @param headOrderMs order of the first item, of the group whose turn it is where there are several */
        void visit(String kind, int count, long headOrderMs);
    }

    /** @return whether the queue has ready work */
    boolean has(QueueKey queue) {
        return queues.containsKey(queue);
    }

    /** @return queues that have ready work */
    public List<QueueKey> nonEmpty() {
        return new ArrayList<>(queues.keySet());
    }

    /** @return time since when the first item of the queue stands ready, 0 for an empty queue */
    public long oldestSinceMs(QueueKey queue) {
        long[] oldest = {Long.MAX_VALUE};
        kinds(queue)
                .values()
                .forEach(lines -> lines.all(
                        line -> oldest[0] = Math.min(oldest[0], line.first().sinceMs())));
        return oldest[0] == Long.MAX_VALUE ? 0 : oldest[0];
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
        return inMemory;
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
                counted.add(new LineKey(place.queue(), place.line()));
            });
            misplaced.clear();
            counted.forEach(this::count);
            counted.clear();
            turned.forEach(key -> {
                KindLines lines = kinds(key.queue()).get(key.name());
                String turn = lines == null ? null : lines.turn;
                storage.put(
                        Table.READY_TURNS,
                        ReadyForm.line(key.queue(), key.name()),
                        turn == null ? null : Bytes.writer().text(turn).finish());
            });
            turned.clear();
            if (inMemory > 3 * window) { // those that nothing was added to as well
                queues.values().forEach(lines -> lines.kinds.values().forEach(kind -> kind.all(ReadyLine::flushed)));
            }
        }
    }

    private void put(Place place, @Nullable ReadyItem item) {
        storage.put(Table.READY_LINES, ReadyForm.key(place), item == null ? null : ReadyForm.value(item));
    }

    private void putOld(Place place, @Nullable ReadyItem item) {
        storage.put(Table.READY, ReadyForm.oldKey(place), item == null ? null : ReadyForm.oldValue(item));
    }

    private void count(LineKey key) {
        KindLines lines = kinds(key.queue()).get(ReadyForm.kindOf(key.name()));
        ReadyLine line = lines == null ? null : lines.get(ReadyForm.groupOf(key.name()));
        int now = line == null ? 0 : line.count();
        int stored = now == 0 ? or0(storedCounts.remove(key)) : or0(storedCounts.put(key, now));
        if (stored != now) {
            storage.put(
                    Table.READY_COUNTS,
                    ReadyForm.line(key.queue(), key.name()),
                    now == 0 ? null : Bytes.writer().i32(now).finish());
        }
        if (line != null) {
            line.flushed();
        }
    }

    private static int or0(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    /** What the store has of a line. */
    private final class Stored implements ReadyLine.Source {

        private final QueueKey queue;
        private final byte[] line;

        private Stored(QueueKey queue, String name) {
            this.queue = queue;
            this.line = ReadyForm.line(queue, name);
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
    }
}
