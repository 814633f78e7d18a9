package io.millrace.dispatcher.topology;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;

/**
 * The time by which Kafka Streams does things now and then: ticks, commits and all else. It begins at the time of day and goes on
 * by the monotonic clock. By the time of day itself nothing of that would be done for as long as that was set back by. Any thread.
 */
final class SteadyTime implements Time {

    private final LongSupplier nanoTime;
    private final long beganNanos;
    private final long beganMs;

    /** Begins now. */
    SteadyTime() {
        this(System::currentTimeMillis, System::nanoTime);
    }

    /**
     * With other clocks, for tests.
     *
     * @param wallMs time of day, milliseconds since the epoch
     * @param nanoTime as {@link System#nanoTime}
     */
    SteadyTime(LongSupplier wallMs, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        beganNanos = nanoTime.getAsLong();
        beganMs = wallMs.getAsLong();
    }

    @Override
    public long milliseconds() {
        return beganMs + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - beganNanos);
    }

    @Override
    public long nanoseconds() {
        return nanoTime.getAsLong();
    }

    @Override
    public void sleep(long millis) {
        Utils.sleep(millis);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) throws InterruptedException {
        synchronized (object) {
            while (!condition.get()) {
                long leftMs = deadlineMs - milliseconds();
                if (leftMs <= 0) {
                    throw new TimeoutException("expected the condition to come about by " + deadlineMs + " ms");
                }
                object.wait(leftMs);
            }
        }
    }
}
