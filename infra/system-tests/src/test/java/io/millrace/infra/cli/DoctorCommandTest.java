package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the doctor finds, on a real Kafka and PostgreSQL with a node that runs. */
class DoctorCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestServer server;
    private static Path file;

    private record Told(int code, String text) {

        String line(String of) {
            return text.lines()
                    .filter(line -> line.contains(of))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("expected '" + of + "' in\n" + text));
        }
    }

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(Map.of(), true);
        DatabaseSettings database = server.database();
        Map<String, String> settings = new HashMap<>(Map.of(
                "server.node", "patient",
                "commands.mac.key_file", TestKeys.in(server.folder()).toString(),
                "postgres.url", database.url(),
                "postgres.user", database.user(),
                "postgres.password", database.password()));
        file = NodeFile.write(server.folder().resolve("patient"), server.kafka(), settings);
        close(TestKeys.in(server.folder()));
        close(server.folder().resolve("patient").resolve("access.toml"));
    }

    private static void close(Path secret) throws IOException {
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Told doctor(String... settings) {
        return doctor(List.of(), settings);
    }

    private static Told doctor(List<String> more, String... settings) {
        return run(
                Stream.of("doctor", "--config", file.toString()),
                Stream.concat(more.stream(), Stream.of(settings).flatMap(each -> Stream.of("--set", each)))
                        .toList());
    }

    private static Told run(Stream<String> command, List<String> options) {
        StringWriter out = new StringWriter();
        String[] all = Stream.concat(command, options.stream()).toArray(String[]::new);
        int code = Main.execute(all, new PrintWriter(out, true), new PrintWriter(new StringWriter()));
        return new Told(code, out.toString());
    }

    @Test
    void whatIsHealthyIsSaidToBe() throws IOException {
        Told told = doctor();
        JsonNode findings = JSON.readTree(doctor(List.of("-o", "json")).text());

        assertEquals(0, told.code(), told::text);
        assertFalse(told.text().contains("failure"), told::text);
        assertTrue(told.line("all doors are closed").startsWith("ok       configuration "));
        assertTrue(told.line("all are as configured").startsWith("ok       topics "));
        assertTrue(told.line("lets millrace in").startsWith("ok       PostgreSQL "));
        assertTrue(told.line("node node-1 at 127.0.0.1:").endsWith(" is reached"), told::text);
        assertTrue(told.line("no authorizer").startsWith("warning  rights "));
        assertTrue(told.text().contains("clock         that of node node-1 is within"), told::text);
        assertEquals(told.text().lines().count(), findings.size());
        assertEquals("OK", findings.get(0).get("level").textValue());
    }

    @Test
    void theFolderOfADevelopmentServerThatRunsIsEnoughForAllThatNeedsItsKafkaAndPostgres() throws IOException {
        List<String> here = List.of(
                "--data",
                server.data().toString(),
                "--set",
                "commands.mac.key_file=" + TestKeys.in(server.folder()),
                "--set",
                "audit.key_file=" + TestKeys.ofLogs(server.folder()));
        Path out = server.folder().resolve("trail.jsonl");

        Told doctor = run(Stream.of("doctor"), here);
        Told compared = run(Stream.of("audit", "compare"), here);
        Told exported = run(Stream.of("audit", "export", "--out", out.toString()), here);
        Path more = server.folder().resolve("without-keys.jsonl");
        Told withoutKeys = run(
                Stream.of("audit", "export", "--out", more.toString()),
                List.of("--data", server.data().toString()));
        int gone = Await.found(
                "entries of the trail", () -> Optional.of(trailDeleted()).filter(count -> count > 0));
        Told changed = run(Stream.of("audit", "compare"), here);
        Told rebuilt = run(Stream.of("rebuild-read-model", "--reason", "tried out"), here);

        assertEquals(1, changed.code(), changed::text);
        assertEquals(
                gone,
                changed.text()
                        .lines()
                        .filter(line -> line.startsWith("audit_trail (")
                                && line.endsWith(": the log has it, the database has not"))
                        .count(),
                changed::text);
        assertEquals(0, doctor.code(), doctor::text);
        assertTrue(doctor.line("lets millrace in").startsWith("ok       PostgreSQL "));
        assertFalse(doctor.text().contains("warning  rights"), doctor::text);
        assertEquals(0, compared.code(), compared::text);
        assertEquals("the read model says what the log says\n", compared.text());
        assertEquals(0, exported.code(), exported::text);
        assertFalse(Files.readString(out).isEmpty());
        assertTrue(exported.text().contains("seals of outcomes were looked at"), exported::text);
        assertEquals(0, withoutKeys.code(), withoutKeys::text);
        assertTrue(withoutKeys.line("seals were not looked at").contains("commands.mac.key_file"), withoutKeys::text);
        assertEquals(0, rebuilt.code(), rebuilt::text);
        assertTrue(rebuilt.text().contains("rebuilt the read model"), rebuilt::text);
    }

    private static int trailDeleted() {
        try {
            return server.sql("DELETE FROM audit_trail");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eachFaultIsAFindingWithWhatToDo() throws IOException {
        TestAuthority authority = new TestAuthority(server.folder(), "doctor-ca");
        Instant now = Instant.now();
        Issued soon = authority.issue(
                "soon", "CN=soon", now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(3)), "127.0.0.1");
        Issued over = authority.issue(
                "over", "CN=over", now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)), "127.0.0.1");
        Path open = Files.writeString(server.folder().resolve("open-keys"), TestKeys.line("other", 7));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));

        Path access = Files.writeString(server.folder().resolve("tokens.toml"), """
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                slug = "dev"
                [auth.openid]
                issuer = "http://127.0.0.1:1"
                audience = "millrace"
                org_id = "550e8400-e29b-41d4-a716-446655440000"
                roles = [{ value = "staff", role = "MEMBER" }]
                """);

        Told told = doctor(
                "server.access_file=" + access,
                "tls.certificate_file=" + soon.certificate(),
                "tls.key_file=" + soon.key(),
                "tls.nodes.ca_file=" + authority.file(),
                "tls.nodes.certificate_file=" + over.certificate(),
                "tls.nodes.key_file=" + over.key(),
                "commands.mac.key_file=" + open,
                "postgres.password=wrong",
                "topics.short_retention=11m");

        assertEquals(1, told.code(), told::text);
        assertTrue(told.line("of gRPC and HTTP").contains("warning  certificate"), told::text);
        assertTrue(
                told.line("the keys of http://127.0.0.1:1 cannot be fetched").startsWith("failure  issuer"),
                told::text);
        assertTrue(told.line("CN=over expired").startsWith("failure  certificate"), told::text);
        assertTrue(told.line("open-keys").endsWith("to do: chmod o= " + open), told::text);
        assertTrue(told.line("does not let millrace in").startsWith("failure  PostgreSQL"), told::text);
        assertTrue(told.line("expected retention.ms=660000").contains("`millrace topics`"), told::text);
    }

    @Test
    void aNodeThatKnowsOtherKeysIsNotReached() throws IOException {
        Path other = Files.writeString(server.folder().resolve("other-keys"), TestKeys.line("other", 7));

        Told told = doctor("commands.mac.key_file=" + other);

        assertTrue(told.line("node node-1 at").contains("does not know the key in commands.mac.key_file"), told::text);
    }

    @Test
    void aConfigurationThatCannotBeUsedIsTheOnlyFinding() {
        Told told = doctor("grpc.port=many");

        assertEquals(1, told.code());
        assertEquals(1, told.text().lines().count(), told::text);
        assertTrue(told.text().startsWith("failure  configuration expected a port"), told::text);
    }

    @Test
    void aKafkaThatRefusesIsAFindingAndNoEnd() {
        Told told = doctor(
                "kafka.properties.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
                        + " username='millrace' password='wrong';");

        assertTrue(told.line("as [kafka.properties] says").startsWith("failure  Kafka"), told::text);
        assertTrue(told.line("lets millrace in").startsWith("ok       PostgreSQL"), told::text);
    }
}
