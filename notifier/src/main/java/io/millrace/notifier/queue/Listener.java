package io.millrace.notifier.queue;

/** A {@link Wakeable}'s place in one entry of the index. */
public final class Listener extends Waiter {

    private final QueueKey key;
    private final Wakeable target;

    /**
     * @param key the entry it listens to
     * @param filter kinds it wants to be told of
     * @param target whom to tell
     */
    public Listener(QueueKey key, KindFilter filter, Wakeable target) {
        super(filter);
        this.key = key;
        this.target = target;
    }

    /** @return the entry it listens to */
    public QueueKey key() {
        return key;
    }

    Wakeable target() {
        return target;
    }
}
