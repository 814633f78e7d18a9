package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EmbeddedDatabaseTest {

    @TempDir
    private Path folder;

    @Test
    void keepsItsDataOverARestart() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            execute(database.jdbcUrl(), "CREATE TABLE letters (letter TEXT)");
            execute(database.jdbcUrl(), "INSERT INTO letters VALUES ('a')");
        }

        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            assertEquals("a", query(database, "SELECT letter FROM letters"));
        }
    }

    @Test
    void flushesCommitsToDisk() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            assertEquals("on", query(database, "SHOW fsync"));
            assertEquals("on", query(database, "SHOW synchronous_commit"));
        }
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            assertEquals("127.0.0.1", query(database, "SHOW listen_addresses"));
        }
    }

    @Test
    void stopsTheServerThatAKilledProcessLeftBehind() throws Exception {
        // given a process that was killed while its database ran
        Process process = new ChildProcess(DatabaseChild.class, folder.toString()).start();
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            String address = said.readLine();
            execute(address, "CREATE TABLE letters (letter TEXT)");
            execute(address, "INSERT INTO letters VALUES ('a')");
        } finally {
            process.destroyForcibly().waitFor();
        }
        ProcessHandle orphan = OrphanedPostgres.find(folder.resolve("data")).orElseThrow();

        // when another starts on its folder
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            // then the old server is gone, and its data is here
            assertFalse(OrphanedPostgres.find(folder.resolve("data")).filter(orphan::equals).isPresent());
            assertEquals("a", query(database, "SELECT letter FROM letters"));
        }
    }

    @Test
    void leavesAlonePidsThatArePostgresNoMore() throws Exception {
        // given the pid file of a server that died, whose pid another process has by now
        Path data = Files.createDirectories(folder.resolve("data"));
        long now = System.currentTimeMillis() / 1000;
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(data.resolve("postmaster.pid"), other.pid() + "\n" + data + "\n" + now + "\n");

            OrphanedPostgres.stop(data);

            assertTrue(other.isAlive());
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void leavesAloneTheServerOfAnotherFolder() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("ours"))) {
            Path theirs = folder.resolve("ours").resolve("data");
            Path copied = Files.createDirectories(folder.resolve("copy"));
            Files.copy(theirs.resolve("postmaster.pid"), copied.resolve("postmaster.pid"));

            OrphanedPostgres.stop(copied);

            assertEquals("1", query(database, "SELECT 1"));
        }
    }

    @Test
    void refusesAPortThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EmbeddedStartException refusal = assertThrows(
                    EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder, taken.getLocalPort()));

            assertTrue(
                    refusal.getMessage().startsWith("expected port " + taken.getLocalPort() + " of 127.0.0.1 to be free"),
                    refusal::getMessage);
        }
    }

    @Test
    void refusesAFolderThatIsInUse() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            EmbeddedStartException refusal =
                    assertThrows(EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder));

            assertTrue(refusal.getMessage().contains("to be free, but a running Millrace uses it"), refusal::getMessage);
            assertEquals("1", query(database, "SELECT 1"));
        }
    }

    @Test
    void saysWhereToLookWhenTheServerDoesNotStart() throws Exception {
        EmbeddedDatabase.start(folder).close();
        Files.writeString(folder.resolve("data").resolve("postgresql.conf"), "no_such_setting = 1\n");

        EmbeddedStartException refusal = assertThrows(
                EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder, 0, Duration.ofSeconds(1)));

        assertTrue(refusal.getMessage().contains("what it said is in " + folder), refusal::getMessage);
        assertTrue(Files.readString(folder.resolve("postgres.log")).contains("no_such_setting"));
    }

    private static void execute(String address, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(address, "postgres", null);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), null);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
