package io.millrace.infra.embedded;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.raft.QuorumConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * One Kafka node, broker and controller at once, inside this process. It listens on loopback only, and lets in only
 * clients that know the random password that is kept in its folder. It is meant for development, tests and use on a
 * single machine: what it acknowledges is in the page cache of one machine, and replicated nowhere.
 *
 * <p>The same folder can be started again, also after a kill, and holds the same topics and records. Several nodes may
 * run in one JVM, each on its own folder. Instances may be used and closed from any thread.
 */
public final class EmbeddedKafka implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);

    private final String host = InetAddress.getLoopbackAddress().getHostAddress();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final FolderLock folder;
    private final BoundSockets sockets;
    private final int port;
    private final KafkaAccess access;
    private final ControllerServer controller;
    private final BrokerServer broker;
    private boolean closed;

    private EmbeddedKafka(
            FolderLock folder,
            BoundSockets sockets,
            Path logFolder,
            int brokerPort,
            Map<String, String> overrides,
            Time clock) {
        Path home = Objects.requireNonNull(logFolder.getParent(), "folder of the log's folder");
        this.folder = folder;
        this.sockets = sockets;
        this.port = brokerPort == 0
                ? new LastPort(home).bind(sockets, BrokerSettings.CLIENTS)
                : sockets.bind(BrokerSettings.CLIENTS, brokerPort);
        int controllerPort = sockets.bind(BrokerSettings.CONTROLLER, 0);
        BrokerStorage.prepare(logFolder, BrokerSettings.NODE_ID, Uuid.randomUuid());

        String password = Password.of(home);
        this.access = new KafkaAccess(host + ":" + port, BrokerSettings.client(password));
        Map<String, String> settings = BrokerSettings.of(logFolder, host, port, controllerPort, password);
        settings.putAll(overrides);
        KafkaConfig config = KafkaConfig.apply(settings, false);
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> storage = KafkaRaftServer.initializeLogDirs(config, LOG, "");
        SharedServer shared = new SharedServer(
                config,
                storage._1(),
                clock,
                Server.initializeMetrics(config, clock, storage._1().clusterId().orElseThrow()),
                CompletableFuture.completedFuture(
                        QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
                QuorumConfig.parseBootstrapServers(config.quorumConfig().bootstrapServers()),
                new BrokerFaults(stopped),
                sockets);
        this.broker = new BrokerServer(shared);
        this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2());
    }

    /**
     * Starts a node and returns when clients can use it.
     *
     * @param dataDir the folder of its data, made if there is none
     * @param brokerPort the port for clients; or 0 for a free one, the port of the last start on the folder if possible
     * @throws EmbeddedStartException if the port or the folder is in use, or Kafka refuses to start
     */
    public static EmbeddedKafka start(Path dataDir, int brokerPort) {
        return start(dataDir, brokerPort, Map.of());
    }

    /**
     * Starts a node with other broker settings than usual.
     *
     * @param overrides Kafka broker settings by name, which win over the usual ones
     * @throws EmbeddedStartException if the port or the folder is in use, or Kafka refuses to start
     * @see #start(Path, int)
     */
    public static EmbeddedKafka start(Path dataDir, int brokerPort, Map<String, String> overrides) {
        return start(dataDir, brokerPort, overrides, Time.SYSTEM);
    }

    /**
     * Starts a node with a clock of its own, such as one that jumps.
     *
     * @param clock by which it stamps records, and counts the time of all it does; safe from any thread
     * @throws EmbeddedStartException if the port or the folder is in use, or Kafka refuses to start
     * @see #start(Path, int, Map)
     */
    public static EmbeddedKafka start(Path dataDir, int brokerPort, Map<String, String> overrides, Time clock) {
        Path folder = dataDir.toAbsolutePath().normalize();
        FolderLock lock = FolderLock.take(folder);
        BoundSockets sockets = new BoundSockets();
        EmbeddedKafka kafka;
        try {
            kafka = new EmbeddedKafka(lock, sockets, folder.resolve("log"), brokerPort, overrides, clock);
        } catch (Throwable e) {
            release(lock, sockets);
            throw asStartException(folder, e);
        }
        try {
            kafka.startUp();
        } catch (Throwable e) {
            kafka.closeAfter(e);
            throw asStartException(folder, e);
        }
        return kafka;
    }

    /** On a thread of its own: if a part has failed for good, the caller need not wait for a start that never ends. */
    private void startUp() throws Throwable {
        CompletableFuture<Void> up = new CompletableFuture<>();
        Thread.ofPlatform().daemon(true).name("millrace-kafka-start").start(() -> {
            try {
                // The controller goes first, since the broker learns the controller's address from it.
                controller.startup();
                StaleRegistration.remove(controller);
                broker.startup();
                up.complete(null);
            } catch (Throwable e) {
                up.completeExceptionally(e);
            }
        });
        try {
            CompletableFuture.anyOf(up, stopped).join();
        } catch (CompletionException e) {
            throw e.getCause();
        }
    }

    /** @return the port that clients connect to, on loopback */
    public int port() {
        return port;
    }

    /** @return what clients need to use it */
    public KafkaAccess access() {
        return access;
    }

    /**
     * Tells when the node has stopped: normally after {@link #close()}; exceptionally if a fault has made it useless
     * before, such as a disk that cannot be written.
     */
    public CompletionStage<Void> stopped() {
        return stopped.minimalCompletionStage();
    }

    /** Stops the node and waits until it has stopped. What it acknowledged is kept. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            // The broker stops first, since it needs the controller for an orderly stop.
            broker.shutdown();
        } finally {
            try {
                controller.shutdown();
            } finally {
                release(folder, sockets);
                stopped.complete(null);
            }
        }
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static void release(FolderLock folder, BoundSockets sockets) {
        try {
            sockets.close();
        } finally {
            folder.close();
        }
    }

    private static EmbeddedStartException asStartException(Path folder, Throwable e) {
        return e instanceof EmbeddedStartException known
                ? known
                : new EmbeddedStartException("expected Kafka to start on " + folder + ", but: " + FailureText.of(e), e);
    }
}
