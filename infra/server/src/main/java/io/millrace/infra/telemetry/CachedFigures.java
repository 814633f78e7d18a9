package io.millrace.infra.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Figures that are at most half a second old, so that one look at all figures asks their source once. Safe from any
 * thread.
 */
final class CachedFigures<T> implements Supplier<T> {

    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Supplier<T> source;
    private @Nullable T value;
    private long takenAt;

    CachedFigures(Supplier<T> source) {
        this.source = source;
    }

    @Override
    public synchronized T get() {
        T known = value;
        if (known == null || System.nanoTime() - takenAt > FRESH_NANOS) {
            known = source.get();
            value = known;
            takenAt = System.nanoTime();
        }
        return known;
    }
}
