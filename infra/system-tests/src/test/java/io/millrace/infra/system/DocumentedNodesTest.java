package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.cli.Main;
import io.millrace.infra.config.ClosedDoors;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.DatabaseCheck;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerTls;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The example of docs/configuration.md is two nodes that work, and nodes that cannot work say why. */
class DocumentedNodesTest {

    private static final Duration READY = Duration.ofSeconds(300);

    private static TestServer server;
    private static Path folder;
    private static TestAuthority authority;

    @BeforeAll
    static void start() {
        server = TestServer.withoutNodes(Map.of(), true);
        folder = server.folder();
        authority = new TestAuthority(folder, "documented-ca");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** The example with the addresses and files of this machine. */
    private static Path example() throws IOException {
        String page = Files.readString(Path.of("..", "..", "docs", "configuration.md"));
        String text = page.substring(page.indexOf("```toml") + 8);
        text = text.substring(0, text.indexOf("```"));
        assertTrue(page.contains("MILLRACE_SERVER_NODE=millrace-2 MILLRACE_DISPATCHER_READS_HOST=millrace-2.internal"));
        Issued node = authority.issue("documented", "CN=node", "127.0.0.1", "localhost");
        DatabaseSettings database = server.database();
        Map<String, Object> kafka = server.kafka().properties();
        for (Map.Entry<String, String> replaced : Map.of(
                        "\"/etc/millrace/node.pem\"", quoted(node.certificate()),
                        "\"/etc/millrace/node-key.pem\"", quoted(node.key()),
                        "\"/etc/millrace/nodes-ca.pem\"", quoted(authority.file()),
                        "\"/etc/millrace/command-keys\"", quoted(TestKeys.in(folder)),
                        "\"/etc/millrace/access.toml\"", quoted(access()),
                        "\"0.0.0.0\"", "\"127.0.0.1\"",
                        "\"millrace-1.internal\"", "\"127.0.0.1\"",
                        "\"kafka-1:9092,kafka-2:9092\"", quoted(server.kafka().bootstrapServers()))
                .entrySet()) {
            assertTrue(text.contains(replaced.getKey()), replaced::getKey);
            text = text.replace(replaced.getKey(), replaced.getValue());
        }
        text = text.replaceAll("\"jdbc:postgresql:[^\"]*\"", quoted(database.url()));
        for (String property : List.of("security.protocol", "sasl.mechanism", "sasl.jaas.config")) {
            String value =
                    String.valueOf(kafka.get(property)).replace("\\", "\\\\").replace("\"", "\\\"");
            text = text.replaceAll(
                    "(?m)^\"" + property.replace(".", "\\.") + "\" = .*$",
                    Matcher.quoteReplacement("\"" + property + "\" = \"" + value + "\""));
        }
        return Files.writeString(folder.resolve("documented.toml"), text);
    }

    private static String quoted(Object value) {
        return "\"" + value + "\"";
    }

    private static Path access() throws IOException {
        return Files.writeString(folder.resolve("documented-access.toml"), """
                [[orgs]]
                id = "%1$s"
                slug = "acme"

                [auth.static_api_key]
                keys = [{ key = "sk-w", org_id = "%1$s", principal_type = "Worker", principal_id = "w" }]
                """.formatted(Access.DEV_ORG));
    }

    /** On one machine, two nodes need ports and folders of their own, and a single broker has no copies. */
    private static ServerConfig config(Path file, String name, Map<String, String> variables) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("MILLRACE_POSTGRES_USER", server.database().user());
        environment.put("MILLRACE_POSTGRES_PASSWORD", server.database().password());
        ServerConfig config = ServerConfig.load(
                Map.of(
                        "server.data", folder.resolve(name).toString(),
                        "grpc.port", "0",
                        "http.port", "0",
                        "dispatcher.reads_port", "0",
                        "topics.partitions", "4",
                        "topics.replication_factor", "1",
                        "topics.min_insync_replicas", "1"),
                environment,
                Optional.of(file));
        ClosedDoors.expect(config);
        DatabaseCheck.check(config.database().orElseThrow());
        return config;
    }

