package io.millrace.ingest.http.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A connection: its requests one after another, on a thread of its own. An interrupt of that thread while it reads or writes
 * closes the connection.
 */
final class WebConnection implements Runnable {

    /** How long a client may send nothing after an answer with which the connection ends. */
    private static final Duration DRAIN_TIME = Duration.ofSeconds(2);

    private final SocketChannel channel;
    private final WebServer server;
    private final TimedInput timed;
    private final LineInput in;
    private final WatchedOutput watched;
    private final OutputStream out;
    private volatile boolean busy;
    private volatile boolean known;

    WebConnection(SocketChannel channel, WebServer server) throws IOException {
        this.channel = channel;
        this.server = server;
        timed = new TimedInput(channel.socket());
        in = new LineInput(new BufferedInputStream(timed));
        // Below the buffer, so that all that is sent is watched: heads, refusals and bodies alike.
        watched = server.watchdog().watch(channel.socket().getOutputStream(), this::close);
        out = new BufferedOutputStream(watched);
    }

    @Override
    public void run() {
        try {
            boolean more = true;
            while (more && !server.stopping()) {
                more = serveOne();
            }
        } catch (IOException e) {
            // The client has gone, or was too slow, or the server stops.
        } finally {
            close();
            server.ended(this);
        }
    }

    /** @return whether another request may follow */
    private boolean serveOne() throws IOException {
        timed.time(server.limits().requestTime());
        try {
            if (!in.begins()) {
                return false;
            }
        } catch (SocketTimeoutException idle) {
            return false;
        }
        busy = true;
        try {
            timed.time(server.limits().requestTime());
            return answerOne();
        } finally {
            busy = false;
        }
    }

    private boolean answerOne() throws IOException {
        WebExchange exchange = null;
        try {
            in.lines(server.limits().headBytes());
            RequestHead head = RequestHead.read(in, server.limits());
            if (head == null) {
                return false;
            }
            Body body = Body.of(head, in, out);
            exchange = new WebExchange(
                    head, body, out, (InetSocketAddress) channel.getRemoteAddress(), () -> known = true);
            server.handler().handle(exchange);
            out.flush();
            if (exchange.reusable() && body.drain(server.limits().drainedBytes())) {
                return true;
            }
        } catch (MalformedRequest malformed) {
            refuse(exchange, malformed);
        } catch (SocketTimeoutException late) {
            refuse(exchange, new MalformedRequest(
                    408, "REQUEST_TIMEOUT", "expected the whole request within "
                            + server.limits().requestTime().toSeconds() + " s, but it is not there"));
        }
        takeLeave();
        return false;
    }

    private void refuse(WebExchange exchange, MalformedRequest why) throws IOException {
        if (exchange != null && exchange.answered()) {
            return;
        }
        String body = "{\"error\":{\"code\":\"" + why.code() + "\",\"message\":\"" + why.getMessage() + "\"}}";
        out.write(("HTTP/1.1 " + why.status() + " " + Reasons.of(why.status())
                        + "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** A connection that is closed while bytes come in is reset, and its client may lose the answer: so it is ended first. */
    private void takeLeave() throws IOException {
        channel.shutdownOutput();
        byte[] waste = new byte[8 << 10];
        long endNanos = System.nanoTime() + server.limits().requestTime().toNanos();
        for (long left = server.limits().drainedBytes(); left > 0 && System.nanoTime() - endNanos < 0; ) {
            timed.time(DRAIN_TIME);
            int read = timed.read(waste, 0, waste.length);
            if (read < 0) {
                return;
            }
            left -= read;
        }
    }

    /** @return whether no request with a known key has come until now; any thread */
    boolean isStranger() {
        return !known;
    }

    /** @return whether a request is being answered; any thread */
    boolean busy() {
        return busy;
    }

    /** Ends it; any thread. */
    void close() {
        server.watchdog().forget(watched);
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
