package io.millrace.infra.door;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.limits.OpenFiles;
import io.millrace.ingest.limits.OrganisationLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Protects a gRPC server, so that no client can take it down: a limit for connections, a watch over each of them, and
 * threads of its own. Safe from any thread.
 */
public final class Door implements AutoCloseable {

    private static final int NETTYS_CHOICE = 0;

    /**
     * Calls that a client may give up on one connection within half a minute. Workers give up their polls when they
     * stop.
     */
    private static final int GIVEN_UP_CALLS = 20_000;

    private static final int GIVEN_UP_SECONDS = 30;

    private static final Duration NEVER = Duration.ofDays(36_500);

    private final DoorSettings settings;
    private final TrustedProxies proxies;
    private final OpenConnections open;
    private final Notices notices = new Notices();
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final List<LoopHealth> loops = new ArrayList<>();
    private volatile @Nullable ByteBufAllocator memory;

    /**
     * @param settings what connections may do
     * @param proxies addresses whose connections begin with a header of the PROXY protocol
     */
    public Door(DoorSettings settings, TrustedProxies proxies) {
        this("grpc", settings, Math.min(settings.connections(), OpenFiles.forGrpc()), proxies);
    }

    private Door(String name, DoorSettings settings, int connections, TrustedProxies proxies) {
        this.settings = settings;
        this.proxies = proxies;
        open = new OpenConnections(connections);
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        acceptor =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("millrace-" + name + "-accept", true), io);
        workers =
                new MultiThreadIoEventLoopGroup(NETTYS_CHOICE, new DefaultThreadFactory("millrace-" + name, true), io);
        workers.forEach(loop -> loops.add(new LoopHealth(loop, () -> memory)));
    }

    /**
     * The door of a port for nodes alone, which watch each other by connections that say nothing: those may stand for ever.
     * A connection is one of a node once a call of it has passed {@link #known}.
     *
     * @param connections that may be open at a time, all together
     */
    public static Door forNodes(int connections) {
        DoorSettings usual = DoorSettings.defaults();
        DoorSettings settings = new DoorSettings(connections, usual.calls(), NEVER, usual.patience());
        return new Door("nodes", settings, Math.min(connections, OpenFiles.forNodes()), TrustedProxies.NONE);
    }

    /** @return tells connections of known callers from others; it belongs behind what lets calls in */
    public ServerInterceptor known() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                OpenConnections.of(call).showedKey();
                return next.startCall(call, headers);
            }
        };
    }

    /**
     * Sets the builder up so that its server is guarded. {@link CallLimits} must still be added to its interceptors.
     */
    public void guard(NettyServerBuilder builder) {
        guardConnections(builder);
        builder.maxConcurrentCallsPerConnection(settings.calls())
                .maxRstFramesPerWindow(GIVEN_UP_CALLS, GIVEN_UP_SECONDS)
                .addStreamTracerFactory(RequestMeter.FACTORY);
    }

    /** The same for connections alone: what callers do who are let in is not bounded. */
    public void guardConnections(NettyServerBuilder builder) {
        ChannelFactory<ServerChannel> channels = () -> {
            ServerChannel channel = Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
            channel.pipeline().addLast(new Doorkeeper(open, settings, notices, proxies, used -> memory = used));
            return channel;
        };
        builder.channelFactory(channels)
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(workers)
                .addTransportFilter(open);
    }

    /**
     * @return whether every thread does its work and has the memory for an answer. Asks the threads again, and does not
     *     wait
     */
    public boolean serves() {
        boolean all = true;
        for (LoopHealth loop : loops) {
            all &= loop.serves();
        }
        return all;
    }

    /** @return connections that are open */
    public long openConnections() {
        return open.open();
    }

    /**
     * @param without whose calls do not count, such as those of strangers, who may watch the health for ever
     * @return calls under way, without those that wait for work
     */
    public long openCalls(OrganisationLoad without) {
        return open.openCalls(without);
    }

    /** @return number of connections that were not let in, or were closed because of what their clients did */
    public long closedConnections() {
        return notices.count();
    }

    /** Ends its threads. To be called once the server has ended. */
    @Override
    public void close() {
        acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
