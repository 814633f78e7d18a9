package io.millrace.proto.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A clock that begins at the time of day and goes on by the monotonic clock, whatever the time of day is set to. So the difference of
 * two of its times is how long it took. It tells nobody what time it is once the time of day was set. Any thread.
 */
public final class SteadyClock implements InstantSource {

    private final LongSupplier nanoTime;
    private final long beganNanos;
    private final long beganMs;

    /** Begins now. */
    public SteadyClock() {
        this(System::currentTimeMillis, System::nanoTime);
    }

    /**
     * With other clocks, for tests.
     *
     * @param wallMs time of day, milliseconds since the epoch
     * @param nanoTime as {@link System#nanoTime}
     */
    public SteadyClock(LongSupplier wallMs, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        beganNanos = nanoTime.getAsLong();
        beganMs = wallMs.getAsLong();
    }

    @Override
    public long millis() {
        return beganMs + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - beganNanos);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    /** @return as {@link System#nanoTime} */
    public long nanoTime() {
        return nanoTime.getAsLong();
    }
}
