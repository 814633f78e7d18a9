package io.millrace.ingest.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessFileTest {

    private static final String ORG = """
            [[orgs]]
            id = "11111111-1111-4111-8111-111111111111"
            name = "Alpha"
            slug = "alpha"
            tier = "PRO"
            """;
    private static final String KEY = "{ key = \"very-secret\", org_id = \"11111111-1111-4111-8111-111111111111\","
            + " principal_type = \"User\", principal_id = \"ann\", role = \"ADMIN\" }";
    private static final String KEYS = "[auth.static_api_key]\nkeys = [" + KEY + "]\n";

    @Test
    void readsOrganisationsAndKeys() {
        Access access = AccessFile.parse(ORG + "[auth]\nenabled = true\n" + KEYS);

        assertEquals(
                new Organisation(UUID.fromString("11111111-1111-4111-8111-111111111111"), "Alpha", "alpha", "PRO"),
                access.organisations().get(0));
        assertTrue(access.authRequired());
        ApiKey key = access.keys().get(0);
        assertEquals(KeyDigest.of("very-secret"), key.digest());
        assertEquals(Principal.Type.USER, key.principal().getType());
        assertEquals("ann", key.principal().getId());
        assertEquals("ADMIN", key.principal().getRole());
    }

    @Test
    void readsHowMuchOrganisationsAndKeysMayAsk() {
        String limits = """
                [orgs.limits]
                calls_per_second = 500
                calls_burst = 1000
                payload_bytes_per_second = 4096
                open_workflows = 100000
                schedules = 7
                [orgs.limits.each_key]
                calls_per_second = 50
                """;
        String ofKey = KEYS.replace(" }]", ", limits = { payload_bytes_per_second = 10 } }]");

        Access access = AccessFile.parse(ORG + limits + ofKey);

        OrganisationLimits read = access.organisations().get(0).limits();
        assertEquals(
                new OrganisationLimits(new RateLimits(500, 1_000, 4_096), new RateLimits(50, 0, 0), 100_000, 7), read);
        assertEquals(
                "500 calls a second, 1000 at once, 4096 payload bytes a second; of each key 50 calls a second; 100000 open"
                        + " workflows; 7 schedules",
                read.toString());
        assertEquals(Optional.of(new RateLimits(0, 0, 10)), access.keys().get(0).limits());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "calls_per_second = 0",
                "calls_per_second = -1",
                "calls_per_second = 1.5",
                "calls_burst = 5",
                "calls = 5",
                "open_workflows = \"many\"",
                "each_key = { schedules = 5 }"
            })
    void refusesLimitsThatMakeNoSense(String line) {
        ConfigException error = assertThrows(
                ConfigException.class, () -> AccessFile.parse(ORG + "[orgs.limits]\n" + line + "\n" + KEYS));

        assertTrue(error.getMessage().contains("orgs[0].limits"), error.getMessage());
    }

    @Test
    void readsHowAnOrganisationEncrypts() {
        String table = "[orgs.encryption]\nkey_file = \"/keys\"\n";

        assertEquals(
                Optional.of(new PayloadEncryption(Optional.of(Path.of("/keys")), Optional.empty(), true)),
                AccessFile.parse(ORG + table + KEYS).organisations().get(0).encryption());
        assertEquals(
                Optional.of(new PayloadEncryption(Optional.of(Path.of("/keys")), Optional.empty(), false)),
                AccessFile.parse(ORG + table + "payloads = false\n" + KEYS)
                        .organisations()
                        .get(0)
                        .encryption());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "payloads = true",
                "key_file = \"\"",
                "key_file = \"/keys\"\nkeys = \"/keys\"",
                "key_file = \"/keys\"\nkey_store = { type = \"PKCS12\", aliases = [\"w1\"] }",
                "key_store = { type = \"PKCS12\", aliases = [] }",
                "key_store = { aliases = [\"w1\"] }",
                "key_store = { type = \"PKCS12\", aliases = [\"w1\"], pin = \"1\" }"
            })
    void refusesAnEncryptionThatSaysTooLittleOrTooMuch(String lines) {
        ConfigException error = assertThrows(
                ConfigException.class, () -> AccessFile.parse(ORG + "[orgs.encryption]\n" + lines + "\n" + KEYS));

        assertTrue(error.getMessage().contains("orgs[0].encryption"), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"OWNER", "ADMIN", "OPERATOR", "AUDITOR", "MEMBER", "member"})
    void readsTheRolesOfUsers(String role) {
        Access access = AccessFile.parse(ORG + KEYS.replace("ADMIN", role));

        assertEquals(
                role.toUpperCase(Locale.ROOT), access.keys().get(0).principal().getRole());
        assertTrue(access.keys().get(0).scope().isWhole());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ", role = \"WORKER\"", ", role = \"ADMIN\"", ", role = \"OWNER\"", ", role = \"MEMBER\""})
    void takesEveryWorkerForAWorkerAsFilesHaveLongSaidIt(String role) {
        Access access =
                AccessFile.parse(ORG + KEYS.replace("\"User\"", "\"Worker\"").replace(", role = \"ADMIN\"", role));

        assertEquals("WORKER", access.keys().get(0).principal().getRole());
    }

    @Test
    void keepsTheKeyOfAWorkerToQueuesAndKinds() {
        Access access = AccessFile.parse(ORG
                + KEYS.replace("\"User\"", "\"Worker\"")
                        .replace("role = \"ADMIN\"", "queues = [\"a\", \"b\"], kinds = [\"pay\"]"));

        assertEquals(
                new Scope(Set.of("a", "b"), Set.of("pay")), access.keys().get(0).scope());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "User | role = \"WORKER\" | keys[0].role",
                "Worker | role = \"AUDITOR\" | keys[0].role",
                "Worker | queues = [] | keys[0].queues",
                "Worker | kinds = [\"\"] | keys[0].kinds",
                "Worker | kinds = \"pay\" | keys[0].kinds",
                "User | role = \"ADMIN\", queues = [\"a\"] | keys[0].queues",
            })
    void namesWhatIsWrongWithARole(String type, String end, String named) {
        String toml = ORG + KEYS.replace("\"User\"", "\"" + type + "\"").replace("role = \"ADMIN\"", end);

        ConfigException error = assertThrows(ConfigException.class, () -> AccessFile.parse(toml));

        assertTrue(error.getMessage().contains(named), error.getMessage());
    }

    @Test
    void requiresKeysWhereNothingIsSaidOfAuthentication() {
        ConfigException error = assertThrows(ConfigException.class, () -> AccessFile.parse(ORG));

        assertTrue(error.getMessage().contains("auth.static_api_key.keys"), error.getMessage());
    }

    @Test
    void needsNoKeysWhereAuthenticationIsDisabled() {
        Access access = AccessFile.parse(ORG + "[auth]\nenabled = false\n");

        assertFalse(access.authRequired());
        assertTrue(access.keys().isEmpty());
    }

    @Test
    void theDevelopmentServerHasOneOrganisationWithWellKnownKeys() {
        Access access = Access.development();

        assertEquals("dev", access.organisations().get(0).slug());
        assertEquals(
                UUID.fromString("550e8400-e29b-41d4-a716-446655440000"),
                access.organisations().get(0).id());
        assertEquals(KeyDigest.of("flovyn_sk_dev_admin"), access.keys().get(0).digest());
        assertEquals(KeyDigest.of("fwt_dev_worker"), access.keys().get(1).digest());
    }

    @Test
    void readsAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("millrace.toml"), ORG + KEYS);

        Access access = AccessFile.read(file);

        assertEquals("alpha", access.organisations().get(0).slug());
    }

    @Test
    void namesTheFileThatIsMissing(@TempDir Path folder) {
        Path file = folder.resolve("absent.toml");

        ConfigException error = assertThrows(ConfigException.class, () -> AccessFile.read(file));

        assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "slug = \"alpha\" | slugg = \"alpha\" | orgs[0].slug",
                "tier = \"PRO\" | colour = \"red\" | orgs[0].colour",
                "slug = \"alpha\" | slug = \"Al pha\" | orgs[0].slug",
                "11111111-1111-4111-8111-111111111111 | 1111 | orgs[0].id",
                "[auth] | [oath] | oath",
                "enabled = true | enabled = \"yes\" | auth.enabled",
                "enabled = true | enabeld = true | auth.enabeld",
                "principal_type = \"User\" | principal_type = \"Robot\" | keys[0].principal_type",
                "role = \"ADMIN\" | role = \"KING\" | keys[0].role",
                "role = \"ADMIN\" | rolle = \"ADMIN\" | keys[0].rolle",
                "principal_id = \"ann\", | `` | keys[0].principal_id",
                "key = \"very-secret\" | key = \"\" | keys[0].key",
                "org_id = \"1 | org_id = \"2 | keys[0].org_id",
                "name = \"Alpha\" | name = | line 3",
            })
    void namesWhatIsWrong(String right, String wrong, String named) {
        String toml = (ORG + "[auth]\nenabled = true\n" + KEYS).replace(right, wrong == null ? "" : wrong);

        ConfigException error = assertThrows(ConfigException.class, () -> AccessFile.parse(toml));

        assertTrue(error.getMessage().contains("expected"), error.getMessage());
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertFalse(error.getMessage().contains("very-secret"), error.getMessage());
    }

    @Test
    void refusesKeysAndOrganisationsThatRepeat() {
        assertThrows(ConfigException.class, () -> AccessFile.parse(ORG + ORG + KEYS));
        ConfigException error = assertThrows(
                ConfigException.class,
                () -> AccessFile.parse(ORG + "[auth.static_api_key]\nkeys = [" + KEY + ", " + KEY + "]\n"));
        assertTrue(error.getMessage().contains("keys[1].key"), error.getMessage());
        assertFalse(error.getMessage().contains("very-secret"), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "authenticators = ['jwt'] | auth.endpoints.grpc.authenticators",
                "authenticators = ['static_api_key', 'oidc'] | auth.endpoints.grpc.authenticators",
                "authenticators = [] | auth.endpoints.grpc.authenticators",
                "authorizer = 'opa' | auth.endpoints.grpc.authorizer",
                "authorizer = 'none' | auth.endpoints.grpc.authorizer",
            })
    void refusesChecksOfEndpointsThatItWouldNotMake(String line, String named) {
        String toml = ORG + KEYS + "[auth.endpoints.grpc]\n" + line.replace('\'', '"') + "\n";

        ConfigException error = assertThrows(ConfigException.class, () -> AccessFile.parse(toml));

        assertTrue(error.getMessage().contains("expected"), error.getMessage());
        assertTrue(error.getMessage().contains(named), error.getMessage());
    }

    @Test
    void readsTheFileThatTheTestsOfSdksBringAlong() {
        Access access = AccessFile.parse("""
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                name = "Test Organization"
                slug = "test-org"
                tier = "FREE"

                [auth]
                enabled = true

                [auth.static_api_key]
                keys = [
                    { key = "flovyn_sk_test_1", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "api:test", role = "ADMIN" },
                    { key = "flovyn_wk_test_1", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "Worker", principal_id = "worker:test" }
                ]

                [auth.endpoints.http]
                authenticators = ["static_api_key"]
                authorizer = "cedar"

                [auth.endpoints.grpc]
                authenticators = ["static_api_key"]
                authorizer = "cedar"
                """);

        assertEquals("test-org", access.organisations().getFirst().slug());
        assertEquals(
                List.of("api:test", "worker:test"),
                access.keys().stream().map(key -> key.principal().getId()).toList());
    }

    @Test
    void showsNoKey() {
        Access access = AccessFile.parse(ORG + KEYS);

        assertFalse(access.toString().contains("very-secret"), access.toString());
        assertTrue(access.toString().contains("hidden"), access.toString());
    }
}
