package io.millrace.infra.door;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.millrace.ingest.auth.ProxyHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of the PROXY protocol, which comes before everything else. Then it leaves the connection to the
 * handlers behind it. It closes the connection if the header makes no sense. On the connection's thread.
 */
final class ProxyHeaderReader extends ByteToMessageDecoder {

    private final DoorConnection connection;
    private final Notices notices;
    private byte @Nullable [] head;
    private int length;

    ProxyHeaderReader(DoorConnection connection, Notices notices) {
        this.connection = connection;
        this.notices = notices;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        try {
            byte[] first = head;
            if (first == null) {
                if (in.readableBytes() < ProxyHeader.HEAD_BYTES) {
                    return;
                }
                first = new byte[ProxyHeader.HEAD_BYTES];
                in.readBytes(first);
                length = ProxyHeader.length(first);
                head = first;
            }
            if (in.readableBytes() < length) {
                return;
            }
            byte[] rest = new byte[length];
            in.readBytes(rest);
            ProxyHeader.client(first, rest).ifPresent(connection::told);
            context.pipeline().remove(this); // this hands on what stands behind the header
        } catch (IllegalArgumentException malformed) {
            in.skipBytes(in.readableBytes());
            notices.say(context.channel().remoteAddress(), String.valueOf(malformed.getMessage()));
            context.close();
        }
    }
}
