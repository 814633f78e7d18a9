package io.millrace.notifier.claim;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Lets something happen at most once in ten seconds, so that a broken broker does not fill the log. Safe from any thread. */
final class LogThrottle {

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicLong held = new AtomicLong();

    /** Runs the action, unless it was run a moment ago, with the number of times it was held back since. */
    void run(LongConsumer action) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL_NANOS)) {
            action.accept(held.getAndSet(0));
        } else {
            held.incrementAndGet();
        }
    }
}
