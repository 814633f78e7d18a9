package io.millrace.notifier.queue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Claims that travel in one command: polls of one queue for work of one partition, in the order of their places. */
public final class ClaimBatch {

    private final QueueEntry entry;
    private final int partition;
    private final long begunAt = System.nanoTime();
    private final List<Poll> polls = new ArrayList<>(4);
    private final List<String> reserved = new ArrayList<>(4);

    ClaimBatch(QueueEntry entry, int partition) {
        this.entry = entry;
        this.partition = partition;
    }

    void add(Poll poll, String kind) {
        polls.add(poll);
        reserved.add(kind);
    }

    /** @return age in nanoseconds */
    long age() {
        return System.nanoTime() - begunAt;
    }

    QueueEntry entry() {
        return entry;
    }

    /** @return the queue that is claimed from */
    public QueueKey key() {
        return entry.key();
    }

    /** @return partition of the commands topic that the work stands in */
    public int partition() {
        return partition;
    }

    /** @return the polls, in the order in which they are to get work */
    public List<Poll> polls() {
        return Collections.unmodifiableList(polls);
    }

    /** @return for each poll the kind whose ready number it counts against until the answer comes */
    List<String> reserved() {
        return reserved;
    }
}
