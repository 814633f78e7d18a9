package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.List;

/** A partition that this node owns, as other threads see it. */
public final class Partition {

    /** Nothing is due. */
    static final long NEVER = Long.MAX_VALUE;

    private final int number;
    private final PartitionState state;
    private volatile long nextDueMs = NEVER;
    private volatile long firingSinceMs;
    private volatile long position = -1;
    private volatile List<QueueDepth> queues = List.of();

    Partition(int number, PartitionState state) {
        this.number = number;
        this.state = state;
    }

    /** @return its number */
    public int number() {
        return number;
    }

    /** @return its state; only what is documented for any thread may be called */
    public PartitionState state() {
        return state;
    }

    /** @return offset of the last command carried out, -1 before the first since it was opened */
    public long position() {
        return position;
    }

    /** @return ready work by queue, as of the last refresh, at most a second ago */
    public List<QueueDepth> queues() {
        return queues;
    }

    void queues(List<QueueDepth> depths) {
        queues = depths;
    }

    void position(long offset) {
        position = offset;
    }

    /** @return when something is due next, {@link #NEVER} for nothing */
    long nextDueMs() {
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
