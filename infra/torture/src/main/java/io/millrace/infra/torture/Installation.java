package io.millrace.infra.torture;

import io.millrace.infra.bench.Brokers;
import io.millrace.infra.bench.InstallationTopics;
import io.millrace.infra.bench.MeasuredNode;
import io.millrace.infra.cli.Main;
import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.EmbeddedDatabase;
import io.millrace.infra.embedded.KafkaCluster;
import io.millrace.infra.embedded.NodeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Kafka, PostgreSQL and nodes, each in processes of its own. */
final class Installation implements AutoCloseable {

    static final int PARTITIONS = 8;

    /**
     * Some SDKs fail a workflow by themselves when what it decided was not taken. So reports are waited for longer than Kafka is ever away,
     * with the time that all its brokers take to come back on a slow machine.
     */
    private static final Duration REPORTS = Duration.ofMinutes(10);

    private static final String JDBC = "jdbc:";
    private static final String ORIGIN = "localhost/torture";

    private final Path folder;
    private final Surroundings surroundings;
    private final Brokers brokers;
    private final EmbeddedDatabase database;
    private final String verifierKeys;
    private final List<MeasuredNode> nodes = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private @Nullable Relay relay;

    /**
     * Starts all of it, and returns when all nodes are ready.
     *
     * @param count how many nodes
     * @param brokerCount how many brokers
     * @param surroundings in which nodes and brokers run. The caller closes them
     * @param more settings of each node
     */
    Installation(Path folder, int count, int brokerCount, Surroundings surroundings, Map<String, String> more)
            throws IOException, InterruptedException {
        this.folder = folder;
        this.surroundings = surroundings;
        brokers = Brokers.start(
                folder,
                IntStream.range(0, brokerCount)
                        .mapToObj(surroundings::withinBroker)
                        .toList(),
                IntStream.range(0, brokerCount)
                        .mapToObj(surroundings::brokerAddress)
                        .toList());
        EmbeddedDatabase started = null;
        try {
            started = EmbeddedDatabase.start(folder.resolve("postgres"));
            database = started;
            InstallationTopics.make(
                    brokers.access(), PARTITIONS, KafkaCluster.copies(brokerCount), KafkaCluster.inSync(brokerCount));
            verifierKeys =
                    run("audit", "keygen", logKey().toString(), "--origin", ORIGIN, "--partitions", "" + PARTITIONS);
            String databaseUrl = databaseUrl();
            for (int node = 0; node < count; node++) {
                Path file = NodeFile.write(
                        folder.resolve("node-" + node), brokers.access(), settings(node, databaseUrl, more));
                files.add(file);
                MeasuredNode process = process(node, file);
                nodes.add(process);
                process.start();
            }
            for (MeasuredNode node : nodes) {
                node.awaitReady();
            }
        } catch (Throwable e) {
            stop(started);
            throw e;
        }
    }

    /** PostgreSQL listens on loopback alone, which hosts of their own do not reach. */
    private String databaseUrl() throws IOException {
        String url = database.jdbcUrl();
        Optional<String> here = surroundings.here();
        if (here.isEmpty()) {
            return url;
        }
        URI address = URI.create(url.substring(JDBC.length()));
        Relay made = new Relay(here.get(), new InetSocketAddress(address.getHost(), address.getPort()));
        relay = made;
        return JDBC + "postgresql://" + here.get() + ":" + made.address().getPort() + address.getPath();
    }

    private MeasuredNode process(int node, Path file) throws IOException {
        Path log = folder.resolve("node-" + node + ".log");
        List<String> arguments = List.of("server", "--config", file.toString());
        return new MeasuredNode(log, arguments, surroundings.withinNode(node), surroundings.nodeAddress(node));
    }

    private Map<String, String> settings(int node, String databaseUrl, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.putAll(Map.of(
                "server.node", "node-" + node,
                "topics.partitions", String.valueOf(PARTITIONS),
                "topics.replication_factor", String.valueOf(KafkaCluster.copies(brokers.count())),
                "topics.min_insync_replicas", String.valueOf(KafkaCluster.inSync(brokers.count())),
                "commands.mac.key_file", CommandKeys.in(folder).toString(),
                "audit.key_file", logKey().toString(),
                "audit.origin", ORIGIN,
                "audit.checkpoint_interval", "2s",
                "postgres.user", database.user(),
                "postgres.password", database.password()));
        all.put("postgres.url", databaseUrl);
        all.put("kafka.report_timeout", REPORTS.toSeconds() + "s");
        if (surroundings.here().isPresent()) {
            String host = surroundings.nodeAddress(node);
            all.putAll(Map.of(
                    "grpc.host", host,
                    "http.host", host,
                    "dispatcher.reads_bind", host,
                    // Only hosts of this machine reach it.
                    "tls.allow_plain_text_beyond_loopback", "true"));
        }
        return all;
    }

    private Path logKey() {
        return folder.resolve("log.pem");
    }

    /**
     * A command of ours, as it would be typed, in this process.
     *
     * @return what it printed
     * @throws IllegalStateException it failed
     */
    static String run(String... args) {
        StringWriter out = new StringWriter();
        int code = Main.execute(args, new PrintWriter(out, true), new PrintWriter(out, true));
        if (code != 0) {
            throw new IllegalStateException("expected `millrace " + String.join(" ", args)
                    + "` to end with 0, but it ended with " + code + ":\n" + out);
        }
        return out.toString();
    }

    MeasuredNode node(int number) {
        return nodes.get(number);
    }

    List<MeasuredNode> nodes() {
        return List.copyOf(nodes);
    }

    EmbeddedDatabase database() {
        return database;
    }

    Brokers brokers() {
        return brokers;
    }

    /** @return the configuration of the first node */
    Path configuration() {
        return files.getFirst();
    }

    /** @return what its logs are signed by, a key on a line */
    String verifierKeys() {
        return verifierKeys.lines().filter(line -> line.startsWith(ORIGIN)).collect(Collectors.joining("\n"));
    }

    /** @return process id of the database server */
    long databasePid() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("postgres"), 2)) {
            Path file = all.filter(path -> path.endsWith("postmaster.pid"))
                    .findFirst()
                    .orElseThrow(() ->
                            new IOException("expected PostgreSQL to run, but its file postmaster.pid is not there"));
            return Long.parseLong(Files.readAllLines(file).getFirst().strip());
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop(database);
    }

    private void stop(@Nullable EmbeddedDatabase started) throws InterruptedException {
        try {
            for (MeasuredNode node : nodes) {
                node.close();
            }
        } finally {
            try {
                if (started != null) {
                    started.close();
                }
                Relay there = relay;
                if (there != null) {
                    there.close();
                }
            } finally {
                brokers.close();
            }
        }
    }
}
