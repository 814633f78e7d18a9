package io.millrace.infra.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.config.ConfigException;
import io.millrace.proto.mac.MacMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {

    @TempDir
    Path folder;

    @Test
    void whatNobodySaysHasItsFallback() throws IOException {
        ServerConfig config = load("[kafka]\nbootstrap_servers = \"broker:9092\"\n");

        assertEquals(Set.of(NodeRole.values()), config.roles());
        assertEquals(9090, config.grpc().port());
        assertEquals(8000, config.http().port());
        assertEquals("127.0.0.1", config.grpc().host());
        assertEquals(Duration.ofSeconds(120), config.leases().workflow());
        assertTrue(config.database().isEmpty());
        assertFalse(config.node().isBlank());
    }

    @Test
    void kafkasPropertiesMayStandInAFileThatIsASecret() throws IOException {
        Path secret = folder.resolve("client.properties");
        Files.writeString(secret, """
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=org.example.Login required \\
                    password="hush";
                client.rack=there
                """);
        String settings = "[kafka]\nbootstrap_servers = \"a:1\"\nproperties.\"client.rack\" = \"here\"\n";

        ServerConfig config = ServerConfig.load(
                Map.of(), Map.of("MILLRACE_KAFKA_PROPERTIES_FILE", secret.toString()), Optional.of(file(settings)));

        assertEquals(
                Map.of(
                        "sasl.mechanism",
                        "SCRAM-SHA-512",
                        "sasl.jaas.config",
                        "org.example.Login required password=\"hush\";",
                        "client.rack",
                        "here"),
                config.kafka().properties());
        assertFalse(config.stated().values().toString().contains("hush"));
    }

    @Test
    void anUnknownFormOfTheLogIsRefusedAndNotTakenForNoLog() throws IOException {
        Path file = file("[kafka]\nbootstrap_servers = \"a:1\"\n");
        assertEquals(
                "expected one of text, json as the variable MILLRACE_LOG_FORMAT, but found xml",
                assertThrows(
                                ConfigException.class,
                                () -> ServerConfig.load(
                                        Map.of(), Map.of("MILLRACE_LOG_FORMAT", "xml"), Optional.of(file)))
                        .getMessage());
    }

    @Test
    void anUnknownLevelOfTheLogIsRefusedAndNotTakenForDebug() throws IOException {
        Path file = file("[kafka]\nbootstrap_servers = \"a:1\"\n");
        assertEquals(
                "expected one of TRACE, DEBUG, INFO, WARN, ERROR as the variable MILLRACE_LOG, but found LOUD",
                assertThrows(
                                ConfigException.class,
                                () -> ServerConfig.load(Map.of(), Map.of("MILLRACE_LOG", "LOUD"), Optional.of(file)))
                        .getMessage());
    }

    @Test
    void aFileOfPropertiesThatIsNoneIsRefused() throws IOException {
        String kafka = "[kafka]\nbootstrap_servers = \"a:1\"\nproperties_file = \"";

        assertTrue(
                refusal(kafka + "nowhere\"").contains("expected kafka.properties_file to name a file of properties"));
        Path bad = folder.resolve("bad.properties");
        Files.writeString(bad, "a=\\u12\n");
        assertTrue(refusal(kafka + bad + "\"").contains("expected kafka.properties_file to name a file of properties"));
        Path servers = folder.resolve("servers.properties");
        Files.writeString(servers, "bootstrap.servers=b:1\n");
        assertTrue(refusal(kafka + servers + "\"").contains("expected kafka.bootstrap_servers to name the brokers"));
    }

    @Test
    void theFileIsReadIntoTypes() throws IOException {
        ServerConfig config = load("""
                [server]
                roles = ["ingest", "notifier"]
                node = "n1"
                [kafka]
                bootstrap_servers = "a:1,b:2"
                [kafka.properties]
                "security.protocol" = "SSL"
                ssl.truststore.location = "/etc/trust"
                [leases]
                workflow = "90s"
                [postgres]
                url = "jdbc:postgresql://db/millrace"
                password = "secret"
                """);

        assertEquals(Set.of(NodeRole.INGEST, NodeRole.NOTIFIER), config.roles());
        assertEquals("n1", config.node());
        assertEquals(
                Map.of("security.protocol", "SSL", "ssl.truststore.location", "/etc/trust"),
                config.kafka().properties());
        assertEquals(Duration.ofSeconds(90), config.leases().workflow());
        assertEquals("secret", config.database().orElseThrow().password());
        assertFalse(config.toString().contains("secret"), "the password shows in " + config);
    }

    @Test
    void oneConnectionMayHaveHalfOfTheHistoriesThatItsOrganisationMay() throws IOException {
        String limits = "[kafka]\nbootstrap_servers = \"broker:9092\"\n[limits]\nhistories = ";

        assertEquals(1, load(limits + "2\n").limits().load().historiesOfAConnection());
        assertEquals(8, load(limits + "32\n").limits().load().historiesOfAConnection());
        assertEquals(32, load(limits + "1000\n").limits().load().historiesOfAConnection());
    }

    @Test
    void theCommandLineGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Path file = file("[kafka]\nbootstrap_servers = \"file:1\"\n[grpc]\nport = 1\n[http]\nport = 1\n");

        ServerConfig config = ServerConfig.load(
                Map.of("grpc.port", "3"),
                Map.of("GRPC_SERVER_PORT", "2", "SERVER_PORT", "2", "MILLRACE_KAFKA_BOOTSTRAP_SERVERS", ""),
                Optional.of(file));

        assertEquals(3, config.grpc().port());
        assertEquals(2, config.http().port());
        assertEquals("file:1", config.kafka().bootstrapServers());
    }

    @Test
    void anUnknownKeyIsAnErrorThatNamesTheNearestKey() {
        String text = refusal("[kafka]\nbootstrap_server = \"broker:9092\"\n");

        assertTrue(text.contains("kafka.bootstrap_server (nearest: kafka.bootstrap_servers)"), text);
    }

    @Test
    void aValueOfAnotherFormIsAnErrorThatSaysWhatWasExpected() {
        String port = refusal("[grpc]\nport = 70000\n");
        String lease = refusal("[leases]\nworkflow = \"soon\"\n");
        String role = refusal("[server]\nroles = [\"ingest\", \"cook\"]\n");

        assertTrue(port.contains("a port") && port.contains("grpc.port") && port.contains("70000"), port);
        assertTrue(lease.contains("a duration such as") && lease.contains("leases.workflow"), lease);
        assertTrue(role.contains("ingest, dispatcher and notifier") && role.contains("cook"), role);
    }

    /** Else the start of a child that is sent twice in a row would fail it, as one that may have ended long ago. */
    @Test
    void endedWorkflowsStayForAMinuteAtTheLeast() {
        String text = refusal("[limits]\nclosed_retention = \"59999ms\"\n");

        assertTrue(text.contains("a duration of at least 1m"), text);
        assertTrue(text.contains("limits.closed_retention") && text.contains("59999ms"), text);
    }

    @Test
    void aMissingKeyIsAnErrorThatNamesTheVariableToo() {
        String text = refusal("");

        assertTrue(text.contains("kafka.bootstrap_servers"), text);
        assertTrue(text.contains("MILLRACE_KAFKA_BOOTSTRAP_SERVERS"), text);
    }

    @Test
    void brokenTomlIsAnErrorThatNamesTheLineAndKeepsItsContentToItself() {
        String text = refusal("[postgres]\npassword = \"hush\n");

        assertTrue(text.contains("line 2"), text);
        assertFalse(text.contains("hush"), text);
    }

    @Test
    void theOnlyNodeHasAllRoles() throws IOException {
        String kafka = "[kafka]\nbootstrap_servers = \"a:1\"\n[server]\nonly_node = ";

        assertTrue(load(kafka + "true").onlyNode());
        assertFalse(load(kafka + "false").onlyNode());
        assertEquals(
                "expected all roles in server.roles, because server.only_node says that there is no other node, but there are only"
                        + " dispatcher, ingest",
                refusal(kafka + "true\nroles = [\"ingest\", \"dispatcher\"]"));
        assertTrue(refusal(kafka + "\"perhaps\"").contains("true or false"));
    }

    @Test
    void moreCopiesThanReplicasAreAnError() {
        String text = refusal("""
                [kafka]
                bootstrap_servers = "b:1"
                [topics]
                replication_factor = 1
                """);

        assertTrue(text.contains("topics.min_insync_replicas"), text);
    }

    @Test
    void aHistoryThatNoWorkerCouldReadIsAnError() {
        String text = refusal("[kafka]\nbootstrap_servers = \"b:1\"\n[limits]\nhistory_bytes = 4_000_001\n");

        assertTrue(text.contains("limits.history_bytes") && text.contains("1 to 4000000"), text);
    }

    @Test
    void aPayloadThatFitsIntoNoHistoryIsAnError() throws IOException {
        String limits = "[kafka]\nbootstrap_servers = \"b:1\"\n[limits]\nhistory_bytes = 1000\npayload_bytes = ";

        String text = refusal(limits + "1000\n");

        assertTrue(text.contains("limits.payload_bytes") && text.contains("limits.history_bytes, 1000"), text);
        assertEquals(999, load(limits + "999\n").limits().payloadBytes());
    }

    @Test
    void aServerNeedsKeysForTheMacsOfCommandsUnlessTheyAreSwitchedOff() throws IOException {
        Path keys = Files.writeString(folder.resolve("keys"), "k1 " + "A".repeat(43) + "=\n");
        String kafka = "[kafka]\nbootstrap_servers = \"a:1\"\n[commands.mac]\n";

        String message = assertThrows(
                        ConfigException.class, () -> load(kafka).macs().expectKeys())
                .getMessage();
        assertTrue(message.contains("commands.mac.key_file") && message.contains("openssl rand"), message);
        assertEquals(MacMode.OFF, load(kafka + "mode = \"off\"").macs().macs().mode());
        ServerConfig config = load(kafka + "key_file = \"" + keys + "\"");
        assertEquals(MacMode.REQUIRE, config.macs().macs().mode());
        assertFalse(config.toString().contains("AAAA"), "the key shows in " + config);
        assertTrue(refusal(kafka + "key_file = \"none\"").contains("expected a file of keys at none"));
    }

    @Test
    void theDevelopmentKeysAreForLoopbackOnly() throws IOException {
        String open = "[kafka]\nbootstrap_servers = \"b:1\"\n[grpc]\nhost = \"0.0.0.0\"\n";
        Path keys = file("""
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                slug = "acme"
                [auth.static_api_key]
                keys = [{ key = "k", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "Worker", \
                principal_id = "w" }]
                """);

        String text = refusal(open);
        ServerConfig withKeys =
                ServerConfig.load(Map.of(), Map.of("CONFIG_FILE", keys.toString()), Optional.of(file(open)));

        assertTrue(text.contains("CONFIG_FILE") && text.contains("loopback"), text);
        assertEquals("acme", withKeys.access().organisations().getFirst().slug());
    }

    @Test
    void whereNoKeyIsRequiredTheServerListensOnLoopbackOnly() throws IOException {
        String access = file("""
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                slug = "acme"
                [auth]
                enabled = false
                """).toString();
        String kafka = "[kafka]\nbootstrap_servers = \"b:1\"\n";
        Path open = file(kafka + "[http]\nhost = \"0.0.0.0\"\n");

        String text = assertThrows(
                        ConfigException.class,
                        () -> ServerConfig.load(Map.of(), Map.of("CONFIG_FILE", access), Optional.of(open)))
                .getMessage();
        ServerConfig onLoopback = ServerConfig.load(Map.of(), Map.of("CONFIG_FILE", access), Optional.of(file(kafka)));

        assertTrue(text.contains("auth.enabled = false") && text.contains("loopback"), text);
        assertFalse(onLoopback.access().authRequired());
    }

    private String refusal(String toml) {
        return assertThrows(ConfigException.class, () -> load(toml)).getMessage();
    }

    private ServerConfig load(String toml) throws IOException {
        return ServerConfig.load(Map.of(), Map.of(), Optional.of(file(toml)));
    }

    private Path file(String toml) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "config", ".toml"), toml);
    }
}
