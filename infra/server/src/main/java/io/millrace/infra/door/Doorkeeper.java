package io.millrace.infra.door;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.millrace.ingest.auth.TrustedProxies;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Stands where connections are accepted. It closes at once the connections for which there is no room, and puts a
 * {@link ConnectionWatch} on the others. On the accepting thread.
 */
final class Doorkeeper extends ChannelInboundHandlerAdapter {

    private final OpenConnections open;
    private final DoorSettings settings;
    private final Notices notices;
    private final TrustedProxies proxies;
    private final Consumer<ByteBufAllocator> memory;

    /**
     * @param proxies addresses whose connections begin with a header of the PROXY protocol
     * @param memory told where connections allocate their answers
     */
    Doorkeeper(
            OpenConnections open,
            DoorSettings settings,
            Notices notices,
            TrustedProxies proxies,
            Consumer<ByteBufAllocator> memory) {
        this.proxies = proxies;
        this.open = open;
        this.settings = settings;
        this.notices = notices;
        this.memory = memory;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        Channel connection = (Channel) accepted;
        if (!(connection.remoteAddress() instanceof InetSocketAddress from)) {
            connection.unsafe().closeForcibly(); // the client has gone already
            return;
        }
        Optional<OpenConnections.Opened> opened = open.enter(
                from, task -> connection.eventLoop().execute(task), () -> ConnectionWatch.sendAway(connection));
        if (opened.isEmpty()) {
            connection.unsafe().closeForcibly();
            notices.say(
                    from,
                    "expected at most " + open.most() + " connections, and of one address no more than it"
                            + " leaves free, but this was one more");
            return;
        }
        connection.closeFuture().addListener(closed -> open.left(opened.get()));
        connection.pipeline().addFirst(new ConnectionWatch(opened.get().connection(), settings, notices));
        if (proxies.speak(from.getAddress())) {
            connection.pipeline().addFirst(new ProxyHeaderReader(opened.get().connection(), notices));
        }
        context.fireChannelRead(connection); // which gives it the allocator of gRPC
        memory.accept(connection.alloc());
    }
}
