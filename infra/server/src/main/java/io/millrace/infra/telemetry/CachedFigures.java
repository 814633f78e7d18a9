package io.millrace.infra.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Figures that are at most half a second old, so that one look at all figures asks their source once. Safe from any
 * thread.
 */
final class CachedFigures<T> implements Supplier<T> {

    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Supplier<T> source;
    private T value;
    private long takenAt;
    private boolean taken;

    CachedFigures(Supplier<T> source) {
        this.source = source;
    }

    @Override
    public synchronized T get() {
        if (!taken || System.nanoTime() - takenAt > FRESH_NANOS) {
            value = source.get();
            takenAt = System.nanoTime();
            taken = true;
        }
        return value;
    }
}
