package io.millrace.ingest.audit.witness;

import io.millrace.ingest.audit.witness.Witness.Answer;
import io.millrace.ingest.http.HttpListener;
import io.millrace.ingest.http.HttpSettings;
import io.millrace.ingest.http.server.WebExchange;
import io.millrace.ingest.http.server.WebServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A witness on a port of its own. Safe from any thread. */
public final class WitnessServer implements AutoCloseable {

    /** A checkpoint with many signatures of ML-DSA-44, and the longest proof. */
    private static final int MOST_BYTES = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(WitnessServer.class);
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Witness witness;
    private final WebServer server;

    /**
     * Starts to listen.
     *
     * @param witness becomes its own to close
     * @param port 0: any free one
     * @throws UncheckedIOException if the address cannot be bound
     */
    public WitnessServer(Witness witness, String host, int port) {
        this.witness = witness;
        server = HttpListener.bind(new HttpSettings(host, port, MOST_BYTES, 1));
        server.start(this::serve);
    }

    /** @return the port that it listens on */
    public int port() {
        return server.address().getPort();
    }

    private void serve(WebExchange exchange) throws IOException {
        Answer answer = answer(exchange);
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.set("Content-Type", answer.contentType());
        exchange.set("Cache-Control", "no-store");
        try (OutputStream out = exchange.answer(answer.status(), body.length)) {
            out.write(body);
        }
    }

    private Answer answer(WebExchange exchange) throws IOException {
        if (!exchange.path().equals("/add-checkpoint")) {
            return new Answer(404, TEXT, "expected /add-checkpoint, but got another path\n");
        }
        if (!exchange.method().equals("POST")) {
            return new Answer(405, TEXT, "expected POST, but got another method\n");
        }
        byte[] body = exchange.body().readNBytes(MOST_BYTES + 1);
        if (body.length > MOST_BYTES) {
            exchange.endConnection();
            return new Answer(413, TEXT, "expected a request of at most " + MOST_BYTES + " bytes, but got more\n");
        }
        try {
            return witness.add(new String(body, StandardCharsets.UTF_8));
        } catch (UncheckedIOException e) {
            LOG.error("nothing was signed", e);
            return new Answer(500, TEXT, "expected to read and store checkpoints, but could not\n");
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        witness.close();
    }
}
