package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicPlan;
import io.millrace.proto.mac.MacKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A node on a Kafka of which the test makes something that no other has, such as a slow one. It has no database. */
public final class NodeOnKafka {

    private static final Duration READY = Duration.ofMinutes(2);

    private NodeOnKafka() {}

    /**
     * Makes the topics that are missing, starts a node with all roles on free ports, and waits until it is ready.
     *
     * @param parts stops it
     * @param folder of the test; what the node keeps stands below it
     * @param more settings besides, by the keys of docs/configuration.md
     */
    public static MillraceServer start(
            CloseStack parts, Path folder, KafkaAccess kafka, String name, Map<String, String> more)
            throws InterruptedException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "server.node",
                name,
                "grpc.port",
                "0",
                "http.port",
                "0",
                "audit.key_file",
                TestKeys.ofLogs(folder).toString()));
        settings.putAll(more);
        ServerConfig config = DevServer.config(folder.resolve(name), settings, Map.of())
                .withKafka(kafka.bootstrapServers(), kafka.properties())
                .withMacKeys(MacKeys.read(TestKeys.in(folder)));
        try (TopicAdmin admin = new TopicAdmin(kafka.bootstrapServers(), kafka.properties(), TopicPlan.of(config))) {
            admin.createMissing();
        }
        MillraceServer node = parts.push(name, MillraceServer.start(config));
        assertTrue(node.awaitReady(READY));
        return node;
    }
}
