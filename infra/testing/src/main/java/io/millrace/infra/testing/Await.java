package io.millrace.infra.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something to become true. If it does not, fails the test, and says what was awaited. */
public final class Await {

    /** Long enough for a machine that is ten times slower than a usual one. A test that needs all of it is broken. */
    public static final Duration LIMIT = Duration.ofSeconds(180);

    private static final long SOONEST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Of what has been waited for so far, how much may pass until the next look: what looks often holds up what it waits for. */
    private static final int PART = 8;

    private Await() {}

    /** Waits until the condition holds, for {@link #LIMIT} at the most. */
    public static void until(String what, BooleanSupplier condition) {
        found(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** @return the first value that is found, within {@link #LIMIT} */
    public static <T> T found(String what, Supplier<Optional<T>> search) {
        long begin = System.nanoTime();
        while (true) {
            Optional<T> found = search.get();
            if (found.isPresent()) {
                return found.get();
            }
            long waited = System.nanoTime() - begin;
            if (waited > LIMIT.toNanos()) {
                throw new AssertionError(
                        "expected " + what + " within " + LIMIT.toSeconds() + " s, but it did not happen");
            }
            LockSupport.parkNanos(Math.clamp(waited / PART, SOONEST_NANOS, LATEST_NANOS));
        }
    }
}
