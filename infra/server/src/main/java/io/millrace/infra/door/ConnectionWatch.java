package io.millrace.infra.door;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2RemoteFlowController;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after a connection now and then. It cuts off a client that takes nothing of what waits for it, and ends
 * requests that make no progress. It closes a connection that has shown no key and asks for nothing, whether or not it
 * speaks HTTP/2. On the connection's thread.
 */
final class ConnectionWatch extends ChannelDuplexHandler {

    private static final int LOOKS_PER_PATIENCE = 10;

    /**
     * Fewer bytes are no progress: acknowledgements of pings are written too, even if the client takes none of its
     * answers.
     */
    private static final long PROGRESS_BYTES = 16 << 10;

    /** A client that does not take the GOAWAY within this time is cut off without it. */
    private static final long GOING_MS = 1_000;

    private final DoorConnection connection;
    private final DoorSettings settings;
    private final Notices notices;
    private long written;
    private long takenAtMark;
    private long markNanos = System.nanoTime();

    ConnectionWatch(DoorConnection connection, DoorSettings settings, Notices notices) {
        this.connection = connection;
        this.settings = settings;
        this.notices = notices;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        lookLater(context);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connection.end();
        context.fireChannelInactive();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            written += bytes.readableBytes();
        }
        context.write(message, promise);
    }

    private void lookLater(ChannelHandlerContext context) {
        long shortest = Math.min(
                settings.patience().toMillis(), settings.strangerTimeout().toMillis());
        context.executor()
                .schedule(() -> look(context), Math.max(1, shortest / LOOKS_PER_PATIENCE), TimeUnit.MILLISECONDS);
    }

    private void look(ChannelHandlerContext context) {
        if (!context.channel().isActive()) {
            return;
        }
        long now = System.nanoTime();
        if (connection.isIdleStranger(now, settings.strangerTimeout().toNanos())) {
            notices.say(
                    context.channel().remoteAddress(),
                    "expected a call within " + settings.strangerTimeout().toMillis()
                            + " ms from whoever has shown no known key, but there was none");
            sendAway(context.channel());
            return;
        }
        if (connection.isCertificateOver(System.currentTimeMillis())) {
            sendAway(context.channel()); // it may have the next one already, and shows that when it connects again
            return;
        }
        String fault = fault(context, now);
        if (fault == null) {
            connection.endUnfinished(now, settings.patience().toNanos());
            lookLater(context);
        } else {
            notices.say(context.channel().remoteAddress(), fault);
            connection.end();
            context.close();
        }
    }

    /**
     * Closes through all handlers, from any thread. The one of HTTP/2 says GOAWAY, so that the client sends its next calls
     * elsewhere. By itself it would wait ten seconds for a client that says nothing.
     */
    static void sendAway(Channel connection) {
        connection.close();
        connection.eventLoop().schedule(() -> closeAtOnce(connection), GOING_MS, TimeUnit.MILLISECONDS);
    }

    private static void closeAtOnce(Channel connection) {
        ChannelHandlerContext first = connection.pipeline().context(ConnectionWatch.class);
        if (first != null) {
            first.close();
        }
    }

    private @Nullable String fault(ChannelHandlerContext context, long now) {
        long taken = written - inSocketBuffer(context);
        if (taken - takenAtMark >= PROGRESS_BYTES || !isOwed(context)) {
            takenAtMark = taken;
            markNanos = now;
        } else if (now - markNanos > settings.patience().toNanos()) {
            return "expected the client to take its answers, but for "
                    + settings.patience().toMillis() + " ms it took none";
        }
        return null;
    }

    private static boolean isOwed(ChannelHandlerContext context) {
        if (inSocketBuffer(context) > 0) {
            return true;
        }
        Http2ConnectionHandler http2 = context.pipeline().get(Http2ConnectionHandler.class);
        if (http2 == null) {
            return false;
        }
        Http2RemoteFlowController flow = http2.connection().remote().flowController();
        try {
            return http2.connection().forEachActiveStream(stream -> !flow.hasFlowControlled(stream)) != null;
        } catch (Http2Exception e) {
            throw new IllegalStateException("expected to look at the streams of a connection, but could not", e);
        }
    }

    private static long inSocketBuffer(ChannelHandlerContext context) {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }
}
