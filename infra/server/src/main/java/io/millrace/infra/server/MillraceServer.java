package io.millrace.infra.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.millrace.dispatcher.Dispatcher;
import io.millrace.dispatcher.replay.FoldedStates;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.NodeRole;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.door.CallLimits;
import io.millrace.infra.door.Door;
import io.millrace.infra.server.installation.InstallationNotes;
import io.millrace.infra.telemetry.NodeMetrics;
import io.millrace.infra.telemetry.OtlpSpans;
import io.millrace.infra.tls.GrpcTls;
import io.millrace.infra.tls.Tls;
import io.millrace.ingest.FrontDoor;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.openid.OpenIdTokens;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.ingest.encryption.DecryptingInterceptor;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.encryption.ErasedWork;
import io.millrace.ingest.grpc.AuthInterceptor;
import io.millrace.ingest.grpc.HistoryHints;
import io.millrace.ingest.http.NodeStatus;
import io.millrace.ingest.http.server.WebTls;
import io.millrace.ingest.limits.CallRates;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.operations.Sources;
import io.millrace.ingest.operations.SpanSink;
import io.millrace.ingest.streams.KafkaTaskStreams;
import io.millrace.notifier.Notifier;
import io.millrace.notifier.config.NotifierStats;
import io.millrace.notifier.connection.ClientCalls;
import io.millrace.proto.Topics;
import io.millrace.proto.directory.KafkaDirectory;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.levels.LevelRouter;
import io.millrace.proto.log.KafkaCommandLog;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.log.ReplyRouter;
import io.millrace.proto.reads.LocalReads;
import io.millrace.proto.reads.RoutedReads;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.trace.Spans;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * A node: the roles of its configuration, put together in this process. The roles of a node talk to each other in
 * memory, and nodes talk to each other through Kafka. Safe from any thread.
 */
public final class MillraceServer implements AutoCloseable {

