package io.millrace.notifier.queue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/** Claims that travel in one command: polls of one queue for work of one partition, in the order of their places. */
public final class ClaimBatch {

    private final QueueEntry entry;
    private final int partition;
    private final boolean riding;
    private final long begunAt;
    private final List<Poll> polls = new ArrayList<>(4);
    private final List<Poll> takers = new ArrayList<>(4);
    private final List<String> reserved = new ArrayList<>(4);
    private volatile List<UUID> claimIds = List.of();
    private Fate fate = Fate.OPEN;

    /** Work is handed out once: by the answer, or by the engine to others when nobody waits for the answer any more. */
    private enum Fate {
        OPEN,
        ANSWERED,
        FORGOTTEN
    }

    private ClaimBatch(QueueEntry entry, int partition, boolean riding, long now) {
        this.entry = entry;
        this.partition = partition;
        this.riding = riding;
        this.begunAt = now;
    }

    /** Claims of known work, in a command of their own. */
    static ClaimBatch alone(QueueEntry entry, int partition, long now) {
        return new ClaimBatch(entry, partition, false, now);
    }

    /** Claims of the work that another command may bring. Nothing is known of it, so nothing is reserved. */
    static ClaimBatch riding(QueueEntry entry, int partition, long now) {
        return new ClaimBatch(entry, partition, true, now);
    }

    void add(Poll poll, String kind) {
        polls.add(poll);
        takers.add(poll);
        if (!riding) {
            reserved.add(kind);
        }
    }

    boolean isRiding() {
        return riding;
    }

    /** @return when it was begun, nanoseconds of the index's clock */
    long begunAt() {
        return begunAt;
    }

    QueueEntry entry() {
        return entry;
    }

    /** @return the queue that is claimed from */
    public WorkQueue key() {
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

    /** The claims travel by these ids, in the order of the polls. */
    public void claimIds(List<UUID> ids) {
        claimIds = List.copyOf(ids);
    }

    /** @return the ids of the claims, in the order of the polls; none as long as they were not made */
    public List<UUID> claimIds() {
        return claimIds;
    }

    /** @return false if the claims were given up before: what was handed out goes back then */
    synchronized boolean answered() {
        if (fate == Fate.OPEN) {
            fate = Fate.ANSWERED;
        }
        return fate == Fate.ANSWERED;
    }

    /** @return whether the claims are to be given up now: no answer came, and it was not done yet */
    synchronized boolean forget() {
        boolean first = fate == Fate.OPEN;
        if (first) {
            fate = Fate.FORGOTTEN;
        }
        return first;
    }

    /** @return for each of the polls who gets its work: itself, or a later one of its worker. Guarded by the entry's lock */
    List<Poll> takers() {
        return takers;
    }

    void taker(int place, Poll poll) {
        takers.set(place, poll);
    }

    /** @return for each poll the kind whose ready number it counts against until the answer comes */
    List<String> reserved() {
        return reserved;
    }
}
