package io.millrace.infra.system;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.EmbeddedBackends;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.topics.TopicPlan;
import io.millrace.ingest.config.Access;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * A whole installation for a test: Kafka, PostgreSQL if wanted, and nodes that can be added, stopped and started again.
 * All use free loopback ports and a folder that is gone afterwards. For one thread.
 */
public final class TestServer implements AutoCloseable {

    /** The name of the node that is there at first. */
    public static final String FIRST = "node-1";

    private static final Duration READY = Duration.ofSeconds(300);

    private final CloseStack parts = new CloseStack();
    private final TempFolder folder = parts.push("test folder", new TempFolder());
    private final Map<String, String> settings;
    private final UnaryOperator<ServerConfig> change;
    /** Null once it is closed: test classes keep what they have closed, and a whole Kafka would stay in memory with it. */
    private EmbeddedBackends backends;

    private final Map<String, MillraceServer> nodes = new LinkedHashMap<>();
    private final Map<String, String> rolesOf = new HashMap<>();
    private final Map<String, Map<String, String>> ownOf = new HashMap<>();

    private TestServer(Map<String, String> settings, boolean withDatabase, UnaryOperator<ServerConfig> change) {
        this.settings = Map.copyOf(settings);
        this.change = change;
        try {
            backends = parts.push(
                    "Kafka and PostgreSQL",
                    EmbeddedBackends.start(folder.path(), TopicPlan.of(config(FIRST, "ingest")), withDatabase));
            parts.push("nodes", this::stopNodes);
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /** @return an installation with one node that has all roles, and no database */
    public static TestServer start() {
        return start(Map.of(), false);
    }

    /**
     * @param settings by the keys of docs/configuration.md
     * @return an installation with one node that has all roles
     */
    public static TestServer start(Map<String, String> settings, boolean withDatabase) {
        return withFirst(withoutNodes(settings, withDatabase));
    }

    /**
     * @param change makes of a configuration one that no settings give, such as one with shorter times
     * @return an installation with a database and one node that has all roles
     */
    public static TestServer start(UnaryOperator<ServerConfig> change) {
        return start(Map.of(), change);
    }

    /** As above, with settings besides. */
    public static TestServer start(Map<String, String> settings, UnaryOperator<ServerConfig> change) {
        return withFirst(new TestServer(settings, true, change));
    }

    private static TestServer withFirst(TestServer server) {
        try {
            server.addNode(FIRST, "ingest,dispatcher,notifier");
            return server;
        } catch (Throwable e) {
            server.close();
            throw e;
        }
    }

    /** @return an installation whose nodes are still to be added */
    public static TestServer withoutNodes(Map<String, String> settings, boolean withDatabase) {
        return new TestServer(settings, withDatabase, UnaryOperator.identity());
    }

    /**
     * Starts a node and waits until it is ready.
     *
     * @param roles separated by commas
     */
    public MillraceServer addNode(String name, String roles) {
        return addNode(name, roles, Map.of());
    }

    /** As above, with settings that only this node has. */
    public MillraceServer addNode(String name, String roles, Map<String, String> own) {
        rolesOf.put(name, roles);
        ownOf.put(name, own);
        ServerConfig config = config(name, roles, own)
                .withKafka(backends.kafka().bootstrapServers(), backends.kafka().properties());
        Optional<CompletableFuture<DatabaseSettings>> database = backends.database();
        MillraceServer node =
                database.isPresent() ? MillraceServer.start(config, database.get()) : MillraceServer.start(config);
        nodes.put(name, node);
        try {
            if (!node.awaitReady(READY)) {
                throw new AssertionError("expected " + name + " to be ready within " + READY.toSeconds()
                        + " s, but it waits for " + node.notReady());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return node;
    }

    private ServerConfig config(String name, String roles) {
        return config(name, roles, Map.of());
    }

    private ServerConfig config(String name, String roles, Map<String, String> own) {
        Map<String, String> all =
                new HashMap<>(Map.of("server.node", name, "server.roles", roles, "grpc.port", "0", "http.port", "0"));
        all.putAll(settings);
        all.putAll(own);
        all.putIfAbsent("commands.mac.key_file", TestKeys.in(folder.path()).toString());
        all.putIfAbsent("audit.key_file", TestKeys.ofLogs(folder.path()).toString());
        return change.apply(DevServer.config(folder.path().resolve(name), all, Map.of()));
    }

    /** Stops a node in order. */
    public void stopNode(String name) {
        nodes.remove(name).close();
    }

    /** Starts a node again that was stopped. It may listen on other ports than before, unless its own settings name them. */
    public MillraceServer restartNode(String name) {
        return addNode(name, rolesOf.get(name), ownOf.get(name));
    }

    /** @return the node of that name */
    public MillraceServer node(String name) {
        return nodes.get(name);
    }

    /** @return the folder of all that it stores: Kafka, PostgreSQL and the nodes */
    public Path data() {
        return folder.path();
    }

    /** @return what clients of Kafka need */
    public KafkaAccess kafka() {
        return backends.kafka();
    }

    /** @return where the database is */
    public DatabaseSettings database() {
        return backends.database().orElseThrow().join();
    }

    /** @return how many rows the statement changed in the database */
    public int sql(String statement) throws SQLException {
        DatabaseSettings settings = database();
        try (Connection connection = DriverManager.getConnection(settings.url(), settings.user(), settings.password());
                Statement run = connection.createStatement()) {
            return run.executeUpdate(statement);
        }
    }

    /** @return a connection of a worker of the development organisation to the first node; the caller closes it */
    public TestClient worker() {
        return client(FIRST, Access.DEV_WORKER_KEY);
    }

    /** @return a connection of a user of the development organisation to the first node; the caller closes it */
    public TestClient user() {
        return client(FIRST, Access.DEV_USER_KEY);
    }

    /** @return a connection with any key, or null for none; the caller closes it */
    public TestClient client(String node, String key) {
        return new TestClient(nodes.get(node).grpcPort(), key);
    }

    /** @return address of the HTTP API of the first node, followed by the path */
    public URI http(String path) {
        return URI.create("http://127.0.0.1:" + nodes.get(FIRST).httpPort() + path);
    }

    /** @return address of the HTTP API of a node, followed by the path */
    public URI http(String node, String path) {
        return URI.create("http://127.0.0.1:" + nodes.get(node).httpPort() + path);
    }

    /** @return folder of the installation, which is gone with it */
    public Path folder() {
        return folder.path();
    }

    private void stopNodes() {
        nodes.values().forEach(MillraceServer::close);
        nodes.clear();
    }

    /** Stops everything and deletes the folder. */
    @Override
    public void close() {
        parts.close();
        backends = null;
    }
}
