package io.millrace.infra.door;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Stands where connections are accepted: closes at once what there is no room for, and puts a {@link ConnectionWatch} on
 * what comes in. On the accepting thread.
 */
final class Doorkeeper extends ChannelInboundHandlerAdapter {

    private final OpenConnections open;
    private final DoorSettings settings;
    private final Notices notices;

    Doorkeeper(OpenConnections open, DoorSettings settings, Notices notices) {
        this.open = open;
        this.settings = settings;
        this.notices = notices;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        Channel connection = (Channel) accepted;
        if (!(connection.remoteAddress() instanceof InetSocketAddress from)) {
            connection.unsafe().closeForcibly(); // it has gone already
            return;
        }
        Optional<OpenConnections.Opened> opened = open.enter(from, connection::close);
        if (opened.isEmpty()) {
            connection.unsafe().closeForcibly();
            notices.say(from, "expected at most " + open.most() + " connections, and of one address no more than it"
                    + " leaves free, but this was one more");
            return;
        }
        connection.closeFuture().addListener(closed -> open.left(opened.get()));
        connection.pipeline().addFirst(new ConnectionWatch(opened.get().connection(), settings, notices));
        context.fireChannelRead(connection);
    }
}
