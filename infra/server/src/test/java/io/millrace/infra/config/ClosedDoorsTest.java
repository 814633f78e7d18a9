package io.millrace.infra.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.config.ConfigException;
import io.millrace.proto.mac.MacKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosedDoorsTest {

    private static final String ACCESS = """
            [[orgs]]
            id = "550e8400-e29b-41d4-a716-446655440000"
            slug = "acme"
            [auth]
            enabled = %s
            [auth.static_api_key]
            keys = [{ key = "sk", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "Worker", principal_id = "w" }]
            """;

    @TempDir
    Path folder;

    private ServerConfig config(Map<String, String> more) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of(
                "kafka.bootstrap_servers",
                "broker:9092",
                "server.access_file",
                Files.writeString(folder.resolve("access.toml"), ACCESS.formatted("true"))
                        .toString(),
                "commands.mac.key_file",
                Files.writeString(
                                folder.resolve("keys"),
                                "k1 " + Base64.getEncoder().encodeToString(new byte[MacKey.LEAST_BYTES]))
                        .toString()));
        all.putAll(more);
        all.values().removeIf(String::isEmpty);
        return ServerConfig.load(all, Map.of(), Optional.empty());
    }

    private String refused(Map<String, String> more) throws IOException {
        ServerConfig config = config(more);
        return String.valueOf(assertThrows(ConfigException.class, () -> ClosedDoors.expect(config))
                .getMessage());
    }

    @Test
    void onLoopbackKeysAreEnough() throws IOException {
        ServerConfig config = config(Map.of());

        assertDoesNotThrow(() -> ClosedDoors.expect(config));
    }

    @Test
    void withoutAuthenticationThereIsNoServerNotEvenOnLoopback() throws IOException {
        assertTrue(refused(Map.of("server.access_file", "")).contains("server.access_file"));
        Path open = Files.writeString(folder.resolve("open.toml"), ACCESS.formatted("false"));
        assertTrue(refused(Map.of("server.access_file", open.toString())).contains("auth.enabled = false"));
    }

    @ParameterizedTest
    @CsvSource({
        "grpc.host, tls.certificate_file",
        "http.host, tls.certificate_file",
        "dispatcher.reads_bind, tls.nodes.ca_file"
    })
    void beyondLoopbackPlainTextHasToBeAskedForByName(String key, String closes) throws IOException {
        Map<String, String> open = Map.of(key, "0.0.0.0", "dispatcher.reads_host", "node-1");

        String text = refused(open);
        Map<String, String> allowed = new HashMap<>(open);
        allowed.put("tls.allow_plain_text_beyond_loopback", "true");
        ServerConfig config = config(allowed);

        assertTrue(text.contains(key + " = 0.0.0.0") && text.contains("set " + closes), text);
        assertDoesNotThrow(() -> ClosedDoors.expect(config));
    }

    @Test
    void tlsClosesThem() throws IOException {
        ServerConfig config = config(Map.of(
                "grpc.host", "0.0.0.0",
                "http.host", "0.0.0.0",
                "dispatcher.reads_bind", "0.0.0.0",
                "dispatcher.reads_host", "node-1",
                "tls.certificate_file", "node.pem",
                "tls.key_file", "node-key.pem",
                "tls.nodes.ca_file", "ca.pem"));

        assertDoesNotThrow(() -> ClosedDoors.expect(config));
    }

    @Test
    void nodesThatOtherMachinesReachHaveToKnowEachOther() throws IOException {
        Map<String, String> open = new HashMap<>(Map.of(
                "commands.mac.mode", "off",
                "commands.mac.key_file", "",
                "dispatcher.reads_bind", "0.0.0.0",
                "dispatcher.reads_host", "node-1",
                "tls.allow_plain_text_beyond_loopback", "true"));

        assertTrue(refused(open).contains("could read everything"));
    }

    @Test
    void whereOthersReachANodeIsDerivedOrAskedFor() throws IOException {
        Map<String, String> all = Map.of("dispatcher.reads_bind", "0.0.0.0");

        ConfigException missing = assertThrows(ConfigException.class, () -> config(all));
        assertThrows(ConfigException.class, () -> config(Map.of("dispatcher.reads_host", "0.0.0.0")));

        assertTrue(missing.getMessage().contains("expected dispatcher.reads_host"), missing.getMessage());
        assertTrue(config(Map.of("dispatcher.reads_bind", "127.0.0.2"))
                .dispatcher()
                .readsHost()
                .equals("127.0.0.2"));
    }

    @Test
    void filesForTlsComeTogether() {
        for (Map<String, String> half : List.of(
                Map.of("tls.certificate_file", "c"),
                Map.of("tls.key_file", "k"),
                Map.of("tls.client_ca_file", "a"),
                Map.of("tls.client_certificates", "needed"),
                Map.of("tls.nodes.ca_file", "a"),
                Map.of("tls.nodes.certificate_file", "c", "tls.nodes.key_file", "k"))) {
            ConfigException refusal = assertThrows(ConfigException.class, () -> config(half));
            assertTrue(refusal.getMessage().startsWith("expected a file as tls."), refusal.getMessage());
        }
    }
}
