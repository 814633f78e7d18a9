package io.millrace.infra.embedded;

import io.millrace.ingest.config.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The file of settings of a node in a process of its own, whose Kafka is part of this process. */
public final class NodeFile {

    private static final String DEVELOPMENT = """
            [[orgs]]
            id = "%1$s"
            name = "Development"
            slug = "dev"

            [auth.static_api_key]
            keys = [
              { key = "%2$s", org_id = "%1$s", principal_type = "User", principal_id = "dev-admin", role = "ADMIN" },
              { key = "%3$s", org_id = "%1$s", principal_type = "Worker", principal_id = "dev-worker" },
            ]
            """.formatted(Access.DEV_ORG, Access.DEV_USER_KEY, Access.DEV_WORKER_KEY);

    private NodeFile() {}

    /**
     * Writes the file {@code node.toml}. The node has its data beside it, and lets in who shows the keys of development,
     * unless the settings say otherwise.
     *
     * @param folder made if there is none. It should be closed to other users, since the file has Kafka's password
     * @param settings by the keys of docs/configuration.md; they win over those of a node on a single broker
     * @return the file
     * @throws IOException if it cannot be written
     */
    public static Path write(Path folder, KafkaAccess kafka, Map<String, String> settings) throws IOException {
        Map<String, String> all = new TreeMap<>(DevServer.singleNode(folder.resolve("data")));
        all.put("kafka.bootstrap_servers", kafka.bootstrapServers());
        if (!settings.containsKey("server.access_file")) {
            Path access = Files.createDirectories(folder).resolve("access.toml");
            all.put("server.access_file", Files.writeString(access, DEVELOPMENT).toString());
        }
        all.putAll(settings);
        kafka.properties().forEach((key, value) -> all.put("kafka.properties." + quoted(key), value.toString()));
        return Files.writeString(
                Files.createDirectories(folder).resolve("node.toml"),
                all.entrySet().stream()
                        .map(setting -> setting.getKey() + " = " + quoted(setting.getValue()) + "\n")
                        .collect(Collectors.joining()));
    }

    /** The text as a string of TOML. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