    @Test
    void theExampleIsTwoNodesThatWork() throws Exception {
        Path file = example();
        try (CloseStack nodes = new CloseStack()) {
            MillraceServer first = nodes.push("first", MillraceServer.start(config(file, "d1", Map.of())));
            assertTrue(first.awaitReady(READY), () -> String.valueOf(first.notReady()));
            MillraceServer second = nodes.push(
                    "second",
                    MillraceServer.start(config(
                            file,
                            "d2",
                            Map.of(
                                    "MILLRACE_SERVER_NODE",
                                    "millrace-2",
                                    "MILLRACE_DISPATCHER_READS_HOST",
                                    "localhost"))));
            assertTrue(second.awaitReady(READY), () -> String.valueOf(second.notReady()));
            try (WorkerClient one = client(first);
                    WorkerClient other = client(second)) {
                for (int i = 0; i < 12; i++) {
                    String id = one.workflows()
                            .startWorkflow(StartWorkflowRequest.newBuilder()
                                    .setOrgId(Access.DEV_ORG.toString())
                                    .setWorkflowKind("echo")
                                    .setQueue("documented")
                                    .build())
                            .getWorkflowExecutionId();
                    for (WorkerClient each : List.of(one, other)) {
                        assertEquals(
                                1,
                                each.workflows()
                                        .getEvents(GetEventsRequest.newBuilder()
                                                .setWorkflowExecutionId(id)
                                                .build())
                                        .getEventsCount());
                    }
                }
            }
        }
    }

    private static WorkerClient client(MillraceServer node) {
        return new WorkerClient(
                "127.0.0.1", node.grpcPort(), "sk-w", WorkerTls.usual().trusting(authority.file()));
    }

    @Test
    void aNodeThatOthersDoNotReachTakesNothingOverAndSaysWhy() {
        Map<String, String> options = new HashMap<>(options("lost"));
        options.put("dispatcher.reads_host", "millrace-nowhere.invalid");
        try (MillraceServer lost =
                MillraceServer.start(ServerConfig.load(options, Map.of(), Optional.of(nodeFile("lost"))))) {
            Await.until(
                    "the node to say why it is not ready",
                    () -> lost.notReady()
                            .filter(why -> why.contains("expected to reach this node at millrace-nowhere.invalid:"))
                            .isPresent());
        }
    }

    private static Map<String, String> options(String name) {
        return Map.of("server.node", name, "grpc.port", "0", "http.port", "0");
    }

    private static Path nodeFile(String name) {
        try {
            return NodeFile.write(
                    folder.resolve(name),
                    server.kafka(),
                    Map.of("commands.mac.key_file", TestKeys.in(folder).toString()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void passwordsThatAreWrongEndTheStart() {
        DatabaseSettings database = server.database();
        String[] good = {
            "server",
            "--config",
            nodeFile("refused").toString(),
            "--set",
            "postgres.url=" + database.url(),
            "--set",
            "postgres.user=" + database.user()
        };

        String postgres = failing(good, "postgres.password=wrong-password");
        String kafka = failing(
                good,
                "postgres.password=" + database.password(),
                "kafka.properties.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
                        + " username='millrace' password='wrong-password';");

        assertTrue(postgres.contains("expected PostgreSQL at") && postgres.contains("to let the user"), postgres);
        assertTrue(kafka.contains("to let this node in, as [kafka.properties] says"), kafka);
        assertFalse((postgres + kafka).contains("wrong-password"));
    }

    @Test
    void filesForTlsThatCannotBeUsedEndTheStart() {
        Path none = folder.resolve("none.pem");
        String said = failing(
                new String[] {"server", "--config", nodeFile("keyless").toString()},
                "server.node=keyless",
                "grpc.port=0",
                "http.port=0",
                "tls.certificate_file=" + none,
                "tls.key_file=" + none);

        assertEquals("millrace: expected a file at " + none + " (tls.certificate_file), but there is none\n", said);
    }

    @Test
    void noPasswordInAnAddressIsTold() {
        String said = failing(
                new String[] {"server", "--config", nodeFile("told").toString()},
                "postgres.url=" + server.database().url() + "?password=told-by-nobody",
                "postgres.user=stranger");

        assertTrue(said.contains("to let the user stranger in"), said);
        assertFalse(said.contains("told-by-nobody"), said);
    }

    private static String failing(String[] command, String... settings) {
        StringWriter err = new StringWriter();
        String[] all = Stream.concat(Stream.of(command), Stream.of(settings).flatMap(each -> Stream.of("--set", each)))
                .toArray(String[]::new);
        assertEquals(1, Main.execute(all, new PrintWriter(new StringWriter()), new PrintWriter(err, true)));
        return err.toString();
    }
}
