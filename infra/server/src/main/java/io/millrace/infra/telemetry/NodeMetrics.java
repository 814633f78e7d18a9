package io.millrace.infra.telemetry;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.millrace.dispatcher.Dispatcher;
import io.millrace.dispatcher.DispatcherStats;
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
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
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
    private static final String ENDINGS = "millrace_certificate_not_after_seconds";

    private final Figures figures = new Figures();
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<String, Tls> certificates = new ConcurrentSkipListMap<>();

    /** Begins with figures of the process only; {@code of} adds those of the parts. */
    public NodeMetrics() {
        figures.bind(new JvmMemoryMetrics());
        figures.bind(new JvmThreadMetrics());
        figures.bind(new ProcessorMetrics());
        figures.bind(new UptimeMetrics());
        figures.bind(new FileDescriptorMetrics());
        figures.bind(collections);
    }

    /**
     * Adds how the node itself is.
     *
     * @param ready whether all its roles do their work
     * @param data folder of its stores
     */
    public void of(BooleanSupplier ready, Path data) {
        figures.gauge(
                "millrace.node.ready", "1 while the node serves.", () -> ready, now -> now.getAsBoolean() ? 1 : 0);
        figures.gauge(
                "millrace.data.free.bytes", "Free on the disk of the stores.", () -> data, folder -> free(folder));
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
        figures.count(
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
        Supplier<DispatcherStats> stats = new CachedFigures<>(dispatcher::stats);
        for (String type : stats.get().commands().keySet()) {
            figures.count(
                    "millrace.commands",
                    "Commands carried out or refused.",
                    "type",
                    type,
                    stats,
                    now -> now.commands().get(type));
        }
        for (String reason : stats.get().refusals().keySet()) {
            figures.count(
                    "millrace.refusals",
                    "Commands refused.",
                    "reason",
                    reason,
                    stats,
                    now -> now.refusals().get(reason));
        }
        for (String found : stats.get().notByNodes().keySet()) {
            figures.count(
                    "millrace.commands.foreign",
                    "Commands that no node wrote, or that somebody copied, as their MACs and numbers tell.",
                    "found",
                    found,
                    stats,
                    now -> now.notByNodes().get(found));
        }
        figures.count("millrace.events", "Events that came of commands.", stats, DispatcherStats::events);
        for (String type : stats.get().happened().keySet()) {
            figures.count(
                    "millrace.work",
                    "What became of work, by the type of the event.",
                    "event",
                    type.toLowerCase(Locale.ROOT),
                    stats,
                    now -> now.happened().get(type));
        }
        figures.histogram(
                "millrace_workflow_start_wait_seconds",
                "From the start of workflows until a worker had them for the first time.",
                () -> stats.get().startWaits());
        figures.histogram(
                "millrace_task_wait_seconds",
                "From when tasks stood ready until a worker had them.",
                () -> stats.get().taskWaits());
        figures.histogram(
                "millrace_task_run_seconds",
                "From when a worker had tasks until they ended.",
                () -> stats.get().taskRuns());
        figures.count(
                "millrace.histories.long",
                "Histories that came near their limit.",
                stats,
                DispatcherStats::longHistories);
        figures.gauge("millrace.partitions", "Partitions that this node owns.", stats, DispatcherStats::partitions);
        for (String state : stats.get().tenures().keySet()) {
            figures.gauge(
                    "millrace.tenures",
                    "Partitions that this node has, by how it stands to them.",
                    "state",
                    state,
                    stats,
                    now -> now.tenures().get(state));
        }
        figures.gauge(
                "millrace.ready.workflows", "Workflows that stand ready.", stats, DispatcherStats::readyWorkflows);
        figures.gauge("millrace.ready.tasks", "Tasks that stand ready.", stats, DispatcherStats::readyTasks);
        figures.gauge(
                "millrace.ready.oldest.seconds",
                "How long the oldest work stands ready.",
                stats,
                now -> now.oldestReadyMs() / 1_000.0);
        figures.gauge(
                "millrace.commands.undelivered.seconds",
                "How long Kafka has not taken commands to other partitions.",
                stats,
                now -> now.undeliveredMs() / 1_000.0);
        figures.gauge("millrace.commands.lag", "Commands still to be carried out.", stats, DispatcherStats::commandLag);
        WorkFigures work = new WorkFigures(figures, stats);
        if (wanted.queueFigures() > 0) {
            work.ofQueues(wanted.queueFigures());
        }
        if (wanted.kindFigures() > 0) {
            work.ofKinds();
        }
        figures.gauge("millrace.commit.seconds.avg", "Time of a commit.", stats, now -> now.commitMs() / 1_000);
        figures.gauge(
                "millrace.commit.seconds.max",
                "Longest time of a commit.",
                stats,
                now -> now.longestCommitMs() / 1_000);
    }

    /** Adds figures of connections and calls by gRPC. */
    public void of(Door door) {
        figures.gauge(
                "millrace.grpc.connections", "Connections of gRPC that are open.", () -> door, Door::openConnections);
        figures.count(
                "millrace.grpc.connections.closed",
                "Connections turned away, or closed for what their clients did.",
                () -> door,
                Door::closedConnections);
        figures.gauge(
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
            figures.collect(ENDINGS, this::endings);
        }
    }

    /** Each certificate for itself: one that ends hides no other. Which there are changes with their files. */
    private MetricSnapshot endings() {
        GaugeSnapshot.Builder all =
                GaugeSnapshot.builder().name(ENDINGS).help("When certificates end, in seconds since 1970.");
        certificates.forEach((use, tls) -> {
            TlsContent now = tls.content();
            now.chainEnds().forEach(each -> all.dataPoint(ending(use, "own", each)));
            now.authorityEnds().forEach(each -> all.dataPoint(ending(use, "authority", each)));
        });
        return all.build();
    }

    private static GaugeSnapshot.GaugeDataPointSnapshot ending(String use, String part, TlsContent.Ending ending) {
        return GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(Labels.of("use", use, "part", part, "certificate", ending.certificate()))
                .value(ending.until().getEpochSecond())
                .build();
    }

    /** Adds how often limits of organisations and keys were reached. */
    public void of(ReachedLimits reached) {
        for (ReachedLimits.Limit each : ReachedLimits.Limit.values()) {
            figures.count(
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
        figures.count(
                "millrace.traces.malformed",
                "Calls whose traceparent was ignored since it was malformed.",
                () -> traces,
                CallTraces::malformed);
    }

    /** Adds what became of spans; none where nobody takes any. */
    public void ofSpans(Optional<OtlpSpans> spans) {
        figures.count(
                "millrace.spans.exported",
                "Spans that the collector has taken.",
                () -> spans,
                now -> now.map(OtlpSpans::exported).orElse(0L));
        figures.count(
                "millrace.spans.dropped",
                "Spans that were dropped: too many waited, or the collector did not take them.",
                () -> spans,
                now -> now.map(OtlpSpans::dropped).orElse(0L));
    }

    /** Adds figures of connections of other nodes. */
    public void ofNodes(Door door) {
        figures.gauge(
                "millrace.reads.connections",
                "Connections to the port for reads between nodes that are open.",
                () -> door,
                Door::openConnections);
        figures.count(
                "millrace.reads.connections.closed",
                "Such that were turned away, or closed for what their clients did.",
                () -> door,
                Door::closedConnections);
    }

    /** Adds what the notifier does. */
    public void of(Notifier notifier) {
        Supplier<NotifierStats> stats = new CachedFigures<>(notifier::stats);
        figures.count("millrace.wake.ups", "Events sent to subscribers.", stats, NotifierStats::wakeUpsSent);
        figures.count("millrace.escalations", "Times that more were woken.", stats, NotifierStats::escalations);
        figures.count("millrace.claim.commands", "Commands that carried claims.", stats, NotifierStats::claimCommands);
        figures.count(
                "millrace.claim.commands.failed",
                "Such that had no answer.",
                stats,
                NotifierStats::failedClaimCommands);
        figures.count("millrace.claims", "Claims of polls in commands of their own.", stats, NotifierStats::claimsSent);
        figures.count(
                "millrace.claims.ridden",
                "Claims that rode on commands which might bring their work.",
                stats,
                NotifierStats::claimsRidden);
        figures.count("millrace.claims.empty", "Claims that found no work.", stats, NotifierStats::emptyClaims);
        figures.count("millrace.claims.returned", "Claims given back.", stats, NotifierStats::claimsReturned);
        figures.count(
                "millrace.silences", "Times that a partition owed answers for long.", stats, NotifierStats::silences);
        figures.count("millrace.polls", "Polls answered.", "answer", "work", stats, NotifierStats::pollsServed);
        figures.count("millrace.polls", "Polls answered.", "answer", "empty", stats, NotifierStats::pollsEmpty);
        figures.gauge("millrace.polls.parked", "Polls open now.", stats, NotifierStats::parkedPolls);
        figures.gauge("millrace.subscriptions", "Subscriptions open now.", stats, NotifierStats::subscriptions);
        figures.gauge("millrace.queues", "Queues with work or somebody waiting.", stats, NotifierStats::queues);
    }

    /** Adds how far the read model is behind, and what it lacks. NaN while that is not known. */
    public void of(ExecutionQueries queries) {
        Supplier<ReadModelLag> lag = new CachedFigures<>(() -> lag(queries));
        figures.gauge(
                "millrace.read.model.lag.records",
                "Outcomes not taken in.",
                lag,
                now -> now == null ? Double.NaN : now.records());
        figures.gauge(
                "millrace.read.model.lag.seconds",
                "Age of the oldest of them.",
                lag,
                now -> now == null ? Double.NaN : now.millis() / 1_000.0);
        figures.gauge(
                "millrace.read.model.passed.over",
                "Outcomes that could not be taken in.",
                lag,
                now -> now == null ? Double.NaN : now.passedOver());
        figures.gauge(
                "millrace.read.model.breaks",
                "Outcomes that do not fit the log before them and are not believed.",
                lag,
                now -> now == null ? Double.NaN : now.breaks());
    }

    /** Adds the figures of all transparency logs together. NaN while they are not known. */
    public void of(TransparencyLogs logs) {
        Supplier<List<LogState>> states = new CachedFigures<>(() -> states(logs));
        figures.gauge("millrace.tlog.leaves", "Outcomes in the transparency logs.", states, sum(LogState::size));
        figures.gauge(
                "millrace.tlog.unsigned",
                "Of them, those that no checkpoint covers yet.",
                states,
                sum(state -> state.size() - Math.max(0, state.checkpointSize())));
        figures.gauge(
                "millrace.tlog.faults",
                "Transparency logs that are not as they were; nothing is signed there.",
                states,
                sum(state -> state.fault().isPresent() ? 1 : 0));
        figures.gauge(
                "millrace.tlog.cosignatures.least",
                "Witnesses that have signed the newest checkpoint, where they are fewest.",
                states,
                now -> now.stream().mapToInt(LogState::cosignatures).min().orElse(0));
        figures.gauge(
                "millrace.tlog.patrol.leaves",
                "Leaves whose records were read again in this round.",
                states,
                sum(LogState::patrolNext));
        figures.gauge(
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
        return figures.text();
    }

    @Override
    public void close() {
        collections.close();
        figures.close();
    }
}
