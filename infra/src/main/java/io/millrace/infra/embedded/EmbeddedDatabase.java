package io.millrace.infra.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A PostgreSQL server as a child of this process, from binaries that come with the build. It listens on loopback only and
 * lets in every local user without a password, so it is meant for development, tests and single-user machines.
 *
 * <p>The same folder can be started again, also after a kill, and holds the same data; a server that a killed process left
 * behind is stopped first. Commits are flushed to disk. Works as root too, where the server runs in a user namespace of its
 * own, because PostgreSQL refuses to run as root. Instances may be used and closed from any thread.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final String DATA = "data";
    private static final String LOG = "postgres.log";
    private static final String DATABASE = "millrace";
    private static final String SUPERUSER = "postgres";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final FolderLock folder;
    private final EmbeddedPostgres postgres;
    private boolean closed;

    private EmbeddedDatabase(FolderLock folder, EmbeddedPostgres postgres) {
        this.folder = folder;
        this.postgres = postgres;
    }

    /**
     * Starts a server on any free port and returns when the database takes connections. The first start on a machine
     * unpacks the binaries into the user's cache folder, the first on a folder makes the database.
     *
     * @param dataDir the folder of its data, made if there is none
     * @throws EmbeddedStartException if the folder is in use, or PostgreSQL refuses to start
     */
    public static EmbeddedDatabase start(Path dataDir) {
        return start(dataDir, 0);
    }

    /**
     * Starts a server.
     *
     * @param port the port to listen on, or 0 for any free one
     * @throws EmbeddedStartException if the port or the folder is in use, or PostgreSQL refuses to start
     * @see #start(Path)
     */
    public static EmbeddedDatabase start(Path dataDir, int port) {
        return start(dataDir, port, START_LIMIT);
    }

    /** @param limit how long to wait for the server to take connections, recovery after a crash included */
    static EmbeddedDatabase start(Path dataDir, int port, Duration limit) {
        Path folder = dataDir.toAbsolutePath().normalize();
        Path data = folder.resolve(DATA);
        FolderLock lock = FolderLock.take(folder);
        try {
            OrphanedPostgres.stop(data);
            EmbeddedDatabase database = new EmbeddedDatabase(lock, startServer(folder, freePort(port), limit));
            database.createDatabaseIfMissing();
            return database;
        } catch (Throwable e) {
            // A server that came up and then did not answer must not stay.
            OrphanedPostgres.stop(data);
            lock.close();
            throw e instanceof EmbeddedStartException known
                    ? known
                    : new EmbeddedStartException(
                            "expected PostgreSQL to start on " + folder + ", but it failed: " + e.getMessage()
                                    + "; what it said is in " + folder.resolve(LOG),
                            e);
        }
    }

    private static EmbeddedPostgres startServer(Path folder, int port, Duration limit) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve(DATA))
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setOverrideWorkingDirectory(binariesFolder().toFile())
                .setPGStartupWait(limit)
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(folder.resolve(LOG).toFile()))
                .setPort(port);
        PostgresSettings.locale().forEach(builder::setLocaleConfig);
        PostgresSettings.server().forEach(builder::setServerConfig);
        return builder.start();
    }

    /**
     * Kept for the next start. Not in the folder for temporary files, and closed to others, because what is put there is
     * run by us.
     */
    private static Path binariesFolder() throws IOException {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(cache);
        Path ours = Files.createDirectories(base.resolve("millrace"));
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
        return Files.createDirectories(ours.resolve("postgres"));
    }

    private static int freePort(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (BindException e) {
            throw new EmbeddedStartException("expected port " + port + " of "
                    + InetAddress.getLoopbackAddress().getHostAddress()
                    + " to be free for PostgreSQL, but another process listens there; stop it, or choose another port", e);
        }
    }

    private void createDatabaseIfMissing() throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            try (ResultSet found = statement.executeQuery(
                    "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        }
    }

    /** @return the JDBC address of the database, without a user */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port() + "/" + DATABASE;
    }

    /** @return the user to connect as; there is no password */
    public String user() {
        return SUPERUSER;
    }

    /** @return the port that the server listens on, on loopback */
    public int port() {
        return postgres.getPort();
    }

    /** Stops the server and waits until it has. Open connections are cut, committed data is kept. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL did not stop", e);
        } finally {
            folder.close();
        }
    }
}
