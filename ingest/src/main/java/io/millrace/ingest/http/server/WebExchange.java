package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A request and its answer. For the thread that it is given to. */
public final class WebExchange {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private final RequestHead head;
    private final Body body;
    private final OutputStream out;
    private final InetSocketAddress peer;
    private final Runnable known;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private boolean answered;
    private boolean last;
    private ResponseBody response;

    WebExchange(RequestHead head, Body body, OutputStream out, InetSocketAddress peer, Runnable known) {
        this.head = head;
        this.body = body;
        this.out = out;
        this.peer = peer;
        this.known = known;
        this.last = head.last();
    }

    /** @return the method, as it came */
    public String method() {
        return head.method();
    }

    /** @return the path, as it came, from its first slash on */
    public String path() {
        int query = head.target().indexOf('?');
        return query < 0 ? head.target() : head.target().substring(0, query);
    }

    /** @return what stands behind the question mark, as it came; null without one */
    public String query() {
        int query = head.target().indexOf('?');
        return query < 0 ? null : head.target().substring(query + 1);
    }

    /** @return the first header of the name, or null */
    public String header(String name) {
        return head.header(name.toLowerCase(Locale.ROOT));
    }

    /** @return address of the client */
    public InetSocketAddress peer() {
        return peer;
    }

    /** The request had a known key: its connection is no stranger's any more. */
    public void showedKey() {
        known.run();
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
        begin(status, "");
        out.flush();
    }

    /** Answers to HEAD: without the body, but with its length. */
    public void answerHead(int status, long length) throws IOException {
        begin(status, "Content-Length: " + length + "\r\n");
        out.flush();
    }

    /** @return takes the body of the answer, which has so many bytes; to be closed */
    public OutputStream answer(int status, long length) throws IOException {
        begin(status, "Content-Length: " + length + "\r\n");
        response = new ResponseBody(out, false);
        return response;
    }

    /** @return takes the body of the answer, of whatever length; to be closed */
    public OutputStream answerOpen(int status) throws IOException {
        if (head.newer()) {
            begin(status, "Transfer-Encoding: chunked\r\n");
        } else {
            last = true;
            begin(status, "");
        }
        response = new ResponseBody(out, head.newer());
        return response;
    }

    private void begin(int status, String framing) throws IOException {
        if (answered) {
            throw new IllegalStateException("expected one answer to a request, but there is another");
        }
        answered = true;
        StringBuilder text = new StringBuilder("HTTP/1.1 ").append(status).append(' ').append(Reasons.of(status));
        text.append("\r\nDate: ").append(DATE.format(ZonedDateTime.now(ZoneOffset.UTC))).append("\r\n");
        headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        boolean bodiless = framing.isEmpty() && status != 204 && status != 304 && head.newer();
        text.append(bodiless ? "Content-Length: 0\r\n" : framing);
        if (last) {
            text.append("Connection: close\r\n");
        }
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** @return whether the connection can take another request */
    boolean reusable() {
        return answered && !last && (response == null || response.closed());
    }

    boolean answered() {
        return answered;
    }
}
