package io.millrace.ingest.http.server;

import io.millrace.ingest.limits.Places.Place;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.WritePendingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What a connection does while no request is answered. It is silent, or the head of a request comes in, or what comes
 * behind a last answer is read and thrown away. Each for so long. Safe from any thread.
 */
final class WebConnection {

    private static final byte[] LATE = late();

    private final Connection connection;
    private final Place place;
    private final WebLimits limits;
    private final @Nullable InetSocketAddress told;
    private volatile @Nullable Optional<SSLSession> session;
    private volatile boolean known;
    private boolean busy;
    /** The head of a request has begun to come. */
    private boolean begun;

    private long bytesBefore;
    private long sinceNanos = System.nanoTime();

    /** @param told client that a proxy told of by the PROXY protocol, or null */
    WebConnection(Connection connection, Place place, WebLimits limits, @Nullable InetSocketAddress told) {
        this.told = told;
        this.connection = connection;
        this.place = place;
        this.limits = limits;
    }

    private static byte[] late() {
        MalformedRequest late = MalformedRequest.late();
        byte[] body = ErrorAnswers.body(late.code(), late.getMessage());
        byte[] head = ("HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
                        + "Connection: close\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    EndPoint endPoint() {
        return connection.getEndPoint();
    }

    /** @return client that a proxy told of by the PROXY protocol, or null */
    @Nullable
    InetSocketAddress told() {
        return told;
    }

    /** @return the session of TLS; empty: it is in plain text. Not before a first request has come */
    Optional<SSLSession> session() {
        Optional<SSLSession> found = session;
        if (found == null) {
            EndPoint.SslSessionData data = endPoint().getSslSessionData();
            found = data == null ? Optional.empty() : Optional.of(data.sslSession());
            session = found;
        }
        return found;
    }

    Place place() {
        return place;
    }

    /** A request with a known key has come. */
    void showedKey() {
        known = true;
    }

    boolean isStranger() {
        return !known;
    }

    /** @return whether a request is being answered */
    synchronized boolean busy() {
        return busy;
    }

    /** A request is being answered. */
    synchronized void begins() {
        busy = true;
    }

    /** It has been. */
    synchronized void ends() {
        busy = false;
        begun = false;
        bytesBefore = connection.getBytesIn();
        sinceNanos = System.nanoTime();
        endPoint().setIdleTimeout(limits.quietMillis());
    }

    /** Ends it if what it does takes too long. */
    synchronized void look(long nowNanos) {
        if (busy) {
            return;
        }
        long bytes = connection.getBytesIn() - bytesBefore;
        if (bytes > 0 && !begun) {
            begun = true;
            sinceNanos = nowNanos;
        }
        boolean answeredLast = endPoint().isOutputShutdown();
        boolean late = nowNanos - sinceNanos > limits.requestTime().toNanos();
        if (answeredLast && (late || bytes > limits.drainedBytes()) || late && !begun) {
            close();
        } else if (late) {
            tellLate();
        }
    }

    private void tellLate() {
        try {
            endPoint().write(Callback.from(this::close), ByteBuffer.wrap(LATE));
        } catch (WritePendingException answered) {
            close();
        }
    }

    void close() {
        endPoint().close();
    }
}
