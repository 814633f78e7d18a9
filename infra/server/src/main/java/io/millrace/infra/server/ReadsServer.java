package io.millrace.infra.server;

import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.millrace.infra.door.Door;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The port on which a dispatcher serves reads of other nodes. It is bound before there is a dispatcher, because the
 * dispatcher tells other nodes the port. Its connections are bounded as those of the other ports are.
 */
final class ReadsServer implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Shortest time between pings that is tolerated. Other nodes ping this one less often. */
    private static final Duration PERMIT_KEEP_ALIVE = Duration.ofSeconds(10);

    private final LateService services = new LateService();
    private final Door door;
    private final Server server;

    /**
     * @param host to bind
     * @param port 0 for any free one
     * @param announced address by which other nodes reach it
     * @param connections that may be open at a time
     * @param links who may read, and by which transport
     * @param calls what other nodes ask besides
     * @throws StartException if the address cannot be bound
     */
    ReadsServer(String host, int port, String announced, int connections, NodeLinks links, NodeCalls calls) {
        door = Door.forNodes(connections);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(host, port), links.server());
        door.guardConnections(builder);
        try {
            server = builder.directExecutor()
                    .intercept(door.known())
                    .intercept(links.nodesOnly(announced, this::port)) // the last one comes first
                    .permitKeepAliveTime(PERMIT_KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
                    .addService(calls)
                    .fallbackHandlerRegistry(services)
                    .build()
                    .start();
        } catch (IOException e) {
            door.close();
            throw new StartException(
                    "expected to listen on " + host + ":" + port
                            + " for reads of other nodes, but could not: "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    /** @return the door that its connections come through */
    Door door() {
        return door;
    }

    int port() {
        return server.getPort();
    }

    void serve(ServerServiceDefinition service) {
        services.service = service;
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        door.close();
    }

    /** A registry of one service, empty until the service is there. */
    private static final class LateService extends HandlerRegistry {

        private volatile @Nullable ServerServiceDefinition service;

        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String methodName, String authority) {
            ServerServiceDefinition known = service;
            return known == null ? null : known.getMethod(methodName);
        }
    }
}
