package io.millrace.infra.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/** Latencies of one round. Any thread. */
final class Latencies {

    private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final ConcurrentHistogram histogram = new ConcurrentHistogram(MAX_NANOS, 3);

    void record(long nanos) {
        histogram.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
    }

    long count() {
        return histogram.getTotalCount();
    }

    double millis(double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e6;
    }

    /** Adds the usual figures to a report. */
    void report(Report report, String row) {
        report.add(row, "p50 ms", millis(50));
        report.add(row, "p90 ms", millis(90));
        report.add(row, "p99 ms", millis(99));
    }
}
