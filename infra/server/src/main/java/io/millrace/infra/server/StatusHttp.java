package io.millrace.infra.server;

import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.http.HttpListener;
import io.millrace.ingest.http.HttpSettings;
import io.millrace.ingest.http.NodeStatus;
import io.millrace.ingest.http.server.WebExchange;
import io.millrace.ingest.http.server.WebServer;
import io.millrace.ingest.http.server.WebTls;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The HTTP port of a node without the role ingest: health, readiness and figures. Paths and forms are the same as on a
 * node with that role. Safe from any thread.
 */
final class StatusHttp implements AutoCloseable {

    private static final String JSON = "application/json";

    private final WebServer server;
    private final NodeStatus status;
    private final Supplier<String> figures;

    private record Answer(int status, String type, String body) {}

    /**
     * Starts to listen.
     *
     * @param proxies addresses whose connections begin with a header of the PROXY protocol
     * @param tls how TLS is spoken; empty: plain text
     * @param status which node it is, and how it is
     * @param figures in the text form of Prometheus
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    StatusHttp(
            HttpSettings settings,
            TrustedProxies proxies,
            Optional<WebTls> tls,
            NodeStatus status,
            Supplier<String> figures) {
        this.status = status;
        this.figures = figures;
        server = HttpListener.bind(settings, proxies, tls);
        server.start(this::serve);
    }

    int port() {
        return server.address().getPort();
    }

    /** @return whether connections are let in */
    boolean accepts() {
        return server.accepts();
    }

    private void serve(WebExchange exchange) throws IOException {
        boolean head = exchange.method().equals("HEAD");
        Answer answer = head || exchange.method().equals("GET")
                ? answer(exchange)
                : error(405, "METHOD_NOT_ALLOWED", "expected GET, but got another method");
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.set("Content-Type", answer.type());
        exchange.set("Cache-Control", "no-store");
        if (head) {
            exchange.answerHead(answer.status(), body.length);
        } else {
            try (OutputStream out = exchange.answer(answer.status(), body.length)) {
                out.write(body);
            }
        }
    }

    private Answer answer(WebExchange exchange) {
        return switch (exchange.path()) {
            case "/_/health" -> new Answer(200, JSON, status.health(exchange.isNear()));
            case "/_/ready" ->
                status.waitsFor()
                        .map(why -> error(503, "UNAVAILABLE", why))
                        .orElseGet(() -> new Answer(200, JSON, status.ready(exchange.isNear())));
            case "/_/metrics" -> new Answer(200, "text/plain; version=0.0.4; charset=utf-8", figures.get());
            default -> error(404, "NOT_FOUND", "expected a path of this node, but it has no role ingest");
        };
    }

    private static Answer error(int status, String code, String message) {
        return new Answer(status, JSON, "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}");
    }

    @Override
    public void close() {
        server.close();
    }
}
