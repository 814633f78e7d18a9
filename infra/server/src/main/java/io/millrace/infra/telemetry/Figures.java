package io.millrace.infra.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.dispatcher.partition.DurationCounts;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Figures that others count, in the shapes of Prometheus. They are asked when somebody looks. Safe from any thread. */
final class Figures implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** Adds figures that Micrometer knows of. */
    void bind(MeterBinder binder) {
        binder.bindTo(registry);
    }

    /** Adds something that only grows. */
    <T> void count(String name, String what, Supplier<T> stats, ToLongFunction<T> figure) {
        FunctionCounter.builder(name, this, self -> figure.applyAsLong(stats.get()))
                .description(what)
                .register(registry);
    }

    /** Adds one of several that only grow, told apart by a label. */
    <T> void count(String name, String what, String label, String value, Supplier<T> stats, ToLongFunction<T> figure) {
        FunctionCounter.builder(name, this, self -> figure.applyAsLong(stats.get()))
                .description(what)
                .tag(label, value)
                .register(registry);
    }

    /** Adds something that rises and falls. */
    <T> void gauge(String name, String what, Supplier<T> stats, ToDoubleFunction<T> figure) {
        Gauge.builder(name, this, self -> figure.applyAsDouble(stats.get()))
                .description(what)
                .register(registry);
    }

    /** Adds one of several that rise and fall, told apart by a label. */
    <T> void gauge(
            String name, String what, String label, String value, Supplier<T> stats, ToDoubleFunction<T> figure) {
        Gauge.builder(name, this, self -> figure.applyAsDouble(stats.get()))
                .description(what)
                .tag(label, value)
                .register(registry);
    }

    /** Adds durations. Micrometer has no histogram that others count for it, so its registry of Prometheus gets one of its own. */
    void histogram(String name, String what, Supplier<DurationCounts.Counted> counted) {
        collect(
                name,
                () -> HistogramSnapshot.builder()
                        .name(name)
                        .help(what)
                        .dataPoint(point(Labels.EMPTY, counted.get()))
                        .build());
    }

    /** @return durations under the labels, in seconds */
    static HistogramSnapshot.HistogramDataPointSnapshot point(Labels labels, DurationCounts.Counted now) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < now.boundsMs().length; i++) {
            buckets.bucket(now.boundsMs()[i] / 1_000.0, now.counts()[i]);
        }
        buckets.bucket(Double.POSITIVE_INFINITY, now.counts()[now.boundsMs().length]);
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(buckets.build())
                .sum(now.sumMs() / 1_000.0)
                .build();
    }

    /** Adds what comes and goes: Micrometer keeps whatever label it has seen once. */
    void collect(String name, Supplier<MetricSnapshot> snapshot) {
        registry.getPrometheusRegistry().register(new Collector() {

            @Override
            public MetricSnapshot collect() {
                return snapshot.get();
            }

            @Override
            public String getPrometheusName() {
                return name;
            }
        });
    }

    /** @return all of them in the text form of Prometheus */
    String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
