package io.millrace.infra.bench;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.EmbeddedBackends;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.topics.TopicPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A server on Kafka and PostgreSQL of its own. The server can be stopped while the two stay. For one thread. */
final class AuditInstallation implements AutoCloseable {

    private static final Duration READY = Duration.ofMinutes(5);

    private final CloseStack parts = new CloseStack();
    private final EmbeddedBackends backends;
    private final MillraceServer server;
    private final BenchClient client;

    /** @param settings by the keys of docs/configuration.md; they win over those of a single node */
    AuditInstallation(Path folder, Map<String, String> settings) throws InterruptedException, IOException {
        try {
            Path data = Files.createDirectories(folder).resolve("data");
            Map<String, String> all = new HashMap<>(DevServer.singleNode(data));
            all.put("server.node", "bench");
            all.put("grpc.port", "0");
            all.put("http.port", "0");
            all.put("commands.mac.key_file", CommandKeys.in(folder).toString());
            all.putAll(settings);
            ServerConfig config = ServerConfig.load(all, Map.of(), Optional.empty());
            backends = parts.push("Kafka and PostgreSQL", EmbeddedBackends.start(data, TopicPlan.of(config), true));
            server = parts.push(
                    "server",
                    MillraceServer.start(
                            config.withKafka(kafka().bootstrapServers(), kafka().properties())
                                    .asOnlyNode(),
                            backends.database().orElseThrow()));
            if (!server.awaitReady(READY)) {
                throw new IllegalStateException("expected the server to be ready within " + READY.toSeconds()
                        + " s, but it waits for " + server.notReady());
            }
            client = parts.push("client", new BenchClient("127.0.0.1", server.grpcPort()));
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    KafkaAccess kafka() {
        return backends.kafka();
    }

    DatabaseSettings database() {
        return backends.database().orElseThrow().join();
    }

    BenchClient client() {
        return client;
    }

    /** Stops the node; Kafka and PostgreSQL stay. */
    void stopServer() {
        client.close();
        server.close();
    }

    @Override
    public void close() {
        parts.close();
    }
}
