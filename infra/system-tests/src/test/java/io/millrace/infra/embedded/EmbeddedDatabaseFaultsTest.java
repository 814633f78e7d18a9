package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a database whose processes die, whose start fails, and whose folder is not as it was left. */
class EmbeddedDatabaseFaultsTest {

    @TempDir
    private Path folder;

    @Test
    void startsAServerAgainThatDied() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            Sql.execute(database, "CREATE TABLE letters AS SELECT 'a' AS letter");
            ProcessHandle server = OrphanedPostgres.find(folder.resolve("data")).orElseThrow();

            assertTrue(server.destroyForcibly());

            Await.until("another server to answer at the same address", () -> {
                try {
                    return OrphanedPostgres.find(folder.resolve("data"))
                                    .filter(other -> !other.equals(server))
                                    .isPresent()
                            && Sql.query(database, "SELECT letter FROM letters").equals("a");
                } catch (SQLException e) {
                    return false;
                }
            });
        }
    }

    @Test
    void leavesNothingOfAStartThatFailsAtTheDatabase() throws Exception {
        EmbeddedDatabase.start(folder).close();
        Files.writeString(folder.resolve(Password.FILE), "another");

        assertThrows(EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder));

        assertEquals(0, lifeLines());
        FolderLock.take(folder).close();
    }

    @Test
    void takesBackAStartThatIsInterrupted() throws Exception {
        EmbeddedDatabase.start(folder).close();
        recoverForHours();
        CompletableFuture<EmbeddedDatabase> started = new CompletableFuture<>();
        Thread starting = Thread.ofPlatform().start(() -> {
            try {
                started.complete(EmbeddedDatabase.start(folder));
            } catch (Throwable e) {
                started.completeExceptionally(e);
            }
        });
        Await.until("recovery to begin", this::recovers);

        starting.interrupt();

        ExecutionException failure = assertThrows(ExecutionException.class, started::get);
        assertInstanceOf(EmbeddedStartException.class, failure.getCause());
        assertTrue(OrphanedPostgres.find(folder.resolve("data")).isEmpty());
        FolderLock.take(folder).close();
    }

    @Test
    void closesWhileItsServerIsStartedAgain() throws Exception {
        EmbeddedDatabase database = EmbeddedDatabase.start(folder);
        try (database) {
            assertEquals(1, lifeLines());
            recoverForHours();
            assertTrue(
                    OrphanedPostgres.find(folder.resolve("data")).orElseThrow().destroyForcibly());
            Await.until("recovery to begin", this::recovers);
        }

        assertTrue(OrphanedPostgres.find(folder.resolve("data")).isEmpty());
        assertEquals(0, lifeLines());
        FolderLock.take(folder).close();
    }

    private void recoverForHours() throws IOException {
        Path data = folder.resolve("data");
        Files.createFile(data.resolve("recovery.signal"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "restore_command = 'touch " + folder.resolve("recovers") + "; sleep 7200'\n");
    }

    private boolean recovers() {
        return Files.exists(folder.resolve("recovers"));
    }

    /** Of the folder: other tests of this JVM have databases, too. */
    private long lifeLines() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(child -> child.info().commandLine().orElse(""))
                .filter(line -> line.contains("millrace-life-line") && line.contains(folder.toString()))
                .count();
    }

    @Test
    void endsWithTheProcessThatWasKilled() throws Exception {
        Process process = new ChildProcess(DatabaseChild.class, folder.toString()).start();
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            said.readLine();
            assertTrue(OrphanedPostgres.find(folder.resolve("data")).isPresent());
        } finally {
            process.destroyForcibly().waitFor();
        }

        Await.until(
                "its server to end",
                () -> OrphanedPostgres.find(folder.resolve("data")).isEmpty());
    }

    @Test
    void stopsAServerThatWasLeftBehindWhateverTheClockSaysNow() throws Exception {
        // given a process that was killed, and so was what would have stopped its database
        Process process = new ChildProcess(DatabaseChild.class, folder.toString()).start();
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            String address = said.readLine();
            Sql.execute(address, Password.of(folder), "CREATE TABLE letters (letter TEXT)");
            Sql.execute(address, Password.of(folder), "INSERT INTO letters VALUES ('a')");
        } finally {
            process.children().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        // and a clock that was set an hour back
        Path pidFile = folder.resolve("data").resolve("postmaster.pid");
        List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
        lines.set(2, String.valueOf(Long.parseLong(lines.get(2)) + 3600));
        Files.write(pidFile, lines);
        ProcessHandle orphan = OrphanedPostgres.find(folder.resolve("data")).orElseThrow();

        // when another starts on its folder
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            // then the old server is gone, and its data is here
            assertFalse(OrphanedPostgres.find(folder.resolve("data"))
                    .filter(orphan::equals)
                    .isPresent());
            assertEquals("a", Sql.query(database, "SELECT letter FROM letters"));
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

            assertEquals("1", Sql.query(database, "SELECT 1"));
        }
    }

    @Test
    void saysWhereToLookWhenTheServerDoesNotStart() throws Exception {
        EmbeddedDatabase.start(folder).close();
        Files.writeString(folder.resolve("data").resolve("postgresql.conf"), "no_such_setting = 1\n");

        EmbeddedStartException refusal =
                assertThrows(EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder));

        String text = refusal.getMessage();
        assertTrue(text.startsWith("expected PostgreSQL to start on " + folder + ", but: "), text);
        assertTrue(text.endsWith("; what it said is in " + folder.resolve("postgres.log")), text);
        assertFalse(text.contains("\n"), text);
        assertTrue(Files.readString(folder.resolve("postgres.log")).contains("no_such_setting"));
    }
}
