package io.millrace.infra.embedded;

import io.millrace.infra.config.DatabaseSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The PostgreSQL in the folder of a development server, for commands beside it. If none runs there, one is started for
 * as long as this is open.
 */
public final class DatabaseOfFolder implements AutoCloseable {

    private final DatabaseSettings settings;
    /** Empty if it runs in another process. */
    private final Optional<EmbeddedDatabase> started;

    private DatabaseOfFolder(DatabaseSettings settings, Optional<EmbeddedDatabase> started) {
        this.settings = settings;
        this.started = started;
    }

    /**
     * Finds the PostgreSQL, or starts it.
     *
     * @param data the folder of all data of the server
     * @throws EmbeddedStartException if there is no PostgreSQL in the folder, it cannot start, or it does not listen yet
     */
    public static DatabaseOfFolder open(Path data) {
        Path folder = data.resolve("postgres").toAbsolutePath().normalize();
        if (!Password.isIn(folder)) {
            throw new EmbeddedStartException(
                    "expected " + data + " to be the data of `millrace dev`, but there is no PostgreSQL in it");
        }
        if (FolderLock.isHeld(folder)) {
            int port = OrphanedPostgres.port(PostgresCluster.data(folder))
                    .orElseThrow(() -> new EmbeddedStartException("expected the PostgreSQL in " + folder
                            + " to listen, but it does not yet, or no more; try again in a moment"));
            return new DatabaseOfFolder(settings(port, Password.of(folder)), Optional.empty());
        }
        EmbeddedDatabase database = EmbeddedDatabase.start(folder);
        return new DatabaseOfFolder(settings(database.port(), database.password()), Optional.of(database));
    }

    private static DatabaseSettings settings(int port, String password) {
        return new DatabaseSettings(
                EmbeddedDatabase.jdbcUrl(port), PostgresCluster.role(), password, DatabaseSettings.POOL_SIZE);
    }

    /** @return how to reach it */
    public DatabaseSettings settings() {
        return settings;
    }

    /** Stops it if it was started here. */
    @Override
    public void close() {
        started.ifPresent(EmbeddedDatabase::close);
    }
}
