package io.millrace.notifier.queue;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** A {@link Wakeable}'s place in one entry of the index. */
public final class Listener extends Waiter {

    /** Who is doubted first comes first. */
    static final Comparator<Listener> BY_DOUBT =
            Comparator.comparingLong((Listener woken) -> woken.doubtAt).thenComparingLong(woken -> woken.wakeUp);

    private final WorkQueue key;
    private final String workerId;
    private final Wakeable target;
    private final Reaction reaction = new Reaction();
    private Standing standing = Standing.FRESH;
    private boolean present;
    private boolean wasSuspect;
    private @Nullable WakeRound round;
    private long wakeUp;
    private long wokenAt;
    private long doubtAt;
    private long giveUpAt;

    /**
     * @param key the entry it listens to
     * @param filter kinds it wants to be told of
     * @param workerId by which the polls of its worker are known
     * @param target whom to tell
     */
    public Listener(WorkQueue key, KindFilter filter, String workerId, Wakeable target) {
        super(filter);
        this.key = key;
        this.workerId = workerId;
        this.target = target;
    }

    /** @return the entry it listens to */
    public WorkQueue key() {
        return key;
    }

    String workerId() {
        return workerId;
    }

    Wakeable target() {
        return target;
    }

    /** How long this one takes. */
    Reaction reaction() {
        return reaction;
    }

    Standing standing() {
        return standing;
    }

    void standing(Standing next) {
        standing = next;
    }

    /** @return whether it still listens */
    boolean present() {
        return present;
    }

    void present(boolean now) {
        present = now;
    }

    /** The round that waits for it while it is {@link Standing#WOKEN}. */
    @Nullable
    WakeRound round() {
        return round;
    }

    /**
     * It is woken.
     *
     * @param number of the wake-up, ever growing
     */
    void woken(WakeRound by, long number, long now, long doubt, long giveUp) {
        round = by;
        wasSuspect = standing == Standing.SUSPECT;
        wakeUp = number;
        wokenAt = now;
        doubtAt = doubt;
        giveUpAt = giveUp;
    }

    /** @return whether it had not come the time before either */
    boolean wasSuspect() {
        return wasSuspect;
    }

    long wokenAt() {
        return wokenAt;
    }

    /** When it is no longer sure that it comes. */
    long doubtAt() {
        return doubtAt;
    }

    /** When it is not waited for any longer. */
    long giveUpAt() {
        return giveUpAt;
    }
}