    /** A call that is given up has to be answered, too. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final ServerConfig config;
    private final CloseStack parts = new CloseStack();
    private final TaskHomes places = new TaskHomes();
    private final KafkaDirectory directory;
    private final KafkaCommandLog log;
    private final Optional<RefusedRequests> refused;
    private final Encryption encryption;
    private final Optional<Notifier> notifier;
    private final Optional<Dispatcher> dispatcher;
    private final Optional<NodeReadModel> readModel;
    private final OrganisationLoads loads;
    private final Optional<OtlpSpans> collector;
    private final Spans spans;
    private final CallTraces traces;
    private final NotaryPart notary;
    private final NodeLinks links;
    private final Optional<Tls> tls;
    private final GrpcServer grpc;
    private final NodeMetrics metrics;
    private final Readiness readiness;
    private final int httpPort;
    private Optional<Door> readsDoor = Optional.empty();
    private volatile BooleanSupplier httpAccepts = () -> false;
    private volatile Optional<Reachability> reach = Optional.empty();
    private volatile Optional<KafkaTaskStreams> taskStreams = Optional.empty();
    private volatile boolean notifierReady;
    private volatile boolean stopping;

    private MillraceServer(ServerConfig config, Optional<CompletableFuture<DatabaseSettings>> database) {
        this.config = config;
        this.loads = new OrganisationLoads(config.limits().load(), new CallRates(config.access()));
        this.notary = new NotaryPart(config);
        try {
            collector = config.telemetry()
                    .collector()
                    .map(address -> parts.push("spans", new OtlpSpans(address, config.node())));
            spans = collector.<Spans>map(wanted -> wanted).orElse(Spans.NONE);
            traces = new CallTraces(spans, config.telemetry().begunTraces() / 1e6);
            links = parts.push("links to other nodes", new NodeLinks(config));
            tls = config.tls().door().map(files -> parts.push("TLS of gRPC and HTTP", new Tls("gRPC and HTTP", files)));
            directory = parts.push(
                    "directory",
                    new KafkaDirectory(Wiring.directory(config, config.macs().macs())));
            log = parts.push("command log", new KafkaCommandLog(Wiring.commandLog(config)));
            refused = hasClients(config)
                    ? Optional.of(parts.push(
                            "refusals", new RefusedRequests(log, config.limits().refusals())))
                    : Optional.empty();
            encryption = hasClients(config) ? parts.push("data keys", Wiring.encryption(config)) : Encryption.NONE;
            notifier = config.has(NodeRole.NOTIFIER)
                    ? Optional.of(
                            new Notifier(Wiring.notifier(config), log, directory, places, refused.orElseThrow(), spans))
                    : Optional.empty();
            notifier.ifPresent(waiting -> log.riders(waiting.riders()));
            dispatcher = config.has(NodeRole.DISPATCHER) ? Optional.of(startDispatcher()) : Optional.empty();
            readModel = database.filter(wanted -> config.has(NodeRole.INGEST))
                    .map(address -> parts.push("read model", new NodeReadModel(config, address, notary)));
            Optional<FrontDoor> door = config.has(NodeRole.INGEST) ? Optional.of(openFrontDoor()) : Optional.empty();

            grpc = parts.push(
                    "gRPC calls",
                    new GrpcServer(
                            config.grpc(),
                            services(door),
                            interceptors(door),
                            notifier.map(Notifier::connections),
                            config.audit().proxies(),
                            tls.map(spoken -> parts.push("TLS of gRPC", new GrpcTls(spoken)))
                                    .map(GrpcTls::server)
                                    .orElseGet(InsecureServerCredentials::create)));
            // What was let in is answered: a client would have to take its end for an outcome that is not known.
            Duration longestRequest = config.kafka().answerTimeout().plus(MARGIN);
            Duration longestReport = config.kafka().reportTimeout().plus(MARGIN);
            Duration longestCall = longestReport.compareTo(longestRequest) > 0 ? longestReport : longestRequest;
            parts.push("calls under way", () -> grpc.awaitCalls(longestCall, loads.ofStrangers()));
            notifier.ifPresent(waiting -> parts.push("parked polls and subscriptions", waiting));
            door.ifPresent(open -> parts.push("waits for ends", open::stopWaits));
            door.ifPresent(open -> parts.push("HTTP", () -> open.stopHttp(longestRequest)));
            metrics = parts.push("metrics", new NodeMetrics());
            metrics.of(grpc.door());
            metrics.foreign(Topics.REPLIES, log::foreignAnswers);
            metrics.foreign(Topics.DIRECTORY, directory::foreignEntries);
            metrics.of(loads.rates().reached());
            metrics.of(traces);
            metrics.ofSpans(collector);
            readsDoor.ifPresent(metrics::ofNodes);
            tls.ifPresent(shown -> metrics.of("clients", shown));
            links.tls().ifPresent(shown -> metrics.of("nodes", shown));
            dispatcher.ifPresent(working -> metrics.of(working, config.telemetry()));
            notifier.ifPresent(metrics::of);
            readModel.map(NodeReadModel::queries).ifPresent(metrics::of);
            if (config.notary().isPresent() && readModel.isPresent()) {
                metrics.of(notary.logs());
            }
            readiness = parts.push("readiness", new Readiness(grpc::report));
            metrics.of(() -> readiness.notReady().isEmpty(), config.data());
            parts.push("gRPC intake", grpc::drain);
            watchParts();

            grpc.start();
            notifier.ifPresent(Notifier::start);
            httpPort = startHttp(door);
            readiness.start();
            // One of the last, so it is one of the first to be closed: the note that the node stops can still be
            // decided here.
            parts.push("notes on this node", new InstallationNotes(config, notary.signing(), log, directory))
                    .start();
            parts.push("balancers that send clients here", () -> windDown(door));
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Starts a node on topics that exist. Returns when its ports are open; see {@link #awaitReady}.
     *
     * @throws RuntimeException if a part cannot start; all other parts are closed then
     */
    public static MillraceServer start(ServerConfig config) {
        return new MillraceServer(config, config.database().map(CompletableFuture::completedFuture));
    }

    /**
     * As {@link #start(ServerConfig)}, with a database that may still be starting: only the read model waits for it.
     */
    public static MillraceServer start(ServerConfig config, CompletableFuture<DatabaseSettings> database) {
        return new MillraceServer(config, Optional.of(database));
    }

    /** Says that this node stops, and serves on until whoever sends clients here has noticed. */
    private void windDown(Optional<FrontDoor> door) throws InterruptedException {
        stopping = true;
        readiness.look();
        door.ifPresent(FrontDoor::windDownHttp);
        Thread.sleep(config.stopDelay());
    }

    private static boolean hasClients(ServerConfig config) {
        return config.has(NodeRole.INGEST) || config.has(NodeRole.NOTIFIER);
    }

