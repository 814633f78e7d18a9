package io.millrace.infra.protocol;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;

/** A machine's clock that somebody sets. What counts durations is not touched by it, as on a real machine. Any thread. */
final class JumpingClock implements Time {

    private final AtomicLong aheadMs = new AtomicLong();

    /** From now on it is ahead of the true time by so much, or behind it. */
    void ahead(Duration by) {
        aheadMs.set(by.toMillis());
    }

    @Override
    public long milliseconds() {
        return SYSTEM.milliseconds() + aheadMs.get();
    }

    @Override
    public long nanoseconds() {
        return SYSTEM.nanoseconds();
    }

    @Override
    public void sleep(long ms) {
        SYSTEM.sleep(ms);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) throws InterruptedException {
        SYSTEM.waitObject(object, condition, deadlineMs - aheadMs.get());
    }

    @Override
    public Timer timer(long timeoutMs) {
        return SYSTEM.timer(timeoutMs);
    }
}
