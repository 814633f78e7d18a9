package io.millrace.infra.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.millrace.infra.config.GrpcSettings;
import io.millrace.infra.door.Door;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.limits.OrganisationLoad;
import io.millrace.proto.call.StrictCalls;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.WorkflowRunsGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC port for workers and clients: the services of this node's roles as one API, health and reflection. No
 * service may block, as everything runs on the transport's threads. Safe from any thread.
 */
public final class GrpcServer implements AutoCloseable {

    private static final List<ServiceDescriptor> API = List.of(
            WorkflowDispatchGrpc.getServiceDescriptor(),
            WorkflowQueryGrpc.getServiceDescriptor(),
            TaskExecutionGrpc.getServiceDescriptor(),
            WorkerLifecycleGrpc.getServiceDescriptor(),
            ExecutionResultsGrpc.getServiceDescriptor(),
            WorkflowRunsGrpc.getServiceDescriptor());

    /** How long connections may take to end by themselves, once no call is under way. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    /** Most bytes on their way that a peer has not acknowledged. */
    private static final int FLOW_CONTROL_WINDOW = 1 << 20;

    /** So peers that have vanished are found, and their polls and subscriptions do not stay. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    private static final Duration KEEP_ALIVE_LIMIT = Duration.ofSeconds(20);

    private final HealthStatusManager health = new HealthStatusManager();
    private final Server server;
    private final Door door;
    private final GrpcSettings settings;
    private volatile int port;

    /**
     * @param parts what the roles serve; a service may have several definitions
     * @param interceptors see all calls, the first one first
     * @param connections sees connections come and go
     */
    public GrpcServer(
            GrpcSettings settings,
            Collection<ServerServiceDefinition> parts,
            List<ServerInterceptor> interceptors,
            Optional<ServerTransportFilter> connections) {
        this(settings, parts, interceptors, connections, TrustedProxies.NONE, InsecureServerCredentials.create());
    }

    /**
     * As above.
     *
     * @param proxies addresses whose connections begin with a header of the PROXY protocol
     * @param transport plain text, or TLS
     */
    public GrpcServer(
            GrpcSettings settings,
            Collection<ServerServiceDefinition> parts,
            List<ServerInterceptor> interceptors,
            Optional<ServerTransportFilter> connections,
            TrustedProxies proxies,
            ServerCredentials transport) {
        this.settings = settings;
        this.door = new Door(settings.door(), proxies);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(settings.host(), settings.port()), transport)
                .directExecutor()
                // The SDKs ping every 30 s, also if no call is open. gRPC's own limit is five minutes.
                .permitKeepAliveTime(settings.permitKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                // The window is fixed. By default, gRPC would send pings beside the data all the time, to find a better
                // size.
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .maxInboundMessageSize(settings.maxMessageBytes())
                .maxInboundMetadataSize(settings.maxMetadataBytes())
                .addService(StrictCalls.ofOpen(health.getHealthService().bindService()))
                .addService(StrictCalls.ofOpen(
                        ProtoReflectionServiceV1.newInstance().bindService()))
                .addServices(parts.isEmpty() ? List.of() : ServiceMerger.merge(API, parts));
        door.guard(builder);
        interceptors.reversed().forEach(builder::intercept);
        connections.ifPresent(builder::addTransportFilter);
        this.server = builder.build();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    }

    /**
     * Opens the port. The answer to health checks is NOT_SERVING until {@link #report} says otherwise.
     *
     * @throws StartException if the address cannot be bound
     */
    public void start() {
        try {
            port = server.start().getPort();
        } catch (IOException e) {
            throw new StartException(
                    "expected to listen on " + settings.host() + ":" + settings.port() + " for gRPC, but could not: "
                            + reason(e),
                    e);
        }
    }

    /** @return the port that it listens on; 0 before the start */
    public int port() {
        return port;
    }

    /** @return the door that its connections come through */
    Door door() {
        return door;
    }

    /**
     * @return whether its threads do their work and have the memory for it. A client that can connect cannot see that
     */
    boolean serves() {
        return door.serves();
    }

    /**
     * Says whether a part is ready.
     *
     * @param part name of a role, or empty for the node as a whole
     */
    public void report(String part, boolean ready) {
        health.setStatus(part, ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /** Lets no more calls in, and answers NOT_SERVING to health checks. Calls under way go on. */
    public void drain() {
        if (!server.isShutdown()) {
            health.enterTerminalState();
            server.shutdown();
        }
    }

    /**
     * Lets no more calls in, and waits until those under way have ended by themselves, but for polls and subscriptions.
     *
     * @param longest time that is waited at the most
     * @param without whose calls are not waited for
     */
    void awaitCalls(Duration longest, OrganisationLoad without) {
        drain();
        long end = System.nanoTime() + longest.toNanos();
        while (door.openCalls(without) > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }

    /** Gives calls under way two seconds, then ends them. */
    @Override
    public void close() {
        drain();
        try {
            if (!server.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                server.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        door.close();
    }

    private static @Nullable String reason(IOException e) {
        return e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    }
}
