package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.StandingPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a database is like that runs, stops and starts again. */
class EmbeddedDatabaseTest {

    @TempDir
    private static Path home;

    /** For tests that leave it as it is. */
    private static EmbeddedDatabase running;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        running = EmbeddedDatabase.start(home);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void flushesCommitsToDisk() throws Exception {
        assertEquals("on", Sql.query(running, "SHOW fsync"));
        assertEquals("on", Sql.query(running, "SHOW synchronous_commit"));
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        assertEquals("127.0.0.1", Sql.query(running, "SHOW listen_addresses"));
    }

    @Test
    void letsInOneRoleByItsPasswordOnlyAndThatIsNoSuperuser() throws Exception {
        for (String user : List.of("postgres", running.user())) {
            for (String password : List.of("", "postgres", "guess")) {
                assertThrows(
                        SQLException.class,
                        () -> DriverManager.getConnection(running.jdbcUrl(), user, password)
                                .close());
            }
        }
        assertThrows(
                SQLException.class,
                () -> DriverManager.getConnection(running.jdbcUrl(), "postgres", running.password())
                        .close());
        assertEquals("f", Sql.query(running, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"));
    }

    @Test
    void refusesAFolderThatIsInUse() throws Exception {
        EmbeddedStartException refusal = assertThrows(EmbeddedStartException.class, () -> EmbeddedDatabase.start(home));

        assertTrue(refusal.getMessage().contains("to be free, but a running Millrace uses it"), refusal::getMessage);
        assertEquals("1", Sql.query(running, "SELECT 1"));
    }

    @Test
    void keepsItsDataOverARestart() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            Sql.execute(database, "CREATE TABLE letters (letter TEXT)");
            Sql.execute(database, "INSERT INTO letters VALUES ('a')");
        }

        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            assertEquals("a", Sql.query(database, "SELECT letter FROM letters"));
        }
    }

    @Test
    void keepsItsFolderAndPasswordToItself() throws Exception {
        Path open = Files.createDirectory(
                folder.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        String first;
        try (EmbeddedDatabase database = EmbeddedDatabase.start(open)) {
            first = database.password();
            assertEquals("rwx------", permissions(open));
            assertEquals("rw-------", permissions(open.resolve(Password.FILE)));
        }
        try (EmbeddedDatabase other = EmbeddedDatabase.start(folder.resolve("other"))) {
            assertNotEquals(first, other.password());
        }
    }

    @Test
    void leavesTheTemplateThatItIsCopiedFromAsItIs() throws Exception {
        Path template = ClusterTemplate.of(PostgresBinaries.unpack()).folder();
        Map<Path, String> before = files(template);

        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            Sql.execute(database, "CREATE TABLE letters (letter TEXT)");
            assertEquals("1", Sql.query(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'letters'"));
        }

        assertEquals(before, files(template));
        assertEquals("rwx------", permissions(folder.resolve("data")));
        assertEquals("0", Sql.query(running, "SELECT count(*) FROM pg_tables WHERE tablename = 'letters'"));
    }

    /** @return permissions, sizes and times, by file */
    private static Map<Path, String> files(Path tree) throws IOException {
        Map<Path, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            for (Path path : walk.toList()) {
                files.put(path, permissions(path) + " " + Files.size(path) + " " + Files.getLastModifiedTime(path));
            }
        }
        return files;
    }

    @Test
    void putsADatabaseOfAnotherVersionAside() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder)) {
            Sql.execute(database, "CREATE TABLE letters (letter TEXT)");
        }
        Files.writeString(folder.resolve("data").resolve("PG_VERSION"), "9\n");

        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder);
                Stream<Path> inIt = Files.list(folder)) {
            assertEquals("0", Sql.query(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'letters'"));
            assertEquals(
                    1,
                    inIt.filter(path -> path.getFileName().toString().startsWith("data-put-aside-"))
                            .count());
        }
    }

    @Test
    void refusesAPortThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EmbeddedStartException refusal = assertThrows(
                    EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder, taken.getLocalPort()));

            assertTrue(
                    refusal.getMessage()
                            .startsWith("expected port " + taken.getLocalPort() + " of 127.0.0.1 to be free"),
                    refusal::getMessage);
        }
    }

    @Test
    void takesAnotherFreePortIfSomebodyElseHasTakenTheFirst() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int free = StandingPort.next();
            Iterator<Integer> ports = List.of(taken.getLocalPort(), free).iterator();

            try (EmbeddedDatabase database = EmbeddedDatabase.start(folder, ports::next, 2)) {
                assertEquals(String.valueOf(free), Sql.query(database, "SHOW port"));
            }
        }
    }

    @Test
    void givesUpWhenEachPortWasTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EmbeddedStartException refusal = assertThrows(
                    EmbeddedStartException.class, () -> EmbeddedDatabase.start(folder, taken::getLocalPort, 2));

            assertTrue(refusal.getMessage().contains("could not create any TCP/IP sockets"), refusal::getMessage);
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
