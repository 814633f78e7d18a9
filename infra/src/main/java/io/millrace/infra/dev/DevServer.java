package io.millrace.infra.dev;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.server.StartException;
import io.millrace.infra.topics.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A whole installation in this process: Kafka, PostgreSQL and one node with all roles, on one folder. For development,
 * demonstration, benchmarks and tests. Safe from any thread.
 */
public final class DevServer implements AutoCloseable {

    /** Enough to show that work is spread, few enough to be cheap on a small machine. */
    public static final int PARTITIONS = 4;

    private static final Duration READY_LIMIT = Duration.ofSeconds(60);

    private final CloseStack parts = new CloseStack();
    private final EmbeddedBackends backends;
    private final MillraceServer server;

    private DevServer(Path data, ServerConfig config, boolean withDatabase) {
        try {
            backends = parts.push("Kafka and PostgreSQL", EmbeddedBackends.start(data, config.topics(), withDatabase));
            ServerConfig onIt = config.withKafka(backends.kafka().bootstrapServers(), backends.kafka().properties())
                    .asOnlyNode();
            Optional<CompletableFuture<DatabaseSettings>> database = backends.database();
            server = parts.push(
                    "server",
                    database.isPresent() ? MillraceServer.start(onIt, database.get()) : MillraceServer.start(onIt));
            awaitReady(database);
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Starts it and returns when it is ready: all roles at work, and lists answered if there is a database.
     *
     * @param data the folder of all data, made if there is none; the same folder serves again after a stop or a kill
     * @param config see {@link #config}
     * @param withDatabase whether PostgreSQL is wanted; without it lists are unavailable
     * @throws RuntimeException if a part cannot start; nothing is left running then
     */
    public static DevServer start(Path data, ServerConfig config, boolean withDatabase) {
        return new DevServer(data, config, withDatabase);
    }

    /**
     * @param options settings by the keys of docs/configuration.md, on top of those of a development server
     * @param environment environment variables that settings may come from, too
     * @return settings of a node with all roles on a single broker that is yet to be started
     * @throws io.millrace.infra.config.ConfigurationException if a key is unknown or a value does not fit
     */
    public static ServerConfig config(Path data, Map<String, String> options, Map<String, String> environment) {
        TopicSettings single = TopicSettings.singleNode(PARTITIONS);
        Map<String, String> all = new HashMap<>(Map.of(
                "server.node", "dev",
                "server.data", data.toString(),
                "kafka.bootstrap_servers", "embedded",
                "topics.partitions", String.valueOf(single.partitions()),
                "topics.replication_factor", String.valueOf(single.replicationFactor()),
                "topics.min_insync_replicas", String.valueOf(single.minInSyncReplicas()),
                "dispatcher.reads_port", "0"));
        all.putAll(options);
        return ServerConfig.load(all, environment, Optional.empty());
    }

    private void awaitReady(Optional<CompletableFuture<DatabaseSettings>> database) {
        try {
            if (!server.awaitReady(READY_LIMIT)) {
                throw new StartException("expected the server to be ready within " + READY_LIMIT.toSeconds()
                        + " s, but it still waits for: " + server.notReady().orElse("nothing"));
            }
            if (database.isPresent()) {
                server.readModelOpened().toCompletableFuture().get(READY_LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new StartException("expected the read model to start, but: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new StartException("expected the read model to be ready within " + READY_LIMIT.toSeconds()
                    + " s, but it is not", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the server was starting", e);
        }
    }

    /** Takes over the closing of a part that uses the server, which is therefore closed before it. */
    public void closeWith(String name, AutoCloseable part) {
        parts.push(name, part);
    }

    /** @return the node */
    public MillraceServer server() {
        return server;
    }

    /** @return what clients of its Kafka need */
    public KafkaAccess kafka() {
        return backends.kafka();
    }

    /** @return where its database is; nothing if none was wanted */
    public Optional<DatabaseSettings> database() {
        return backends.database().map(CompletableFuture::join);
    }

    /** Tells when its Kafka has stopped: exceptionally if it did so by itself, and nothing works any more. */
    public CompletionStage<Void> stopped() {
        return backends.stopped();
    }

    /** Stops everything in order and waits until it has. A second call does nothing. */
    @Override
    public void close() {
        parts.close();
    }
}
