package io.millrace.notifier.queue;

import java.util.Collection;
import java.util.TreeMap;

/** Those who take the same kinds, lowest ticket first. Guarded by the entry's lock. */
final class Line<T extends Waiter> {

    private final KindFilter filter;
    private final TreeMap<Long, T> waiters = new TreeMap<>();
    private int passedOver;

    Line(KindFilter filter) {
        this.filter = filter;
    }

    KindFilter filter() {
        return filter;
    }

    T first() {
        return waiters.firstEntry().getValue();
    }

    Collection<T> all() {
        return waiters.values();
    }

    int size() {
        return waiters.size();
    }

    boolean add(T waiter) {
        return waiters.put(waiter.ticket(), waiter) == null;
    }

    boolean remove(T waiter) {
        return waiters.remove(waiter.ticket()) != null;
    }

    /** Nothing fits this line in the given round of matching: it needs no second look. */
    void passOver(int round) {
        passedOver = round;
    }

    boolean passedOverIn(int round) {
        return passedOver == round;
    }
}