    private Dispatcher startDispatcher() {
        ReplyRouter replies = parts.push(
                "reply router",
                new ReplyRouter(
                        config.kafka().clients(), config.node(), config.macs().macs(), log));
        LevelRouter levels =
                parts.push("level router", new LevelRouter(config.kafka().clients(), notifier.orElse(null)));
        NodeCalls calls = new NodeCalls(links, config.node());
        ReadsServer reads = parts.push(
                "reads of other nodes",
                new ReadsServer(
                        config.dispatcher().readsBind(),
                        config.dispatcher().readsPort(),
                        config.dispatcher().readsHost(),
                        config.dispatcher().readsConnections(),
                        links,
                        calls));
        readsDoor = Optional.of(reads.door());
        Dispatcher made = parts.push(
                "dispatcher",
                new Dispatcher(Wiring.dispatcher(config, reads.port()), replies, levels, directory, spans));
        reads.serve(made.readsService());
        if (config.onlyNode()) {
            made.start();
        } else {
            Reachability others = parts.push(
                    "look whether others reach this node",
                    new Reachability(calls, directory, config.dispatcher(), reads.port(), made::start));
            reach = Optional.of(others);
            others.start();
        }
        return made;
    }

    private FrontDoor openFrontDoor() {
        LocalReads local = dispatcher.map(Dispatcher::localReads).orElse(null);
        RoutedReads reads = parts.push(
                "reads",
                new RoutedReads(
                        local,
                        directory,
                        links,
                        log.partitions(),
                        config.kafka().answerTimeout(),
                        config.kafka().reportTimeout()));
        KafkaTaskStreams streams = parts.push(
                "task streams",
                new KafkaTaskStreams(
                        config.kafka().bootstrapServers(), config.kafka().properties()));
        taskStreams = Optional.of(streams);
        return parts.push(
                "front door",
                new FrontDoor(
                        Wiring.frontDoor(config),
                        log,
                        new Sources(
                                reads,
                                directory,
                                places,
                                readModel.map(NodeReadModel::queries).orElseGet(NoReadModel::new),
                                new FoldedStates(),
                                streams,
                                collector.<SpanSink>map(wanted -> wanted).orElse(SpanSink.NONE)),
                        refused.orElseThrow(),
                        loads,
                        notary.logs(),
                        encryption,
                        traces));
    }

    private int startHttp(Optional<FrontDoor> door) {
        NodeStatus self = new NodeStatus(config.node(), config.data(), readiness::notReady);
        Optional<WebTls> spoken = tls.map(Tls::web);
        try {
            if (door.isPresent()) {
                int port = door.get().startHttp(self, metrics::text, spoken).getPort();
                httpAccepts = door.get()::acceptsHttp;
                return port;
            }
            StatusHttp status = parts.push(
                    "HTTP", new StatusHttp(config.http(), config.audit().proxies(), spoken, self, metrics::text));
            httpAccepts = status::accepts;
            return status.port();
        } catch (UncheckedIOException e) {
            throw new StartException(
                    "expected to listen on " + config.http().host() + ":"
                            + config.http().port() + " for HTTP, but could not: "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage(),
                    e);
        }
    }

    private List<ServerServiceDefinition> services(Optional<FrontDoor> door) {
        List<ServerServiceDefinition> services = new ArrayList<>();
        door.ifPresent(open -> services.addAll(open.services()));
        notifier.ifPresent(waiting -> {
            services.replaceAll(service -> switch (service.getServiceDescriptor()
                    .getName()) {
                // Workers register at the front door, and the notifier has to know on which connection.
                case WorkerLifecycleGrpc.SERVICE_NAME -> ServerInterceptors.intercept(service, waiting.connections());
                // A client may make its calls with the thread of a worker that polls.
                case WorkflowDispatchGrpc.SERVICE_NAME, WorkflowQueryGrpc.SERVICE_NAME ->
                    ServerInterceptors.intercept(service, new ClientCalls());
                default -> service;
            });
            services.addAll(waiting.services());
        });
        return services;
    }

