package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A partition that Kafka Streams gave to this node, as other threads see it. */
public final class Partition {

    /** Nothing is due. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Commands that let happen what is due, written together at the most. */
    static final int MOST_TOGETHER = 16;

    private final int number;
    private final PartitionState state;
    private final Tenure tenure;
    private volatile long nextDueMs = NEVER;
    private volatile TimeReading time;
    /** Commands that let happen what is due are under way, so many. */
    private final AtomicInteger firing = new AtomicInteger();

    /** Time of the partition when one of them was carried out last. */
    private volatile long firedAtMs = Long.MIN_VALUE;

    /** How many were written together last. On the clock's thread. */
    private int firedTogether = 1;

    private volatile long firedNanos;
    private volatile long position = -1;
    private final AtomicReference<Runnable> doubt = new AtomicReference<>();
    private final Views views;
    private final Watches watches = new Watches();
    private final Map<QueueKey, QueueDepth> queues = new ConcurrentHashMap<>();
    private final Map<Held, Integer> inHand = new ConcurrentHashMap<>();

    Partition(int number, PartitionState state, Tenure tenure) {
        this.number = number;
        this.state = state;
        this.tenure = tenure;
        this.views = new Views(state, () -> tenure.state().reads());
        this.time = new TimeReading(state.timeMs(), System.nanoTime(), false, false);
    }

    /** @return its number */
    public int number() {
        return number;
    }

    /** @return how other threads see its state; ask for the tenure before each use */
    public Views views() {
        return views;
    }

    /** @return its state, for those in this package who know which thread they are on */
    PartitionState state() {
        return state;
    }

    /** @return how this node stands to it, and so what may be asked of it; ask before each use */
    public TenureState tenure() {
        return tenure.state();
    }

    /** @return offset of the last command carried out, -1 before the first since it was opened */
    public long position() {
        return position;
    }

    /** @return who watches its executions */
    public Watches watches() {
        return watches;
    }

    /** @return ready work by queue, of queues that have some, as of a moment ago */
    public Collection<QueueDepth> queues() {
        return queues.values();
    }

    /**
     * A read failed on the store. It is done again on the stream thread, since a reader may have met what is just being
     * written. What fails there too closes the store; a store that is damaged is then made anew. One read at a time is
     * enough for that.
     */
    public void doubt(Runnable read) {
        doubt.compareAndSet(null, read);
    }

    /** @return the read that failed, null for none. Stream thread */
    @Nullable
    Runnable takeDoubt() {
        return doubt.get() == null ? null : doubt.getAndSet(null);
    }

    private record Held(UUID orgId, WorkSubject subject) {}

    /** @return how many executions and tasks a worker has that is drained, or workers have of a queue with a limit, as of a moment ago */
    public int inHand(UUID orgId, WorkSubject subject) {
        return inHand.getOrDefault(new Held(orgId, subject), 0);
    }

    /** Takes over how many that are now. */
    void inHand(UUID orgId, WorkSubject subject, int count) {
        if (count == 0) {
            inHand.remove(new Held(orgId, subject));
        } else {
            inHand.put(new Held(orgId, subject), count);
        }
    }

    /** Takes over what the queue has now. */
    void queue(QueueKey queue, QueueDepth depth) {
        if (depth.view().getReady() == 0) {
            queues.remove(queue);
        } else {
            queues.put(queue, depth);
        }
    }

    void position(long offset) {
        position = offset;
    }

    /** @return when something is due next, {@link #NEVER} for nothing */
    public long nextDueMs() {
        return nextDueMs;
    }

    void nextDueMs(long atMs) {
        nextDueMs = atMs;
    }

    /** @return time of the partition now, as far as it can be known between two commands, milliseconds since the epoch */
    public long timeMs() {
        return time.at(System.nanoTime());
    }

    TimeReading time() {
        return time;
    }

    /** A command has been carried out, and told the time. Stream thread. */
    void time(long atMs, boolean ahead) {
        time = new TimeReading(atMs, System.nanoTime(), ahead, true);
    }

    /** The machine may have slept, so nobody knows how long ago the last command was. */
    void doubtTime() {
        time = time.doubted();
    }

    /** @return whether a command that lets happen what is due is under way, and was written less than so long ago */
    boolean firing(long nowNanos, long longestNanos) {
        return firing.get() > 0 && nowNanos - firedNanos < longestNanos;
    }

    /**
     * Commands that let happen what is due are written now. Each of them has so much room, and is about one organisation. So where the
     * last ones have left something behind that was due already, twice as many are written together: what is due of many
     * organisations would wait for a way to Kafka and back each, otherwise. On the clock's thread.
     *
     * @param dueMs what is due soonest, by the partition's time
     * @return how many
     */
    int fires(long nowNanos, long dueMs) {
        boolean lost = firing.get() > 0;
        firedTogether = lost || dueMs > firedAtMs ? 1 : Math.min(MOST_TOGETHER, 2 * firedTogether);
        firedNanos = nowNanos;
        firing.set(firedTogether);
        return firedTogether;
    }

    /** One has been carried out, and told the time. Stream thread. */
    void firingDone() {
        firedAtMs = time.timeMs();
        firing.updateAndGet(left -> Math.max(0, left - 1));
    }
}
