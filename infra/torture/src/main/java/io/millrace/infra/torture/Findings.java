package io.millrace.infra.torture;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** What was counted, and what is wrong. Safe from any thread. */
final class Findings {

    private static final int SHOWN = 200;

    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> leftOut = new ConcurrentLinkedQueue<>();
    private final AtomicLong wrongs = new AtomicLong();

    void count(String what) {
        count(what, 1);
    }

    void count(String what, long more) {
        counts.computeIfAbsent(what, key -> new AtomicLong()).addAndGet(more);
    }

    long counted(String what) {
        AtomicLong count = counts.get(what);
        return count == null ? 0 : count.get();
    }

    /** Notes what must not be. Of many only the first are kept; all are counted. */
    void wrong(String text) {
        if (wrongs.incrementAndGet() <= SHOWN) {
            wrong.add(text);
        }
    }

    /** Notes what was asked for, and could not be done here. */
    void leftOut(String text) {
        leftOut.add(text);
    }

    /** @return what was asked for, and could not be done here */
    List<String> leftOut() {
        return List.copyOf(leftOut);
    }

    /** @return how much is wrong */
    long wrongs() {
        return wrongs.get();
    }

    /** @return the first of what is wrong */
    List<String> texts() {
        return List.copyOf(wrong);
    }

    /** @return by name */
    Map<String, Long> counts() {
        Map<String, Long> all = new TreeMap<>();
        counts.forEach((name, count) -> all.put(name, count.get()));
        return all;
    }
}
