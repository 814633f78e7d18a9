package io.millrace.infra.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something to become true. If it does not, fails the test, and says what was awaited. */
public final class Await {

    /** Long enough for a machine that is ten times slower than a usual one. A test that needs all of it is broken. */
    public static final Duration LIMIT = Duration.ofSeconds(120);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private Await() {}

    /** Waits until the condition holds, for {@link #LIMIT} at the most. */
    public static void until(String what, BooleanSupplier condition) {
        found(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** @return the first value that is found, within {@link #LIMIT} */
    public static <T> T found(String what, Supplier<Optional<T>> search) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            Optional<T> found = search.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "expected " + what + " within " + LIMIT.toSeconds() + " s, but it did not happen");
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }
}
