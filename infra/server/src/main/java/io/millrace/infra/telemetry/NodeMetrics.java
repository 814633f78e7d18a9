package io.millrace.infra.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.dispatcher.Dispatcher;
import io.millrace.dispatcher.DispatcherStats;
import io.millrace.dispatcher.partition.DurationCounts;
import io.millrace.dispatcher.partition.KindFigures;
import io.millrace.infra.config.TelemetrySettings;
import io.millrace.infra.door.DirectMemory;
import io.millrace.infra.door.Door;
import io.millrace.infra.tls.Tls;
import io.millrace.infra.tls.TlsContent;
import io.millrace.ingest.audit.notary.LogState;
import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.limits.ReachedLimits;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.notifier.Notifier;
import io.millrace.notifier.config.NotifierStats;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a node for Prometheus. The parts count by themselves, and are asked when somebody looks. Unless
 * it is asked for, nothing here tells of organisations, queues or kinds, since anybody who reaches the HTTP port can look. Safe from any thread.
 */
public final class NodeMetrics implements AutoCloseable {

    private static final long LAG_LIMIT_S = 2;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<String, Tls> certificates = new ConcurrentSkipListMap<>();

    /** Each certificate for itself: one that ends hides no other. Which there are changes with their files. */
    private final class Endings implements Collector {

        @Override
        public MetricSnapshot collect() {
            GaugeSnapshot.Builder all = GaugeSnapshot.builder()
                    .name(getPrometheusName())
                    .help("When certificates end, in seconds since 1970.");
            certificates.forEach((use, tls) -> {
                TlsContent now = tls.content();
                now.chainEnds().forEach(each -> all.dataPoint(point(use, "own", each)));
                now.authorityEnds().forEach(each -> all.dataPoint(point(use, "authority", each)));
            });
            return all.build();
        }

        private GaugeSnapshot.GaugeDataPointSnapshot point(String use, String part, TlsContent.Ending ending) {
            return GaugeSnapshot.GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("use", use, "part", part, "certificate", ending.certificate()))
                    .value(ending.until().getEpochSecond())
                    .build();
        }

