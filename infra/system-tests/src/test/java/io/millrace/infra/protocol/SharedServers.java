package io.millrace.infra.protocol;

import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestCollector;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * The servers that all tests of the protocol share, since starting one takes seconds. The usual one only gives up
 * silent workers early. The strict one has short leases and small limits. Each starts when it is first asked for, and
 * both end with the last test of the JVM. Tests keep apart by queues and ids of their own.
 */
final class SharedServers implements BeforeAllCallback {

    /** The organisation of {@link Place#worker}, {@link Place#user} and {@link Place#admin}. */
    static final String ORG = "550e8400-e29b-41d4-a716-446655440000";

    /** The organisation of {@link Place#stranger}. */
    static final String OTHER_ORG = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001";

    /** How long a worker that sent heartbeats may be silent on the usual server. */
    static final Duration WORKER_SILENCE = Duration.ofSeconds(5);

    /** Signals that the strict server allows one workflow. */
    static final int STRICT_SIGNALS = 5;

    /** Bytes of JSON that the strict server takes as one payload. */
    static final int STRICT_PAYLOAD = 20_000;

    /** Bytes that a history may have on the strict server. */
    static final int STRICT_HISTORY = 60_000;

    /** How long the strict server lends work out. */
    static final Duration STRICT_LEASE = Duration.ofSeconds(5);

    /** Times that the strict server hands out a workflow in vain. */
    static final int STRICT_DELIVERIES = 2;

    /** Time that the strict server wants between the pings of a connection. */
    static final Duration STRICT_KEEP_ALIVE = Duration.ofMillis(200);

    private static final Map<String, String> STRICT = Map.of(
            "telemetry.kind_figures",
            "20",
            "telemetry.queue_figures",
            "10000",
            "grpc.permit_keep_alive",
            STRICT_KEEP_ALIVE.toMillis() + "ms",
            "limits.signals",
            String.valueOf(STRICT_SIGNALS),
            "limits.payload_bytes",
            String.valueOf(STRICT_PAYLOAD),
            "limits.history_bytes",
            String.valueOf(STRICT_HISTORY),
            "leases.workflow",
            STRICT_LEASE.toMillis() + "ms",
            "leases.task",
            STRICT_LEASE.toMillis() + "ms",
            "leases.max_deliveries",
            String.valueOf(STRICT_DELIVERIES),
            "limits.submission_bytes",
            "100000");

    private static final Path ACCESS = access();

    private static TestCollector collector;
    private static Place usual;
    private static Place strict;

    /** A running server and connections to it, by those who use it. */
    record Place(
            TestServer server,
            TestClient worker,
            TestClient user,
            TestClient admin,
            TestClient stranger,
            TestHttp http,
            TestHttp otherHttp)
            implements AutoCloseable {

        private static Place start(Map<String, String> settings) {
            Map<String, String> all = new HashMap<>(settings);
            all.put("server.access_file", ACCESS.toString());
            TestServer server = TestServer.start(all, false);
            return new Place(
                    server,
                    server.client(TestServer.FIRST, "worker"),
                    server.client(TestServer.FIRST, "user"),
                    server.client(TestServer.FIRST, "admin"),
                    server.client(TestServer.FIRST, "stranger"),
                    new TestHttp("admin"),
                    new TestHttp("stranger"));
        }

        @Override
        public void close() {
            worker.close();
            user.close();
            admin.close();
            stranger.close();
            http.close();
            otherHttp.close();
            server.close();
        }
    }

    private static Path access() {
        try {
            return Path.of(SharedServers.class.getResource("access.toml").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("expected the test's access file to have a path", e);
        }
    }

    /** @return the server with the usual settings */
    static synchronized Place usual() {
        if (usual == null) {
            collector = new TestCollector();
            usual = Place.start(Map.of(
                    "leases.worker_silence",
                    WORKER_SILENCE.toMillis() + "ms",
                    "telemetry.otlp_endpoint",
                    collector.address().toString()));
        }
        return usual;
    }

    /** @return where the usual server hands spans on to */
    static synchronized TestCollector collector() {
        return collector;
    }

    /** @return the server with short leases and small limits */
    static synchronized Place strict() {
        if (strict == null) {
            strict = Place.start(STRICT);
        }
        return strict;
    }

    /** Leaves a note to close the servers when all tests of the JVM are over. */
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedServers.class))
                .computeIfAbsent("close", key -> (AutoCloseable) SharedServers::closeAll);
    }

    private static synchronized void closeAll() {
        if (usual != null) {
            usual.close();
            collector.close();
            usual = null;
        }
        if (strict != null) {
            strict.close();
            strict = null;
        }
    }
}
