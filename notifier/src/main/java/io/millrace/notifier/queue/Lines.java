package io.millrace.notifier.queue;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who waits for a queue, one line for each set of kinds. The cost of finding a taker grows with the number of
 * lines, not with that of waiters. Guarded by the entry's lock.
 */
final class Lines<T extends Waiter> {

    private final Map<KindFilter, Line<T>> lines = new HashMap<>(2);
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    Collection<Line<T>> all() {
        return lines.values();
    }

    /** Puts the waiter to the place of its ticket. */
    void add(T waiter) {
        Line<T> line = lines.get(waiter.filter());
        if (line == null) {
            line = new Line<>(waiter.filter());
            lines.put(waiter.filter(), line);
        }
        if (line.add(waiter)) {
            size++;
        }
    }

    /** @return false if it did not stand here */
    boolean remove(T waiter) {
        Line<T> line = lines.get(waiter.filter());
        if (line == null || !line.remove(waiter)) {
            return false;
        }
        size--;
        if (line.size() == 0) {
            lines.remove(waiter.filter());
        }
        return true;
    }

    /** @return how many take the kind */
    int fitting(String kind) {
        int fitting = 0;
        for (Line<T> line : lines.values()) {
            if (line.filter().fits(kind)) {
                fitting += line.size();
            }
        }
        return fitting;
    }

    /** @return who takes the kind and has waited longest, or null */
    @Nullable
    T firstFitting(String kind) {
        T first = null;
        for (Line<T> line : lines.values()) {
            if (line.filter().fits(kind) && (first == null || line.first().ticket() < first.ticket())) {
                first = line.first();
            }
        }
        return first;
    }

    /** @return who has waited longest of the lines not passed over in this round, or null */
    @Nullable
    Line<T> nextLine(int round) {
        Line<T> next = null;
        for (Line<T> line : lines.values()) {
            if (!line.passedOverIn(round)
                    && (next == null || line.first().ticket() < next.first().ticket())) {
                next = line;
            }
        }
        return next;
    }
}
