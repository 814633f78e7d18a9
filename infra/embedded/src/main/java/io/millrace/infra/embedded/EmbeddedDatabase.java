package io.millrace.infra.embedded;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server beside this process, from binaries that come with the build. It listens on loopback only, and
 * lets in one role, which is no superuser, by a random password that is kept in the folder. A server that dies is
 * started again.
 *
 * <p>The same folder can be started again, also after a kill, and holds the same data. A server that a killed process
 * left behind is stopped first. Commits are flushed to disk. It also works as root: PostgreSQL refuses to run as root,
 * so the server then runs in a user namespace of its own. Instances may be used and closed from any thread.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final String DATABASE = "millrace";
    private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

    /** How many free ports are tried before it gives up. Somebody else must have taken each of them within a moment. */
    private static final int PORTS_TO_TRY = 10;

    private final FolderLock lock;
    private final PostgresCluster cluster;
    private final String password;
    /** Set before the server starts for the first time, and never again. */
    private volatile int port;

    /** Held during the whole of a close, so that each call of close returns only when the server has stopped. */
    private final Object closing = new Object();

    private @Nullable LifeLine lifeLine;
    private @Nullable Thread restart;
    private boolean closed;

    private EmbeddedDatabase(FolderLock lock, PostgresCluster cluster, String password) {
        this.lock = lock;
        this.cluster = cluster;
        this.password = password;
    }

    /**
     * Starts a server on any free port. Returns when the database takes connections. The first start on a machine
     * unpacks the binaries into the user's cache folder, and the first on a folder makes the database.
     *
     * @param dataDir the folder of its data, made if there is none, and closed to other users
     * @throws EmbeddedStartException if the folder is in use, PostgreSQL refuses to start, or the thread is
     *     interrupted; then no server is left
     */
    public static EmbeddedDatabase start(Path dataDir) {
        return start(dataDir, 0);
    }

    /**
     * Starts a server.
     *
     * @param port the port to listen on, or 0 for any free one
     * @throws EmbeddedStartException if the port or the folder is in use, PostgreSQL refuses to start, or the thread is
     *     interrupted; then no server is left
     * @see #start(Path)
     */
    public static EmbeddedDatabase start(Path dataDir, int port) {
        return start(dataDir, () -> freePort(port), port == 0 ? PORTS_TO_TRY : 1);
    }

    /** Gives a port that is free at this moment. */
    interface Ports {
        int next() throws IOException;
    }

    static EmbeddedDatabase start(Path dataDir, Ports ports, int portsToTry) {
        Path folder = dataDir.toAbsolutePath().normalize();
        FolderLock lock = FolderLock.take(folder);
        PostgresCluster cluster = null;
        EmbeddedDatabase database = null;
        try {
            cluster = new PostgresCluster(PostgresBinaries.unpack(), folder);
            OrphanedPostgres.stop(cluster.data());
            String password = cluster.prepare();
            database = new EmbeddedDatabase(lock, cluster, password);
            database.startOnOneOf(ports, portsToTry);
            database.createDatabaseIfMissing();
            return database;
        } catch (Throwable e) {
            EmbeddedStartException failure =
                    e instanceof EmbeddedStartException known ? known : asStartException(folder, cluster, e);
            boolean interrupted = Thread.interrupted();
            if (database == null) {
                lock.close();
            } else {
                database.close(); // else a server that came up, but did not answer, would stay
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw failure;
        }
    }

    private static EmbeddedStartException asStartException(
            Path folder, @Nullable PostgresCluster cluster, Throwable e) {
        String complaint = cluster == null ? "" : cluster.lastComplaint();
        return new EmbeddedStartException(
                "expected PostgreSQL to start on " + folder + ", but: "
                        + (complaint.isEmpty() ? FailureText.of(e) : complaint)
                        + (cluster == null ? "" : "; what it said is in " + cluster.log()),
                e);
    }

    /** Between the look for a free port and the start somebody else may take it. Then the server ends at once. */
    private void startOnOneOf(Ports ports, int portsToTry) throws IOException {
        for (int tried = 1; true; tried++) {
            port = ports.next();
            try {
                startServer();
                return;
            } catch (IOException e) {
                if (tried == portsToTry || !cluster.portWasTaken()) {
                    throw e;
                }
            }
        }
    }

    /** Every server of this database takes the same port, so that its address stays. */
    private void startServer() throws IOException {
        ProcessHandle server = cluster.start(port);
        synchronized (this) {
            if (lifeLine == null) {
                lifeLine = LifeLine.to(cluster.stopCommand());
            }
        }
        server.onExit().thenRun(this::startAgain);
    }

    private synchronized void startAgain() {
        if (closed) {
            return;
        }
        LOG.warn("PostgreSQL in {} has died and is started again; {} may tell why", cluster.data(), cluster.log());
        restart = Thread.ofPlatform()
                .daemon(true)
                .name("millrace-postgres-restart")
                .start(this::startUntilItWorks);
    }

    /**
     * Tries until it is interrupted, which {@link #close} does. Holds no lock: the recovery of a long log may take
     * long.
     */
    private void startUntilItWorks() {
        try {
            while (true) {
                try {
                    // Its last processes may still use the data.
                    OrphanedPostgres.stop(cluster.data());
                    startServer();
                    LOG.info("PostgreSQL in {} runs again", cluster.data());
                    return;
                } catch (IOException | EmbeddedStartException e) {
                    if (Thread.interrupted()) {
                        return;
                    }
                    LOG.warn(
                            "expected PostgreSQL in {} to start again, but: {}; will try again",
                            cluster.data(),
                            FailureText.of(e));
                    Thread.sleep(TRY_AGAIN);
                }
            }
        } catch (InterruptedException closed) {
            LOG.debug("PostgreSQL in {} is not started again: it is closed", cluster.data());
        }
    }

    private static int freePort(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (BindException e) {
            throw new EmbeddedStartException(
                    "expected port " + port + " of "
                            + InetAddress.getLoopbackAddress().getHostAddress()
                            + " to be free for PostgreSQL, but another process listens there; stop it, or choose another port",
                    e);
        }
    }

    private void createDatabaseIfMissing() throws SQLException {
        try (Connection connection = DriverManager.getConnection(address("postgres"), user(), password());
                Statement statement = connection.createStatement()) {
            try (ResultSet found =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        }
    }

    private String address(String database) {
        return address(port, database);
    }

    private static String address(int port, String database) {
        return "jdbc:postgresql://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port + "/" + database;
    }

    /** @return the JDBC address of the database of a server that listens on the port, without user and password */
    static String jdbcUrl(int port) {
        return address(port, DATABASE);
    }

    /** @return the JDBC address of the database, without user and password */
    public String jdbcUrl() {
        return address(DATABASE);
    }

    /** @return the user to connect as. It owns the database and may make others, but is no superuser */
    public String user() {
        return PostgresCluster.role();
    }

    /** @return the user's password; the same at every start on the folder */
    public String password() {
        return password;
    }

    /** @return the port that the server listens on, on loopback */
    public int port() {
        return port;
    }

    /**
     * Stops the server and waits until it has stopped, also if it is just being started again. Open connections are
     * cut, and committed data is kept. A second call does nothing, but returns no sooner.
     */
    @Override
    public void close() {
        synchronized (closing) {
            Optional<Thread> starting;
            Optional<LifeLine> line;
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
                starting = Optional.ofNullable(restart);
                line = Optional.ofNullable(lifeLine);
            }
            try {
                if (starting.isPresent()) {
                    starting.get().interrupt();
                    starting.get().join();
                }
                line.ifPresent(LifeLine::close);
                if (OrphanedPostgres.find(cluster.data()).isPresent()) {
                    cluster.stop();
                }
            } catch (IOException e) {
                LOG.warn("expected PostgreSQL in {} to stop, but: {}", cluster.data(), FailureText.of(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                LOG.warn("expected PostgreSQL in {} to stop, but was interrupted", cluster.data());
            } finally {
                lock.close();
            }
        }
    }
}
