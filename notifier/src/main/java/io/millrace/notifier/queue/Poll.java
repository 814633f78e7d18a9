package io.millrace.notifier.queue;

import io.millrace.proto.v1.Principal;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One open poll of a worker. Its phase changes only under the lock of the entry that it waits in. */
public final class Poll extends Waiter {

    /**
     * A worker, and who may report what it gets. Workers of others may call themselves the same.
     *
     * @param reporter empty: anybody
     */
    record Taker(String workerId, Principal reporter) {}

    /** Where a poll stands. */
    enum Phase {
        /** In line. */
        WAITING,
        /** A claim for it is on its way. */
        CLAIMING,
        /** It stays empty, since its worker is drained. */
        RESTING,
        /** Answered, or gone. */
        OVER
    }

    private final WorkQueue key;
    private final String workerId;
    private final ClaimHolder holder;
    private final Taker taker;
    private final Map<String, Long> longerLeasesMs;
    private final boolean once;
    private final PollAnswer answer;
    private volatile Phase phase = Phase.WAITING;
    private boolean overdue;
    private boolean withdrawn;
    private @Nullable ClaimBatch claim;
    private volatile @Nullable Future<?> timer;

    /**
     * @param key what it polls
     * @param filter kinds it takes
     * @param workerId by which the worker is to hold the work
     * @param holder who alone may report the work
     * @param longerLeasesMs leases of kinds that its worker may work on for longer than usual, milliseconds
     * @param once whether it may wait only for work that is known to be there
     * @param answer its other end
     */
    public Poll(
            WorkQueue key,
            KindFilter filter,
            String workerId,
            ClaimHolder holder,
            Map<String, Long> longerLeasesMs,
            boolean once,
            PollAnswer answer) {
        super(filter);
        this.key = key;
        this.workerId = workerId;
        this.holder = holder;
        this.taker = new Taker(workerId, holder.reporter());
        this.longerLeasesMs = longerLeasesMs;
        this.once = once;
        this.answer = answer;
    }

    /** @return what it polls */
    public WorkQueue key() {
        return key;
    }

    /** @return the id by which the worker is to hold the work */
    public String workerId() {
        return workerId;
    }

    /** @return who alone may report the work */
    public ClaimHolder holder() {
        return holder;
    }

    /** @return whose work it may get: polls that have it in common may get each other's */
    Taker taker() {
        return taker;
    }

    /** @return leases of kinds that its worker may work on for longer than usual, milliseconds */
    public Map<String, Long> longerLeasesMs() {
        return longerLeasesMs;
    }

    boolean once() {
        return once;
    }

    PollAnswer answer() {
        return answer;
    }

    Phase phase() {
        return phase;
    }

    void phase(Phase next) {
        this.phase = next;
    }

    /** The claim whose answer it waits for, while it is claiming. */
    @Nullable
    ClaimBatch claim() {
        return claim;
    }

    void claim(ClaimBatch batch) {
        phase = Phase.CLAIMING;
        claim = batch;
    }

    boolean overdue() {
        return overdue;
    }

    void becomeOverdue() {
        overdue = true;
    }

    /** @return whether its caller has gone */
    boolean withdrawn() {
        return withdrawn;
    }

    void becomeWithdrawn() {
        withdrawn = true;
    }

    void timer(Future<?> next) {
        timer = next;
    }

    void stopTimer() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
    }
}
