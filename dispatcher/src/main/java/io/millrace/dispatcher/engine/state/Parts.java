package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Parts of an execution of one sort, in the order in which they came: its timers, its promises or its children. None is ever
 * forgotten, since its name must not come again, and most are over soon and never change again. So those that are over stand apart
 * in the store, page by page, and a change writes only the rest. A page is {@link #PAGE} parts that came one after the other; it
 * stands apart if all of them are over. That follows from the parts alone, and not from when they were stored. Changed on the
 * partition's thread.
 */
final class Parts<K, V> {

    /** Parts of a page. */
    static final int PAGE = 64;

    private final Predicate<V> over;
    private final BiConsumer<Bytes, Map.Entry<K, V>> form;
    private final Function<Bytes, Map.Entry<K, V>> read;
    private final Map<K, V> all = new LinkedHashMap<>();
    /** Null while there is no full page, as with nearly all executions. */
    private @Nullable Pages<K> pages;

    private static final class Pages<K> {
        private final List<K> order = new ArrayList<>();
        private final Map<K, Integer> places = new HashMap<>();
        private final BitSet apart = new BitSet();
        private final BitSet changed = new BitSet();

        private void note(K key) {
            Integer place = places.putIfAbsent(key, order.size());
            if (place == null) {
                place = order.size();
                order.add(key);
            }
            changed.set(place / PAGE);
        }

        private List<K> page(int number) {
            return order.subList(number * PAGE, Math.min(order.size(), (number + 1) * PAGE));
        }
    }

    /**
     * @param over whether a part never changes again
     * @param form writes a part
     * @param read reads what that has written
     */
    Parts(Predicate<V> over, BiConsumer<Bytes, Map.Entry<K, V>> form, Function<Bytes, Map.Entry<K, V>> read) {
        this.over = over;
        this.form = form;
        this.read = read;
    }

    /** @return what stood there before, or null */
    @Nullable
    V put(K key, V value) {
        V before = all.put(key, value);
        if (pages != null) {
            pages.note(key);
        } else if (all.size() >= PAGE) {
            Pages<K> first = new Pages<>();
            all.keySet().forEach(first::note);
            pages = first;
        }
        return before;
    }

    @Nullable
    V get(K key) {
        return all.get(key);
    }

    /** @return all of them, in the order in which they came; a view that nobody can change */
    Map<K, V> view() {
        return Collections.unmodifiableMap(all);
    }

    int size() {
        return all.size();
    }

    /** @return whether some stand apart in the store */
    boolean apart() {
        return pages != null && !pages.apart.isEmpty();
    }

    /**
     * Stores the pages whose parts are all over since the last time, and takes back those that have one that is open again.
     *
     * @param store is given the number of a page and its bytes, null to take it back
     */
    void storePages(BiConsumer<Integer, byte @Nullable []> store) {
        if (pages == null) {
            return;
        }
        BitSet changed = pages.changed;
        for (int number = changed.nextSetBit(0); number >= 0; number = changed.nextSetBit(number + 1)) {
            List<K> page = pages.page(number);
            boolean isOver = page.size() == PAGE && page.stream().allMatch(key -> over.test(value(key)));
            if (isOver) {
                Bytes out = Bytes.writer().u8(1);
                write(out, page);
                store.accept(number, out.finish());
            } else if (pages.apart.get(number)) {
                store.accept(number, null);
            }
            pages.apart.set(number, isOver);
        }
        changed.clear();
    }

    private V value(K key) {
        return Objects.requireNonNull(all.get(key), "part that came");
    }

    private void write(Bytes out, List<K> keys) {
        out.i32(keys.size());
        keys.forEach(key -> form.accept(out, Map.entry(key, value(key))));
    }

    /** Writes those that do not stand apart. */
    void writeRest(Bytes out) {
        if (!apart()) {
            write(out, List.copyOf(all.keySet()));
            return;
        }
        List<K> rest = new ArrayList<>();
        Pages<K> known = Objects.requireNonNull(pages, "pages, since some stand apart");
        int count = (known.order.size() + PAGE - 1) / PAGE;
        for (int number = known.apart.nextClearBit(0); number < count; number = known.apart.nextClearBit(number + 1)) {
            rest.addAll(known.page(number));
        }
        write(out, rest);
    }

    /** Reads what {@link #writeRest} has written, to be completed by {@link #takeIn} if some stand apart. */
    void readRest(Bytes in) {
        for (int n = in.i32(); n > 0; n--) {
            Map.Entry<K, V> part = read.apply(in);
            put(part.getKey(), part.getValue());
        }
    }

    /**
     * Takes in what stands apart, by the numbers of the pages, each at its place among the rest.
     *
     * @throws IllegalStateException a page is missing
     */
    void takeIn(SortedMap<Integer, byte[]> stored) {
        if (stored.isEmpty()) {
            return;
        }
        List<Map.Entry<K, V>> rest = List.copyOf(all.entrySet());
        all.clear();
        pages = null;
        int next = 0;
        for (int number = 0; next < rest.size() || number <= stored.lastKey(); number++) {
            byte[] page = stored.get(number);
            if (page != null) {
                Bytes in = Bytes.reader(page);
                Versions.expect(in.u8(), 1, "page of parts of an execution");
                readRest(in);
            } else {
                int end = Math.min(rest.size(), next + PAGE);
                if (end - next < PAGE && number < stored.lastKey()) {
                    throw new IllegalStateException("expected page " + number + " of parts among the rest, since "
                            + stored.lastKey() + " stands apart, but the rest has " + (end - next) + " of " + PAGE);
                }
                rest.subList(next, end).forEach(part -> put(part.getKey(), part.getValue()));
                next = end;
            }
        }
        Pages<K> known = Objects.requireNonNull(pages, "pages, since some stand apart");
        known.changed.clear();
        stored.keySet().forEach(known.apart::set);
    }
}
