package io.millrace.infra.embedded;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.NotarySettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.config.TopicSettings;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.server.StartException;
import io.millrace.infra.topics.TopicPlan;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.proto.mac.MacKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole installation in this process: Kafka, PostgreSQL and one node with all roles, in one folder. For development,
 * demonstration, benchmarks and tests. Safe from any thread.
 */
public final class DevServer implements AutoCloseable {

    /** Enough to show that work is spread, and few enough to be cheap on a small machine. */
    public static final int PARTITIONS = 4;

    private static final String AUDIT_KEY = "audit-key.pem";

    private static final Logger LOG = LoggerFactory.getLogger(DevServer.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);

    private final CloseStack parts = new CloseStack();
    private final EmbeddedBackends backends;
    private final MillraceServer server;

    private DevServer(Path data, ServerConfig config, boolean withDatabase, StartProgress progress) {
        FreePorts.expect(config);
        try {
            backends = parts.push(
                    "Kafka and PostgreSQL", EmbeddedBackends.start(data, TopicPlan.of(config), withDatabase, progress));
            makeKey(data.resolve(AUDIT_KEY), config);
            ServerConfig onIt = on(backends.kafka(), data, config).asOnlyNode();
            Optional<CompletableFuture<DatabaseSettings>> database = backends.database();
            progress.begins("the node");
            server = parts.push(
                    "server",
                    database.isPresent() ? MillraceServer.start(onIt, database.get()) : MillraceServer.start(onIt));
            progress.ends("the node");
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Starts the server and returns when it is ready: all roles do their work, and lists are answered if there is a
     * database.
     *
     * @param data the folder of all data, made if there is none; the same folder can be used again after a stop or a
     *     kill
     * @param config see {@link #config}
     * @param withDatabase whether PostgreSQL is wanted; without it lists are unavailable
     * @throws RuntimeException if a part cannot start; then all other parts are stopped
     */
    public static DevServer start(Path data, ServerConfig config, boolean withDatabase) {
        DevServer server = launch(data, config, withDatabase, StartProgress.SILENT);
        try {
            server.awaitReady(waitsFor -> LOG.info("still waiting for: {}", waitsFor));
            return server;
        } catch (Throwable e) {
            server.close();
            throw e;
        }
    }

    /**
     * As {@link #start}, but returns when the ports are open. The caller must close the server, ready or not.
     *
     * @param progress told of each part that starts
     */
    public static DevServer launch(Path data, ServerConfig config, boolean withDatabase, StartProgress progress) {
        return new DevServer(data, config, withDatabase, progress);
    }

    /**
     * @return the configuration for commands beside the server on this folder. If it names no keys for the MACs of commands, it
     *     gets those that the server has made
     * @throws EmbeddedStartException if it has made none, since it was given some
     */
    public static ServerConfig beside(Path data, ServerConfig config) {
        return config.macs().lacksKeys() ? config.withMacKeys(MacKeys.read(CommandKeys.of(data))) : config;
    }

    /**
     * @return the configuration for this Kafka. If it names no keys for the MACs of commands, it gets those of the
     *     folder
     */
    private static ServerConfig on(KafkaAccess kafka, Path data, ServerConfig config) {
        ServerConfig onIt = config.withKafka(kafka.bootstrapServers(), kafka.properties());
        return onIt.macs().lacksKeys() ? onIt.withMacKeys(MacKeys.read(CommandKeys.in(data))) : onIt;
    }

    /**
     * Makes keys, so that somebody who tries the server out sees checkpoints. Keys that the user names are never made
     * here.
     */
    private static void makeKey(Path file, ServerConfig config) {
        if (config.notary()
                        .flatMap(NotarySettings::keyFile)
                        .filter(file::equals)
                        .isPresent()
                && !Files.exists(file)) {
            KeyFile.create(file, KeyFile.known());
        }
    }

    /** @return settings of a node on a single embedded broker, by the keys of docs/configuration.md */
    public static Map<String, String> singleNode(Path data) {
        TopicSettings single = TopicSettings.singleNode(PARTITIONS);
        return Map.of(
                "server.data", data.toString(),
                "kafka.bootstrap_servers", "embedded",
                "topics.partitions", String.valueOf(single.partitions()),
                "topics.replication_factor", String.valueOf(single.replicationFactor()),
                "topics.min_insync_replicas", String.valueOf(single.minInSyncReplicas()),
                "dispatcher.reads_port", "0");
    }

    /**
     * @param options settings by the keys of docs/configuration.md; they win over those of a development server
     * @param environment environment variables; settings may come from these, too
     * @return settings of a node with all roles, on a single broker that is not started yet
     * @throws io.millrace.ingest.config.ConfigException if a key is unknown or a value does not fit
     */
    public static ServerConfig config(Path data, Map<String, String> options, Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(singleNode(data));
        all.put("server.node", "dev");
        if (!options.containsKey("audit.key_store_type") && !environment.containsKey("MILLRACE_AUDIT_KEY_STORE_TYPE")) {
            all.put("audit.key_file", data.resolve(AUDIT_KEY).toString());
            all.put("audit.origin", "localhost/millrace");
        }
        all.putAll(options);
        return ServerConfig.load(all, environment, Optional.empty());
    }

    /**
     * Waits until the server is ready. That may take long on a slow machine, or if much has to be recovered.
     *
     * @param progress told now and then what is still awaited
     * @throws RuntimeException if a part has failed for good
     */
    public void awaitReady(Consumer<String> progress) {
        long said = System.nanoTime();
        try {
            while (!(server.awaitReady(LOOK_AGAIN) && databaseReady())) {
                checkAlive();
                if (System.nanoTime() - said > SAY_AGAIN.toNanos()) {
                    said = System.nanoTime();
                    progress.accept(server.notReady().orElse("read model"));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the server was starting", e);
        }
    }

    private boolean databaseReady() throws InterruptedException {
        if (backends.database().isEmpty()) {
            return true;
        }
        try {
            server.readModelOpened().toCompletableFuture().get(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw failed("the read model to start", Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    private void checkAlive() {
        backends.database().filter(CompletableFuture::isCompletedExceptionally).ifPresent(database -> {
            throw failed("PostgreSQL to start", database.exceptionNow());
        });
        CompletableFuture<Void> kafka = backends.stopped().toCompletableFuture();
        if (kafka.isCompletedExceptionally()) {
            throw failed("Kafka to run", kafka.exceptionNow());
        }
    }

    private static RuntimeException failed(String expected, Throwable cause) {
        Throwable innermost =
                cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
        return innermost instanceof EmbeddedStartException known
                ? known
                : new StartException("expected " + expected + ", but: " + innermost.getMessage(), innermost);
    }

    /** Takes over the closing of a part that uses the server. The part is closed before the server. */
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

    /** @return where its database is, once it is there: waits for it; nothing if none was wanted */
    public Optional<DatabaseSettings> database() {
        return backends.database().map(CompletableFuture::join);
    }

    /** Tells when the server has to be stopped: its Kafka has stopped by itself, or its disk is about to be full. */
    public CompletionStage<Void> stopped() {
        return backends.stopped();
    }

    /** Stops everything in order and waits until it has. A second call does nothing. */
    @Override
    public void close() {
        parts.close();
    }
}
