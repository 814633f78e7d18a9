package io.millrace.infra.testing;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC client that does what no library would do: it writes its frames by hand, and takes only what it is told to
 * take. For one thread.
 */
public final class RawHttp2 implements AutoCloseable {

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int GO_AWAY = 7;

    private static final int CANCEL = 8;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final int LARGEST_FRAME = 16 << 10;
    private static final int PATIENCE_MS = 60_000;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final String key;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private int nextStream = 1;

    /** A frame from the server; {@code headers} is null if it has none. */
    public record Frame(int type, int stream, @Nullable Http2Headers headers) {

        /** @return the status of the call that ends with this frame */
        public Optional<Integer> status() {
            return Optional.ofNullable(headers)
                    .map(each -> each.get("grpc-status"))
                    .map(status -> Integer.parseInt(status.toString()));
        }
    }

    /**
     * Connects, and tells the server how much it takes of each stream.
     *
     * @param key sent as bearer token with each call
     * @param window most bytes that it takes of a stream
     */
    public RawHttp2(int port, String key, int window) throws IOException {
        this.key = key;
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MS);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        // SETTINGS_INITIAL_WINDOW_SIZE
        send(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array());
        // The server's own settings show that it has read ours.
        while (next().orElseThrow().type() != SETTINGS) {}
    }

    /** @return the stream of a call of which only the headers are sent */
    public int open(MethodDescriptor<?, ?> method) throws IOException {
        Http2Headers headers = new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .authority("127.0.0.1")
                .path("/" + method.getFullMethodName())
                .add("content-type", "application/grpc")
                .add("te", "trailers")
                .add("authorization", "Bearer " + key);
        ByteBuf block = Unpooled.buffer();
        int stream = nextStream;
        nextStream += 2;
        try {
            encoder.encodeHeaders(stream, headers, block);
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
        send(HEADERS, END_HEADERS, stream, ByteBufUtil.getBytes(block));
        return stream;
    }

    /** @return the stream of a whole call */
    public int call(MethodDescriptor<?, ?> method, MessageLite request) throws IOException {
        int stream = open(method);
        byte[] bytes = request.toByteArray();
        send(DATA, END_STREAM, stream, message(bytes.length, bytes));
        return stream;
    }

    /** Gives a call up. */
    public void cancel(int stream) throws IOException {
        send(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array());
    }

    /** Sends the beginning of a message. */
    public void begin(int stream, int messageBytes, int sentBytes) throws IOException {
        byte[] first = message(messageBytes, new byte[Math.min(sentBytes, LARGEST_FRAME - 5)]);
        send(DATA, 0, stream, first);
        for (int left = sentBytes - first.length + 5; left > 0; left -= LARGEST_FRAME) {
            send(DATA, 0, stream, new byte[Math.min(left, LARGEST_FRAME)]);
        }
    }

    private static byte[] message(int messageBytes, byte[] part) {
        return ByteBuffer.allocate(5 + part.length)
                .put((byte) 0)
                .putInt(messageBytes)
                .put(part)
                .array();
    }

    private void send(int type, int flags, int stream, byte[] content) throws IOException {
        out.write(ByteBuffer.allocate(9 + content.length)
                .put((byte) (content.length >> 16))
                .putShort((short) content.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(content)
                .array());
    }

    /** @return the next frame; nothing once the server has closed the connection */
    public Optional<Frame> next() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] content = new byte[length];
            in.readFully(content);
            if (type == SETTINGS && (flags & ACK) == 0) {
                send(SETTINGS, ACK, 0, new byte[0]);
            }
            Http2Headers headers =
                    type == HEADERS ? decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(content)) : null;
            return Optional.of(new Frame(type, stream, headers));
        } catch (EOFException | SocketException e) {
            return Optional.empty();
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    /** @return the status of the call once it has ended; empty if the connection ended instead */
    public Optional<Integer> awaitStatus(int stream) throws IOException {
        Optional<Frame> frame = next();
        while (frame.isPresent()
                && (frame.get().stream() != stream || frame.get().status().isEmpty())) {
            frame = next();
        }
        return frame.flatMap(Frame::status);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
