package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * The folders of a Kafka of several nodes, each of which is broker and controller and runs in a process of its own. Its
 * own topics have a copy on up to three of them, of which all but one have to stand. Only clients that know the random
 * password of the folder are let in.
 *
 * @param access what clients need to use it
 * @param nodes the file {@code server.properties} of each node, for Kafka's own start. All have the password in them
 */
public record KafkaCluster(KafkaAccess access, List<Path> nodes) {

    /** Copies of a record, where there are so many nodes. */
    private static final int COPIES = 3;

    /** Copies the list. */
    public KafkaCluster {
        nodes = List.copyOf(nodes);
    }

    /**
     * Makes the folders. Each node gets two ports that are free on this machine now.
     *
     * @param folder made if there is none, and closed to other users
     * @param hosts address of each node: what it listens on, and is reached at
     * @throws EmbeddedStartException if a folder cannot be made
     */
    public static KafkaCluster make(Path folder, List<String> hosts) {
        PrivateFolder.prepare(folder);
        String password = Password.of(folder);
        Uuid cluster = Uuid.randomUuid();
        try {
            List<Integer> ports = FreePorts.find(2 * hosts.size());
            int controllers = hosts.size();
            String voters = IntStream.range(0, hosts.size())
                    .mapToObj(node -> id(node) + "@" + hosts.get(node) + ":" + ports.get(controllers + node))
                    .collect(Collectors.joining(","));
            List<Path> files = new ArrayList<>();
            for (int node = 0; node < hosts.size(); node++) {
                Path home = Files.createDirectories(folder.resolve("broker-" + node));
                Path log = home.resolve("log");
                BrokerStorage.prepare(log, id(node), cluster);
                Properties settings = new Properties();
                settings.putAll(BrokerSettings.ofSeveral(
                        id(node),
                        log,
                        hosts.get(node),
                        ports.get(node),
                        ports.get(controllers + node),
                        password,
                        voters,
                        copies(hosts.size()),
                        inSync(hosts.size())));
                files.add(write(home.resolve("server.properties"), settings));
            }
            String servers = IntStream.range(0, hosts.size())
                    .mapToObj(node -> hosts.get(node) + ":" + ports.get(node))
                    .collect(Collectors.joining(","));
            return new KafkaCluster(new KafkaAccess(servers, BrokerSettings.client(password)), files);
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to make the folders of Kafka in " + folder + ", but: " + FailureText.of(e), e);
        }
    }

    /** @return how many copies of a record there are to be in a Kafka of so many nodes */
    public static int copies(int nodes) {
        return Math.min(COPIES, nodes);
    }

    /** @return how many of these have to stand before a record counts as written, so that one node may be away */
    public static int inSync(int nodes) {
        return Math.max(1, copies(nodes) - 1);
    }

    private static int id(int node) {
        return node + 1;
    }

    private static Path write(Path file, Properties settings) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            settings.store(out, null);
        }
        return file;
    }
}
