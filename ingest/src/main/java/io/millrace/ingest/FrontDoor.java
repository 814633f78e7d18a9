package io.millrace.ingest;

import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.openid.OpenIdTokens;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.encryption.Payloads;
import io.millrace.ingest.grpc.AuthInterceptor;
import io.millrace.ingest.grpc.GrpcServices;
import io.millrace.ingest.http.HttpAudit;
import io.millrace.ingest.http.HttpDoor;
import io.millrace.ingest.http.NodeStatus;
import io.millrace.ingest.http.Routes;
import io.millrace.ingest.http.server.WebTls;
import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.BulkRunner;
import io.millrace.ingest.operations.EndOperations;
import io.millrace.ingest.operations.ErasureEnder;
import io.millrace.ingest.operations.OperationSettings;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.PayloadReads;
import io.millrace.ingest.operations.Quotas;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.operations.Sources;
import io.millrace.ingest.operations.SpanSink;
import io.millrace.ingest.operations.WorkerWatch;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.streams.LocalTaskStreams;
import io.millrace.proto.call.StrictCalls;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.trace.Spans;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The front door: authenticates, checks, writes commands and reads, over gRPC and HTTP. The parts it is given stay the
 * giver's to close. Safe from any thread.
 */
public final class FrontDoor implements AutoCloseable {

    private final List<ServerServiceDefinition> services;
    private final AuthInterceptor authInterceptor;
    private final CredentialWatch credentials = new CredentialWatch();
    private final HttpDoor http;
    private final WorkerWatch watch;
    private final RefusedLogins logins;
    private final Optional<OpenIdTokens> tokens;
    private final ErasureEnder erasures;
    private final BulkRunner bulkJobs;
    private final EndOperations ends;
    private final Quotas quotas;

    /** As below, with spans that nobody wants, task streams that stay within this process, and no past. */
    public FrontDoor(
            FrontDoorConfig config,
            CommandLog log,
            Reads reads,
            Directory directory,
            TaskHomes places,
            ExecutionQueries queries) {
        this(
                config,
                log,
                new Sources(
                        reads,
                        directory,
                        places,
                        queries,
                        events -> {
                            throw new IllegalArgumentException(
                                    "expected somebody who makes states of the past, but there is nobody");
                        },
                        new LocalTaskStreams(),
                        SpanSink.NONE),
                new RefusedRequests(log),
                new OrganisationLoads(
                        LoadSettings.defaults().withStreams(config.http().maxStreams())),
                new TransparencyLogs("expected transparency logs, but there is nobody who keeps them"),
                Encryption.NONE,
                new CallTraces(Spans.NONE, 0));
    }

    /**
     * @param config organisations, limits, addresses
     * @param log where commands go
     * @param sources what is looked at
     * @param refused where refused requests are noted
     * @param loads what every organisation has under way on this node
     * @param logs what is proved
     * @param encryption of payloads; stays the caller's to close
     * @param traces tell to which traces calls belong
     */
    public FrontDoor(
            FrontDoorConfig config,
            CommandLog log,
            Sources sources,
            RefusedRequests refused,
            OrganisationLoads loads,
            TransparencyLogs logs,
            Encryption encryption,
            CallTraces traces) {
        Payloads payloads = new Payloads(encryption, sources.reads());
        RefusalLog refusals = new RefusalLog(refused);
        IssuedKeys issued = IssuedKeys.follow(
                config.access(), config.audit().approvals().macs(), sources.directory(), Clock.systemUTC());
        tokens = config.access()
                .openId()
                .map(settings -> new OpenIdTokens(settings, config.access(), Clock.systemUTC()));
        Authenticator authenticator = new Authenticator(config.access(), issued, tokens, Clock.systemUTC());
        quotas = new Quotas(config.access(), sources.queries(), loads.rates().reached());
        watch = new WorkerWatch(log, sources.directory(), config.workerSilence());
        Operations operations = Operations.on(
                new OperationSettings(
                        config.limits(),
                        config.audit().reasonRequired(),
                        config.audit().approvals(),
                        config.stamped(),
                        config.taskLease()),
                log,
                sources,
                payloads,
                watch,
                loads,
                issued,
                quotas);
        ends = operations.ends();
        erasures = new ErasureEnder(operations.erasures());
        bulkJobs =
                new BulkRunner(operations.bulk(), sources.queries(), log.node(), config.bulkLease(), config.delivery());
        PayloadReads payloadReads = new PayloadReads(log, config.audit().reads());
        services = GrpcServices.of(operations, payloadReads, refusals).stream()
                .map(service -> StrictCalls.of(service, refused))
                .toList();
        logins = new RefusedLogins(log);
        authInterceptor =
                new AuthInterceptor(authenticator, credentials, config.audit().proxies(), logins, refusals, traces);
        http = new HttpDoor(
                config.http(),
                new Routes(
                        operations,
                        sources,
                        loads,
                        logs,
                        payloads.decryption(),
                        log.partitions(),
                        config.access().keys(),
                        tokens.flatMap(OpenIdTokens::login)),
                authenticator,
                credentials,
                refusals,
                loads,
                new HttpAudit(config.audit().proxies(), logins, payloadReads, traces),
                payloads.decryption());
    }

    /** @return the gRPC methods that this module serves, one definition per service; none of them blocks its thread */
    public List<ServerServiceDefinition> services() {
        return services;
    }

    /** @return what lets calls in; it belongs before every service of the server but may also see health and reflection */
    public ServerInterceptor authInterceptor() {
        return authInterceptor;
    }

    /**
     * Starts the HTTP API.
     *
     * @param status which node it is of, and how that is; told by {@code /_/health} and {@code /_/ready}
     * @param metrics figures of this node in the text form of Prometheus, without a word of what organisations do; shown by
     *     {@code /_/metrics} to everybody
     * @param tls how TLS is spoken; empty: plain text
     * @return the address that it listens on
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public InetSocketAddress startHttp(NodeStatus status, Supplier<String> metrics, Optional<WebTls> tls) {
        return http.start(status, metrics, tls);
    }

    /** @return whether the HTTP API lets connections in */
    public boolean acceptsHttp() {
        return http.accepts();
    }

    /** Lets connections of HTTP end with their next answer, so that clients go elsewhere. */
    public void windDownHttp() {
        http.windDown();
    }

    /** Lets whoever waits for an end by gRPC wait at another node. */
    public void stopWaits() {
        ends.stop();
    }

    /**
     * Stops the HTTP API. Ends event streams, and answers requests that wait for an end.
     *
     * @param grace how long other requests under way may take
     */
    public void stopHttp(Duration grace) {
        http.stop(grace);
    }

    /** Stops the HTTP API, if that was not done yet, and the watch over workers. */
    @Override
    public void close() {
        bulkJobs.close();
        ends.close();
        quotas.close();
        watch.close();
        erasures.close();
        http.close();
        credentials.close();
        logins.close();
        tokens.ifPresent(OpenIdTokens::close);
    }
}