    private List<ServerInterceptor> interceptors(Optional<FrontDoor> door) {
        CallLimits limits = new CallLimits(loads, refused);
        if (refused.isEmpty()) {
            return List.of(limits); // only health and reflection, which are open to everybody
        }
        List<ServerInterceptor> interceptors = new ArrayList<>();
        interceptors.add(door.<ServerInterceptor>map(FrontDoor::authInterceptor)
                .orElseGet(() -> new AuthInterceptor(
                        new Authenticator(
                                config.access(),
                                IssuedKeys.follow(
                                        config.access(), config.macs().macs(), directory, InstantSource.system()),
                                config.access().openId().map(this::tokens),
                                InstantSource.system()),
                        parts.push("watch over keys", new CredentialWatch()),
                        config.audit().proxies(),
                        parts.push("refused logins", new RefusedLogins(log)),
                        new RefusalLog(refused.get()),
                        traces)));
        interceptors.add(limits);
        if (encryption.any()) {
            interceptors.add(new DecryptingInterceptor(encryption, new ErasedWork(log)));
        }
        interceptors.add(new HistoryHints(
                config.limits().continueAsNewEvents(), config.limits().historyBytes() / 4 * 3L));
        return interceptors;
    }

    private OpenIdTokens tokens(OpenIdSettings settings) {
        return parts.push(
                "keys of the issuer of tokens", new OpenIdTokens(settings, config.access(), InstantSource.system()));
    }

    private void watchParts() {
        readiness.need("server", () -> stopping ? Optional.of("it was told to stop") : Optional.empty());
        reach.ifPresent(others -> readiness.need("reads", others::notReady));
        dispatcher.ifPresent(working -> readiness.need(NodeRole.DISPATCHER.key(), working::notReady));
        notifier.ifPresent(waiting -> readiness.need(
                NodeRole.NOTIFIER.key(), () -> notifierReady ? waiting.notReady() : Optional.of("it has not begun")));
        readiness.need("directory", directory::notReady);
        readiness.need("replies", log::notReady);
        taskStreams.ifPresent(received -> readiness.need("task-streams", received::notReady));
        if (config.has(NodeRole.INGEST)) {
            readiness.need(NodeRole.INGEST.key(), Optional::empty);
        }
        if (encryption.any()) {
            readiness.need("data-keys", encryption::notReady);
        }
        readiness.need(
                "grpc",
                () -> grpc.serves()
                        ? Optional.empty()
                        : Optional.of("a thread of it does not come round, or lacks memory for answers"));
        readiness.need(
                "http", () -> httpAccepts.getAsBoolean() ? Optional.empty() : Optional.of("it lets no connections in"));
        readModel.ifPresent(following -> {
            readiness.watch("read-model", following::isOpen);
            if (config.notary().isPresent()) {
                readiness.watch("notary", notary::isReady);
            }
        });
    }

    /**
     * Waits until every role of this node does its work. It does not wait for the read model.
     *
     * @return false if a role does not do its work within the time
     */
    public boolean awaitReady(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        if (dispatcher.isPresent() && !dispatcher.get().awaitReady(longest)) {
            return false;
        }
        if (notifier.isPresent() && !notifier.get().awaitReady(Duration.ofNanos(end - System.nanoTime()))) {
            return false;
        }
        if (!encryption.awaitReady(Duration.ofNanos(end - System.nanoTime()))) {
            return false;
        }
        notifierReady = true;
        readiness.look();
        // A role that was ready may be busy again by now, as when the group shares out partitions once more.
        while (readiness.notReady().isPresent() && System.nanoTime() < end) {
            Thread.sleep(LOOK_AGAIN);
            readiness.look();
        }
        return readiness.notReady().isEmpty();
    }

    /** @return the port of gRPC */
    public int grpcPort() {
        return grpc.port();
    }

    /** @return the port of HTTP: with the role ingest the whole API, otherwise only the node's status */
    public int httpPort() {
        return httpPort;
    }

    /** @return the first part that this node waits for; empty if it is ready */
    public Optional<String> notReady() {
        return readiness.notReady();
    }

    /**
     * Tells when lists can be asked for: the read model's database is there, and its schema is up to date. Completes
     * exceptionally if that becomes impossible.
     *
     * @throws java.util.NoSuchElementException if the node has no read model
     */
    public CompletionStage<Void> readModelOpened() {
        return readModel.orElseThrow().opened();
    }

    /** @return what the notifier of this node has done, if the node has one */
    public Optional<NotifierStats> notifierStats() {
        return notifier.map(Notifier::stats);
    }

    /**
     * Stops in order: it says so, and serves on for {@code server.stop_delay}; no new calls; waiting workers are sent home;
     * calls under way are answered; the dispatcher's work is committed. Normally takes a few seconds more than that delay at
     * the most. A second call does nothing.
     */
    @Override
    public void close() {
        parts.close();
    }
}
