package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import kafka.server.KafkaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Kafka itself makes of the files of several nodes. */
class KafkaClusterTest {

    private static final int NODES = 3;

    @TempDir
    private Path folder;

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        return properties;
    }

    private static KafkaConfig config(Path file) throws IOException {
        Map<String, String> settings = new HashMap<>();
        read(file).forEach((key, value) -> settings.put(key.toString(), value.toString()));
        return KafkaConfig.apply(settings, false);
    }

    @Test
    void allNodesAreOfOneKafkaThatOneOfThemMayLeave() throws Exception {
        KafkaCluster cluster = KafkaCluster.make(folder.resolve("kafka"), Collections.nCopies(NODES, "127.0.0.1"));

        Set<Integer> ids = new HashSet<>();
        Set<List<String>> voters = new HashSet<>();
        Set<String> kafkas = new HashSet<>();
        Set<String> addresses = new HashSet<>();
        for (Path node : cluster.nodes()) {
            KafkaConfig config = config(node);
            ids.add(config.getInt("node.id"));
            voters.add(config.quorumConfig().voters());
            addresses.addAll(List.of(read(node).getProperty("listeners").split(",")));
            Path formatted = Path.of(read(node).getProperty("log.dirs")).resolve("meta.properties");
            kafkas.add(read(formatted).getProperty("cluster.id"));
            assertEquals(
                    3,
                    config.getShort("transaction.state.log.replication.factor").intValue());
            assertEquals(2, config.getInt("transaction.state.log.min.isr"));
        }
        assertEquals(NODES, ids.size());
        assertEquals(1, voters.size());
        assertEquals(NODES, voters.iterator().next().size());
        assertEquals(1, kafkas.size());
        assertEquals(2 * NODES, addresses.size());
        for (String server : cluster.access().bootstrapServers().split(",")) {
            assertTrue(addresses.contains("CLIENTS://" + server), () -> server + " of " + addresses);
        }
    }

    @Test
    void thereAreThreeCopiesAndAllButOneHaveToStand() {
        assertEquals(List.of(1, 1), List.of(KafkaCluster.copies(1), KafkaCluster.inSync(1)));
        assertEquals(List.of(3, 2), List.of(KafkaCluster.copies(3), KafkaCluster.inSync(3)));
        assertEquals(List.of(3, 2), List.of(KafkaCluster.copies(5), KafkaCluster.inSync(5)));
    }
}
