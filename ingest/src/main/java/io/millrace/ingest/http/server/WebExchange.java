package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** A request and its answer. For the thread that it is given to. */
public final class WebExchange {

    /** So much of an answer that is held in memory has to be taken within {@link WebLimits#patience}. */
    private static final long PART_BYTES = 1 << 20;

    /** Names and addresses by which only a client on this machine reaches it. */
    private static final Set<String> LOOPBACK_NAMES =
            Set.of("localhost", "127.0.0.1", "[::1]", "::1", "[0:0:0:0:0:0:0:1]");

    /** Headers that proxies add by custom, beside all that begin with X-Forwarded. */
    private static final Set<String> OF_PROXIES = Set.of(
            "forwarded",
            "via",
            "x-real-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-original-forwarded-for",
            "x-original-host",
            "x-envoy-external-address",
            "true-client-ip",
            "cf-connecting-ip",
            "fastly-client-ip");

    private final Request request;
    private final Response response;
    private final WebConnection connection;
    private final WebLimits limits;
    private final TimedBody body;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private boolean answered;
    private boolean last;
    private @Nullable AnswerBytes answer;
    private @Nullable AnswerAside aside;

    WebExchange(Request request, Response response, WebConnection connection, WebLimits limits) {
        this.request = request;
        this.response = response;
        this.connection = connection;
        this.limits = limits;
        body = new TimedBody(
                Content.Source.asInputStream(request),
                connection.endPoint(),
                request.getBeginNanoTime() + limits.requestTime().toNanos());
    }

    /** @return the method, as it came */
    public String method() {
        return request.getMethod();
    }

    /** @return the path, as it came, from its first slash on */
    public String path() {
        return request.getHttpURI().getPath();
    }

    /** @return what stands behind the question mark, as it came; null without one */
    public @Nullable String query() {
        return request.getHttpURI().getQuery();
    }

    /** @return what all headers of the name hold, as one list with commas: the last word is that of the nearest proxy; or null */
    public @Nullable String header(String name) {
        List<String> values = request.getHeaders().getValuesList(name);
        return values.isEmpty() ? null : String.join(",", values);
    }

    /** @return client that the peer told of by the PROXY protocol, or null */
    public @Nullable InetSocketAddress told() {
        return connection.told();
    }

    /** @return the session of TLS; empty: the connection is in plain text */
    public Optional<SSLSession> session() {
        return connection.session();
    }

    /** @return address at the other end of the connection */
    public InetSocketAddress peer() {
        return (InetSocketAddress) request.getConnectionMetaData().getRemoteSocketAddress();
    }

    /**
     * Whether the client is on this machine. A proxy on it is not the client, and nothing may tell of it. So these speak
     * against it: whatever a proxy adds by custom; HTTP/1.0, which proxies speak and clients do not; and a name of the
     * server in the request that is not one of this machine alone. Proxies pass such names on, and browsers send them that
     * a foreign name has led here.
     *
     * @return false in case of doubt
     */
    public boolean isNear() {
        return peer().getAddress().isLoopbackAddress()
                && told() == null
                && request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_0
                && LOOPBACK_NAMES.contains(String.valueOf(request.getHttpURI().getHost()))
                && request.getHeaders().stream()
                        .map(HttpField::getLowerCaseName)
                        .noneMatch(name -> name.startsWith("x-forwarded") || OF_PROXIES.contains(name));
    }

    /** The request had a known key: its connection is no stranger's any more. */
    public void showedKey() {
        connection.showedKey();
    }

    /** @return the body; reading one that is not well-formed throws {@link MalformedRequest} */
    public InputStream body() {
        return body;
    }

    /** Sets a header of the answer. */
    public void set(String name, String value) {
        headers.put(name, value);
    }

    /** Lets the connection end with the answer: what is left of the request is of no use. */
    public void endConnection() {
        last = true;
    }

    /** Answers without a body. */
    public void answer(int status) throws IOException {
        begin(status, -1).close();
    }

    /** Answers to HEAD: without the body, but with its length. */
    public void answerHead(int status, long length) throws IOException {
        begin(status, length).close();
    }

    /** @return takes the body of the answer, which has so many bytes; to be closed */
    public OutputStream answer(int status, long length) throws IOException {
        return begin(status, length);
    }

    /** @return takes the body of the answer, of whatever length; to be closed */
    public OutputStream answerOpen(int status) throws IOException {
        OutputStream out = begin(status, -1);
        if (aside != null) {
            return out;
        }
        answer = AnswerBytes.open(response);
        return answer;
    }

    private OutputStream begin(int status, long length) {
        if (answered) {
            throw new IllegalStateException("expected one answer to a request, but there is another");
        }
        answered = true;
        if (body.broken()) {
            aside = new AnswerAside(status, headers);
            return aside.body();
        }
        connection.endPoint().setIdleTimeout(limits.patience().toMillis());
        response.setStatus(status);
        headers.forEach((name, value) -> response.getHeaders().put(name, value));
        if (length >= 0) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
        }
        if (last) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        long parts = 1 + Math.max(0, length) / PART_BYTES;
        answer = AnswerBytes.until(
                response, System.nanoTime() + parts * limits.patience().toNanos());
        return answer;
    }

    /**
     * Brings it to its end, once the answer is written. What is left of the request is read. So another request can be
     * read behind it, or its client at least takes the answer: a connection that is closed while bytes come in is
     * reset, and loses the answer.
     *
     * @throws IOException if the connection cannot be kept
     */
    void finish() throws IOException {
        if (aside != null) {
            throw aside;
        }
        if (answer == null || !answer.closed()) {
            throw new IOException("expected an answer to its end, but it broke off");
        }
        boolean asksForLeave = request.getHeaders().contains(HttpHeader.EXPECT);
        if (!asksForLeave
                && !body.drain(limits.drainedBytes(), limits.requestTime().toNanos())) {
            throw new IOException("expected the request to end, but it goes on");
        }
    }
}
