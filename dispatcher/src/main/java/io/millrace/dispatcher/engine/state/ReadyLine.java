package io.millrace.dispatcher.engine.state;

import java.util.Iterator;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * Ready work of one kind in one queue, in the order in which it is to be handed out. The head of the line is in memory; what
 * comes behind the <em>horizon</em> waits in the store, however much it is. One thread.
 */
final class ReadyLine {

    /** What may be read at once where much of the line is handed out between two flushes. */
    static final int MOST_AT_ONCE = 1_024;

    /** Reads what stands in line. */
    interface Source {

        /** Shows what is stored and not before the order, until the visitor has enough; what changed since is left out. */
        void stored(long fromOrderMs, Visitor visitor);
    }

    /** Sees items one after another. */
    @FunctionalInterface
    interface Visitor {

        /** @return whether it wants to see more */
        boolean visit(ReadyItem item);
    }

    private final TreeSet<ReadyItem> head = new TreeSet<>();
    /** What came behind the horizon since the last flush. */
    private final TreeSet<ReadyItem> unflushed = new TreeSet<>();

    private final Source source;
    private final IntSupplier window;
    private final IntConsumer moved;
    private int count;
    /** How often the line was read since the last flush. */
    private int reads;
    /** Whatever comes before this order is in memory. */
    private long horizonMs;

    /**
     * @param window so many are read at once when the horizon is reached, and twice as many each further time before a flush. When
     *     memory has three times as many at a flush, so many are left there. Those of the same order as the last do not count
     * @param moved hears how many more of the head are in memory, or less
     * @param stored how many the store has
     */
    ReadyLine(Source source, IntSupplier window, IntConsumer moved, int stored) {
        this.source = source;
        this.window = window;
        this.moved = moved;
        this.count = stored;
        this.horizonMs = stored == 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }

    /** @return false where it is known to be there already */
    boolean add(ReadyItem item) {
        boolean near = item.orderMs() < horizonMs;
        if (!(near ? head : unflushed).add(item)) {
            return false;
        }
        moved.accept(near ? 1 : 0);
        count++;
        return true;
    }

    /** @return false where it is known not to be there */
    boolean remove(ReadyItem item) {
        if (item.orderMs() >= horizonMs) {
            unflushed.remove(item);
        } else if (head.remove(item)) {
            moved.accept(-1);
        } else {
            return false;
        }
        count--;
        return true;
    }

    /** @return how many there are */
    int count() {
        return count;
    }

    /** @return the first; there must be one */
    ReadyItem first() {
        while (head.isEmpty() && horizonMs < Long.MAX_VALUE) {
            readWindow();
        }
        return head.first();
    }

    /** All of an order is in memory, or nothing, since the store orders ids in its own way. */
    private void readWindow() {
        long from = horizonMs;
        int[] read = {0};
        long[] last = {from};
        boolean[] more = {false};
        int before = head.size();
        int most = atOnce();
        source.stored(from, item -> {
            if (read[0] >= most && item.orderMs() > last[0]) {
                more[0] = true;
                return false;
            }
            last[0] = item.orderMs();
            head.add(item);
            read[0]++;
            return true;
        });
        horizonMs = more[0] ? last[0] + 1 : Long.MAX_VALUE;
        while (!unflushed.isEmpty() && unflushed.first().orderMs() < horizonMs) {
            head.add(unflushed.pollFirst());
        }
        moved.accept(head.size() - before);
    }

    /** Each reading seeks in the store. So many of a small window would take longer than what they bring. */
    private int atOnce() {
        int least = window.getAsInt();
        long grown = (long) least << Math.min(reads++, 10);
        return (int) Math.max(least, Math.min(MOST_AT_ONCE, grown));
    }

    /** All is stored now: what comes last may leave memory. */
    void flushed() {
        unflushed.clear();
        reads = 0;
        int left = window.getAsInt();
        if (head.size() > 3 * left) {
            letGo(left);
        }
    }

    private void letGo(int left) {
        int kept = 0;
        long lastMs = Long.MIN_VALUE;
        for (Iterator<ReadyItem> each = head.iterator(); each.hasNext(); ) {
            ReadyItem item = each.next();
            if (kept >= left && item.orderMs() > lastMs) {
                horizonMs = item.orderMs();
                int before = head.size();
                head.tailSet(item, true).clear();
                moved.accept(head.size() - before);
                return;
            }
            kept++;
            lastMs = item.orderMs();
        }
    }
}
