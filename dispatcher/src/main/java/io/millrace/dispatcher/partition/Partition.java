package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A partition that Kafka Streams gave to this node, as other threads see it. */
public final class Partition {

    /** Nothing is due. */
    public static final long NEVER = Long.MAX_VALUE;

    private final int number;
    private final PartitionState state;
    private final Tenure tenure;
    private volatile long nextDueMs = NEVER;
    private volatile long firingSinceMs;
    private volatile long position = -1;
    private volatile long turns;
    private final Watches watches = new Watches();
    private final Map<QueueKey, QueueDepth> queues = new ConcurrentHashMap<>();

    Partition(int number, PartitionState state, Tenure tenure) {
        this.number = number;
        this.state = state;
        this.tenure = tenure;
    }

    /** @return its number */
    public int number() {
        return number;
    }

    /** @return its state; only what is documented for any thread may be called */
    public PartitionState state() {
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

    /**
     * @return number that rises when a command is begun and when its events have been applied: even while the state stands
     *     still
     */
    public long turns() {
        return turns;
    }

    /** A command is begun, or its events have been applied. Stream thread. */
    void turn() {
        turns = turns + 1;
    }

    /** @return ready work by queue, of queues that have some, as of a moment ago */
    public Collection<QueueDepth> queues() {
        return queues.values();
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

    /** @return since when a FireDue command is under way, 0 for none */
    long firingSinceMs() {
        return firingSinceMs;
    }

    void firingSinceMs(long sinceMs) {
        firingSinceMs = sinceMs;
    }
}
