package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.PartitionRuntime.Commit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The commits of one stream thread: when one is due, and what all partitions have to store for it. A thread commits all
 * of its partitions together. That thread only.
 *
 * <p>Kafka Streams asks one partition after the other what it has to store, and after each waits until Kafka has it. Where a
 * request takes seconds, a commit would take them for each partition. So all store when the first is asked: then they wait
 * together.
 *
 * <p>Nothing is carried out during a commit. Kafka may be so slow that a commit takes longer than the interval. The
 * next one would then begin as soon as it ends, and nearly nothing would ever be carried out. So a pause of the same
 * length follows on it, and half of the time is left for commands.
 */
final class ThreadCommits {

    /** Longest pause after a slow commit: the transaction has to end in its time. */
    static final long LONGEST_PAUSE_MS = 15_000;

    private final long intervalNanos;
    private final LongSupplier clock;
    private final List<Runnable> partitions = new ArrayList<>();
    private int looking;
    private boolean underWay;
    private long begunAt;
    private long endedAt;
    private long tookNanos;

    /**
     * @param intervalMs time between two commits, milliseconds
     * @param clock nanoseconds
     */
    ThreadCommits(long intervalMs, LongSupplier clock) {
        intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMs);
        this.clock = clock;
        endedAt = clock.getAsLong();
    }

    /** @param store stores what a partition has to store before a commit; called with each from now on */
    void join(Runnable store) {
        partitions.add(store);
    }

    /** The partition is closed. */
    void leave(Runnable store) {
        partitions.remove(store);
        underWay &= !partitions.isEmpty();
    }

    /** A partition looks some times a second from now on, so the end of a commit is noticed. */
    void looks() {
        looking++;
    }

    /** It does so no more. */
    void looksAway() {
        looking--;
    }

    /** A partition is asked for what it has to store; all are, if it is the first one of this commit. */
    void begins() {
        if (underWay) {
            return;
        }
        underWay = true;
        begunAt = clock.getAsLong();
        partitions.forEach(Runnable::run);
    }

    /** A partition has something to do, so the commit that was under way is over. */
    void over() {
        if (underWay) {
            underWay = false;
            endedAt = clock.getAsLong();
            // Where no partition has anything to do after a commit, none looks before the next command comes, however
            // late that is.
            tookNanos = looking > 0 ? endedAt - begunAt : 0;
        }
    }

    /** @return whether a partition that wishes this is to be committed now */
    boolean due(Commit wish) {
        if (wish == Commit.WITHOUT_FAIL) {
            return true;
        }
        long sinceNanos = clock.getAsLong() - endedAt;
        if (tookNanos > intervalNanos
                && sinceNanos < Math.min(tookNanos, TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MS))) {
            return false;
        }
        return wish == Commit.NOW || sinceNanos >= intervalNanos;
    }
}
