package io.millrace.ingest.readmodel;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;

/** The database of the read model, with its schema up to date. Any thread. */
public final class ReadModelDatabase implements AutoCloseable {

    private final HikariDataSource pool;

    /**
     * Connects, and brings the schema up to date.
     *
     * @throws RuntimeException if the database is not there, or its schema is not one that this version can bring up to date
     */
    public ReadModelDatabase(ReadModelConfig config) {
        HikariConfig settings = new HikariConfig();
        settings.setPoolName("millrace-read-model");
        settings.setJdbcUrl(config.jdbcUrl());
        settings.setUsername(config.user());
        settings.setPassword(config.password());
        settings.setMaximumPoolSize(config.poolSize());
        settings.setMinimumIdle(1);
        settings.setAutoCommit(false);
        settings.setConnectionTimeout(5_000);
        // Batches of inserts go out as statements of many rows.
        settings.addDataSourceProperty("reWriteBatchedInserts", "true");
        // What a power cut takes with it is taken in again: the offsets go with the rows.
        settings.addDataSourceProperty("options", "-c synchronous_commit=off");
        pool = new HikariDataSource(settings);
        try {
            Flyway.configure().dataSource(pool).locations("classpath:db/migration").load().migrate();
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** @return a connection without auto-commit; close gives it back and undoes what was not committed */
    Connection connection() throws SQLException {
        return pool.getConnection();
    }

    /**
     * Empties everything, so that a projector fills it anew from the beginning of the log. One that runs at the time notices
     * and begins anew as well.
     */
    public void clear() throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE workflow_executions, events, task_executions, refusals, projection_failures,"
                    + " projector_offsets");
            connection.commit();
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
