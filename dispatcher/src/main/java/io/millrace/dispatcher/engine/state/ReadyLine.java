package io.millrace.dispatcher.engine.state;

import java.util.Iterator;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Ready work of one kind in one queue, in the order in which it is to be handed out. The head of the line is in memory; what
 * comes behind the <em>horizon</em> waits in the store, however much it is. One thread.
 */
final class ReadyLine {

    /** Reads what stands in line. */
    interface Source {

        /** Shows what is stored and not before the order, until the visitor has enough; what changed since is left out. */
        void stored(long fromOrderMs, Visitor visitor);

        /** Shows what came since the last flush. */
        void unflushed(Consumer<ReadyItem> visitor);
    }

    /** Sees items one after another. */
    @FunctionalInterface
    interface Visitor {

        /** @return whether it wants to see more */
        boolean visit(ReadyItem item);
    }

    private final TreeSet<ReadyItem> head = new TreeSet<>();
    private final Source source;
    private final IntSupplier window;
    private int count;
    /** Whatever comes before this order is in memory. */
    private long horizonMs;

    /**
     * @param window so many are read at once when the horizon is reached. When memory has three times as many, so many
     *     are left there. Those of the same order as the last do not count
     * @param stored how many the store has
     */
    ReadyLine(Source source, IntSupplier window, int stored) {
        this.source = source;
        this.window = window;
        this.count = stored;
        this.horizonMs = stored == 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }

    /** @return false where it is known to be there already */
    boolean add(ReadyItem item) {
        if (item.orderMs() < horizonMs && !head.add(item)) {
            return false;
        }
        count++;
        return true;
    }

    /** @return false where it is known not to be there */
    boolean remove(ReadyItem item) {
        if (item.orderMs() < horizonMs && !head.remove(item)) {
            return false;
        }
        count--;
        return true;
    }

    /** @return how many there are */
    int count() {
        return count;
    }

    /** @return how many of them are in memory */
    int inMemory() {
        return head.size();
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
        int most = window.getAsInt();
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
        source.unflushed(item -> {
            if (item.orderMs() >= from && item.orderMs() < horizonMs) {
                head.add(item);
            }
        });
    }

    /** All is stored now: what comes last may leave memory. */
    void flushed() {
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
                head.tailSet(item, true).clear();
                return;
            }
            kept++;
            lastMs = item.orderMs();
        }
    }
}
