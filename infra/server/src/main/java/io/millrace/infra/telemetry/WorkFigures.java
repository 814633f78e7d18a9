package io.millrace.infra.telemetry;

import io.millrace.dispatcher.DispatcherStats;
import io.millrace.dispatcher.partition.DurationCounts;
import io.millrace.dispatcher.partition.KindFigures;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Figures of single queues and kinds of work, which name organisations: only where somebody asks for them. */
final class WorkFigures {

    private final Figures figures;
    private final Supplier<DispatcherStats> stats;

    WorkFigures(Figures figures, Supplier<DispatcherStats> stats) {
        this.figures = figures;
        this.stats = stats;
    }

    /** Adds those of queues, of so many at the most. */
    void ofQueues(int most) {
        queues("millrace_queue_ready", "Work of the queue that stands ready.", most, DispatcherStats.QueueReady::ready);
        queues(
                "millrace_queue_oldest_seconds",
                "How long the oldest of it does.",
                most,
                queue -> queue.oldestMs() / 1_000.0);
    }

    /** Adds those of kinds. */
    void ofKinds() {
        kinds(
                "millrace_kind_start_wait_seconds",
                "From the start of workflows of the kind until a worker had them for the first time.",
                KindFigures.Counted::starts);
        kinds(
                "millrace_kind_ready_wait_seconds",
                "From when work of the kind stood ready until a worker had it.",
                KindFigures.Counted::waits);
        kinds(
                "millrace_kind_task_run_seconds",
                "From when a worker had tasks of the kind until the attempt ended.",
                KindFigures.Counted::runs);
        kindCounts("millrace_kind_claims", "Times that a worker got work of the kind.", KindFigures.Counted::claims);
        kindCounts(
                "millrace_kind_lost",
                "Claims of work of the kind that ended without a word of the worker.",
                KindFigures.Counted::lost);
    }

    private void queues(String name, String what, int most, ToDoubleFunction<DispatcherStats.QueueReady> figure) {
        figures.collect(name, () -> {
            GaugeSnapshot.Builder snapshot = GaugeSnapshot.builder().name(name).help(what);
            stats.get().queues().stream()
                    .limit(most)
                    .forEach(queue -> snapshot.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .labels(Labels.of(
                                    "org", queue.orgId().toString(), "queue", queue.queue(), "work", queue.work()))
                            .value(figure.applyAsDouble(queue))
                            .build()));
            return snapshot.build();
        });
    }

    /** @param figure null where there is none for work of that type */
    private void kinds(
            String name, String what, Function<KindFigures.Counted, DurationCounts.@Nullable Counted> figure) {
        figures.collect(name, () -> {
            HistogramSnapshot.Builder snapshot =
                    HistogramSnapshot.builder().name(name).help(what);
            stats.get().kinds().forEach((of, counted) -> {
                DurationCounts.Counted now = figure.apply(counted);
                if (now != null) {
                    snapshot.dataPoint(Figures.point(labels(of), now));
                }
            });
            return snapshot.build();
        });
    }

    private void kindCounts(String name, String what, ToLongFunction<KindFigures.Counted> figure) {
        figures.collect(name, () -> {
            CounterSnapshot.Builder snapshot =
                    CounterSnapshot.builder().name(name).help(what);
            stats.get()
                    .kinds()
                    .forEach((of, counted) -> snapshot.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                            .labels(labels(of))
                            .value(figure.applyAsLong(counted))
                            .build()));
            return snapshot.build();
        });
    }

    private static Labels labels(KindFigures.Of of) {
        return Labels.of("org", of.organisation(), "work", of.work(), "kind", of.kind());
    }
}