        @Override
        public String getPrometheusName() {
            return "millrace_certificate_not_after_seconds";
        }
    }

    /** Begins with figures of the process only; {@code of} adds those of the parts. */
    public NodeMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /**
     * Adds how the node itself is.
     *
     * @param ready whether all its roles do their work
     * @param data folder of its stores
     */
    public void of(BooleanSupplier ready, Path data) {
        gauge("millrace.node.ready", "1 while the node serves.", () -> ready, now -> now.getAsBoolean() ? 1 : 0);
        gauge("millrace.data.free.bytes", "Free on the disk of the stores.", () -> data, folder -> free(folder));
    }

    /** @return NaN where the folder is not there yet, or its disk does not say */
    private static double free(Path data) {
        try {
            return Files.getFileStore(data).getUsableSpace();
        } catch (IOException unknown) {
            return Double.NaN;
        }
    }

    /**
     * Adds how many records of a topic no node wrote.
     *
     * @param foreign tells the number so far
     */
    public void foreign(String topic, LongSupplier foreign) {
        count(
                "millrace.records.foreign",
                "Records that no node wrote, as their seals tell.",
                "topic",
                topic,
                () -> foreign,
                LongSupplier::getAsLong);
    }

    /**
     * Adds what the dispatcher does.
     *
     * @param wanted how much is told of single queues and kinds
     */
    public void of(Dispatcher dispatcher, TelemetrySettings wanted) {
        int queueFigures = wanted.queueFigures();
        Supplier<DispatcherStats> stats = new CachedFigures<>(dispatcher::stats);
        for (String type : stats.get().commands().keySet()) {
            count(
                    "millrace.commands",
                    "Commands carried out or refused.",
                    "type",
                    type,
                    stats,
                    now -> now.commands().get(type));
        }
        for (String reason : stats.get().refusals().keySet()) {
            count(
                    "millrace.refusals",
                    "Commands refused.",
                    "reason",
                    reason,
                    stats,
                    now -> now.refusals().get(reason));
        }
        for (String found : stats.get().notByNodes().keySet()) {
            count(
                    "millrace.commands.foreign",
                    "Commands that no node wrote, or that somebody copied, as their MACs and numbers tell.",
                    "found",
                    found,
                    stats,
                    now -> now.notByNodes().get(found));
        }
        count("millrace.events", "Events that came of commands.", stats, DispatcherStats::events);
        for (String type : stats.get().happened().keySet()) {
            count(
                    "millrace.work",
                    "What became of work, by the type of the event.",
                    "event",
                    type.toLowerCase(Locale.ROOT),
                    stats,
                    now -> now.happened().get(type));
        }
        histogram(
                "millrace_workflow_start_wait_seconds",
                "From the start of workflows until a worker had them for the first time.",
                () -> stats.get().startWaits());
        histogram(
                "millrace_task_wait_seconds",
                "From when tasks stood ready until a worker had them.",
                () -> stats.get().taskWaits());
        histogram(
                "millrace_task_run_seconds",
                "From when a worker had tasks until they ended.",
                () -> stats.get().taskRuns());
        count(
                "millrace.histories.long",
                "Histories that came near their limit.",
                stats,
                DispatcherStats::longHistories);
        gauge("millrace.partitions", "Partitions that this node owns.", stats, DispatcherStats::partitions);
        for (String state : stats.get().tenures().keySet()) {
            Gauge.builder(
                            "millrace.tenures",
                            this,
                            self -> stats.get().tenures().get(state))
                    .description("Partitions that this node has, by how it stands to them.")
                    .tag("state", state)
                    .register(registry);
        }
        gauge("millrace.ready.workflows", "Workflows that stand ready.", stats, DispatcherStats::readyWorkflows);
        gauge("millrace.ready.tasks", "Tasks that stand ready.", stats, DispatcherStats::readyTasks);
        gauge(
                "millrace.ready.oldest.seconds",
                "How long the oldest work stands ready.",
                stats,
                now -> now.oldestReadyMs() / 1_000.0);
        gauge("millrace.commands.lag", "Commands still to be carried out.", stats, DispatcherStats::commandLag);
        if (queueFigures > 0) {
            ofQueues(
                    "millrace_queue_ready",
                    "Work of the queue that stands ready.",
                    queueFigures,
                    stats,
                    DispatcherStats.QueueReady::ready);
            ofQueues(
                    "millrace_queue_oldest_seconds",
                    "How long the oldest of it does.",
                    queueFigures,
                    stats,
                    queue -> queue.oldestMs() / 1_000.0);
        }
        if (wanted.kindFigures() > 0) {
            kindHistogram(
                    "millrace_kind_start_wait_seconds",
                    "From the start of workflows of the kind until a worker had them for the first time.",
                    stats,
                    KindFigures.Counted::starts);
            kindHistogram(
                    "millrace_kind_ready_wait_seconds",
                    "From when work of the kind stood ready until a worker had it.",
                    stats,
                    KindFigures.Counted::waits);
            kindHistogram(
                    "millrace_kind_task_run_seconds",
                    "From when a worker had tasks of the kind until the attempt ended.",
                    stats,
                    KindFigures.Counted::runs);
            kindCounter(
                    "millrace_kind_claims",
                    "Times that a worker got work of the kind.",
                    stats,
                    KindFigures.Counted::claims);
            kindCounter(
                    "millrace_kind_lost",
                    "Claims of work of the kind that ended without a word of the worker.",
                    stats,
                    KindFigures.Counted::lost);
        }
        gauge("millrace.commit.seconds.avg", "Time of a commit.", stats, now -> now.commitMs() / 1_000);
        gauge("millrace.commit.seconds.max", "Longest time of a commit.", stats, now -> now.longestCommitMs() / 1_000);
    }

    /** Adds figures of connections and calls by gRPC. */
    public void of(Door door) {
        gauge("millrace.grpc.connections", "Connections of gRPC that are open.", () -> door, Door::openConnections);
        count(
                "millrace.grpc.connections.closed",
                "Connections turned away, or closed for what their clients did.",
                () -> door,
                Door::closedConnections);
        gauge(
                "millrace.direct.memory.bytes",
                "Memory outside the heap, on its way to and from the network.",
                () -> door,
                open -> DirectMemory.used());
    }

    /**
     * Adds when certificates end that are in use.
     *
     * @param use what for: {@code clients} or {@code nodes}
     */
    public void of(String use, Tls tls) {
        if (certificates.put(use, tls) == null && certificates.size() == 1) {
            registry.getPrometheusRegistry().register(new Endings());
        }
    }

    /** Adds how often limits of organisations and keys were reached. */
    public void of(ReachedLimits reached) {
        for (ReachedLimits.Limit each : ReachedLimits.Limit.values()) {
            count(
                    "millrace.limit.refusals",
                    "Requests refused for a limit of the access file or of a key.",
                    "limit",
                    each.name().toLowerCase(Locale.ROOT),
                    () -> reached,
                    now -> now.times(each));
        }
    }

    /** Adds how often callers sent a trace that is none. */
    public void of(CallTraces traces) {
        count(
                "millrace.traces.malformed",
                "Calls whose traceparent was ignored since it was malformed.",
                () -> traces,
                CallTraces::malformed);
    }

    /** Adds what became of spans; none where nobody takes any. */
    public void ofSpans(Optional<OtlpSpans> spans) {
        count(
                "millrace.spans.exported",
                "Spans that the collector has taken.",
                () -> spans,
                now -> now.map(OtlpSpans::exported).orElse(0L));
        count(
                "millrace.spans.dropped",
                "Spans that were dropped: too many waited, or the collector did not take them.",
                () -> spans,
                now -> now.map(OtlpSpans::dropped).orElse(0L));
    }

    /** Adds figures of connections of other nodes. */
    public void ofNodes(Door door) {
        gauge(
                "millrace.reads.connections",
                "Connections to the port for reads between nodes that are open.",
                () -> door,
                Door::openConnections);
        count(
                "millrace.reads.connections.closed",
                "Such that were turned away, or closed for what their clients did.",
                () -> door,
                Door::closedConnections);
    }

    /** Adds what the notifier does. */
    public void of(Notifier notifier) {
        Supplier<NotifierStats> stats = new CachedFigures<>(notifier::stats);
        count("millrace.wake.ups", "Events sent to subscribers.", stats, NotifierStats::wakeUpsSent);
        count("millrace.escalations", "Times that more were woken.", stats, NotifierStats::escalations);
        count("millrace.claim.commands", "Commands that carried claims.", stats, NotifierStats::claimCommands);
        count("millrace.claim.commands.failed", "Such that had no answer.", stats, NotifierStats::failedClaimCommands);
        count("millrace.claims", "Claims of polls in commands of their own.", stats, NotifierStats::claimsSent);
        count(
                "millrace.claims.ridden",
                "Claims that rode on commands which might bring their work.",
                stats,
                NotifierStats::claimsRidden);
        count("millrace.claims.empty", "Claims that found no work.", stats, NotifierStats::emptyClaims);
        count("millrace.claims.returned", "Claims given back.", stats, NotifierStats::claimsReturned);
        count("millrace.silences", "Times that a partition owed answers for long.", stats, NotifierStats::silences);
        count("millrace.polls", "Polls answered.", "answer", "work", stats, NotifierStats::pollsServed);
        count("millrace.polls", "Polls answered.", "answer", "empty", stats, NotifierStats::pollsEmpty);
        gauge("millrace.polls.parked", "Polls open now.", stats, NotifierStats::parkedPolls);
        gauge("millrace.subscriptions", "Subscriptions open now.", stats, NotifierStats::subscriptions);
        gauge("millrace.queues", "Queues with work or somebody waiting.", stats, NotifierStats::queues);
    }

    /** Adds how far the read model is behind, and what it lacks. NaN while that is not known. */
    public void of(ExecutionQueries queries) {
        Supplier<ReadModelLag> lag = new CachedFigures<>(() -> lag(queries));
        gauge(
                "millrace.read.model.lag.records",
                "Outcomes not taken in.",
                lag,
                now -> now == null ? Double.NaN : now.records());
        gauge(
                "millrace.read.model.lag.seconds",
                "Age of the oldest of them.",
                lag,
                now -> now == null ? Double.NaN : now.millis() / 1_000.0);
        gauge(
                "millrace.read.model.passed.over",
                "Outcomes that could not be taken in.",
                lag,
                now -> now == null ? Double.NaN : now.passedOver());
        gauge(
                "millrace.read.model.breaks",
                "Outcomes that do not fit the log before them and are not believed.",
                lag,
                now -> now == null ? Double.NaN : now.breaks());
    }

    /** Adds the figures of all transparency logs together. NaN while they are not known. */
    public void of(TransparencyLogs logs) {
        Supplier<List<LogState>> states = new CachedFigures<>(() -> states(logs));
        gauge("millrace.tlog.leaves", "Outcomes in the transparency logs.", states, sum(LogState::size));
        gauge(
                "millrace.tlog.unsigned",
                "Of them, those that no checkpoint covers yet.",
                states,
                sum(state -> state.size() - Math.max(0, state.checkpointSize())));
        gauge(
                "millrace.tlog.faults",
                "Transparency logs that are not as they were; nothing is signed there.",
                states,
                sum(state -> state.fault().isPresent() ? 1 : 0));
        gauge(
                "millrace.tlog.cosignatures.least",
                "Witnesses that have signed the newest checkpoint, where they are fewest.",
                states,
                now -> now.stream().mapToInt(LogState::cosignatures).min().orElse(0));
        gauge(
                "millrace.tlog.patrol.leaves",
                "Leaves whose records were read again in this round.",
                states,
                sum(LogState::patrolNext));
        gauge(
                "millrace.tlog.patrol.rounds",
                "Times that all were read again, where they are fewest.",
                states,
                now -> now.stream().mapToLong(LogState::patrolRounds).min().orElse(0));
    }

    private static ToDoubleFunction<List<LogState>> sum(ToLongFunction<LogState> figure) {
        return states -> states.isEmpty()
                ? Double.NaN
                : states.stream().mapToLong(figure).sum();
    }

    private static List<LogState> states(TransparencyLogs logs) {
        try {
            return logs.states();
        } catch (RuntimeException unknown) {
            return List.of();
        }
    }

    private static @Nullable ReadModelLag lag(ExecutionQueries queries) {
        try {
            return queries.lag().orTimeout(LAG_LIMIT_S, TimeUnit.SECONDS).join();
        } catch (RuntimeException unknown) {
            return null;
        }
    }

    /** @return all figures in the text form of Prometheus */
    public String text() {
        return registry.scrape();
    }

    private <T> void count(String name, String what, Supplier<T> stats, ToLongFunction<T> figure) {
        FunctionCounter.builder(name, this, self -> figure.applyAsLong(stats.get()))
                .description(what)
                .register(registry);
    }

    private <T> void count(
            String name, String what, String label, String value, Supplier<T> stats, ToLongFunction<T> figure) {
        FunctionCounter.builder(name, this, self -> figure.applyAsLong(stats.get()))
                .description(what)
                .tag(label, value)
                .register(registry);
    }

    /** Queues come and go, and Micrometer keeps what it has seen once. */
    private void ofQueues(
            String name,
            String what,
            int most,
            Supplier<DispatcherStats> stats,
            ToDoubleFunction<DispatcherStats.QueueReady> figure) {
        collect(name, () -> {
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

    /** Micrometer has no histogram that others count for it, so its registry of Prometheus gets one of its own. */
    private void histogram(String name, String what, Supplier<DurationCounts.Counted> counted) {
        collect(
                name,
                () -> HistogramSnapshot.builder()
                        .name(name)
                        .help(what)
                        .dataPoint(point(Labels.EMPTY, counted.get()))
                        .build());
    }

    private static HistogramSnapshot.HistogramDataPointSnapshot point(Labels labels, DurationCounts.Counted now) {
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

    /** @param figure null where there is none for work of that type */
    private void kindHistogram(
            String name,
            String what,
            Supplier<DispatcherStats> stats,
            Function<KindFigures.Counted, DurationCounts.@Nullable Counted> figure) {
        collect(name, () -> {
            HistogramSnapshot.Builder snapshot =
                    HistogramSnapshot.builder().name(name).help(what);
            stats.get().kinds().forEach((of, counted) -> {
                DurationCounts.Counted now = figure.apply(counted);
                if (now != null) {
                    snapshot.dataPoint(point(labels(of), now));
                }
            });
            return snapshot.build();
        });
    }

    private void kindCounter(
            String name, String what, Supplier<DispatcherStats> stats, ToLongFunction<KindFigures.Counted> figure) {
        collect(name, () -> {
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

    private void collect(String name, Supplier<MetricSnapshot> snapshot) {
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

    private <T> void gauge(String name, String what, Supplier<T> stats, ToDoubleFunction<T> figure) {
        Gauge.builder(name, this, self -> figure.applyAsDouble(stats.get()))
                .description(what)
                .register(registry);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
