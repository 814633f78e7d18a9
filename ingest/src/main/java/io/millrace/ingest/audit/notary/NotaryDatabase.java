package io.millrace.ingest.audit.notary;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;

/** The database of the transparency logs, a schema of its own beside the read model. Any thread. */
public final class NotaryDatabase implements AutoCloseable {

    /** The loop, the patrol, and a few that read tiles. */
    private static final int CONNECTIONS = 5;

    private static final String SCHEMA = "millrace_tlog";

    private final HikariDataSource pool;

    /**
     * Connects, and brings the schema up to date.
     *
     * @throws RuntimeException if the database is not there, or its schema is not one that this version can bring up to date
     */
    public NotaryDatabase(ReadModelConfig config) {
        HikariConfig settings = new HikariConfig();
        settings.setPoolName("millrace-notary");
        settings.setJdbcUrl(config.jdbcUrl());
        settings.setUsername(config.user());
        settings.setPassword(config.password());
        settings.setMaximumPoolSize(CONNECTIONS);
        settings.setMinimumIdle(1);
        settings.setAutoCommit(false);
        settings.setConnectionTimeout(5_000);
        settings.addDataSourceProperty("ApplicationName", "millrace-notary");
        settings.addDataSourceProperty("reWriteBatchedInserts", "true");
        // A crash of the server may take back the last transactions; the log says where to go on.
        settings.addDataSourceProperty("options", "-c synchronous_commit=off");
        pool = new HikariDataSource(settings);
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .schemas(SCHEMA)
                    .defaultSchema(SCHEMA)
                    .createSchemas(true)
                    .locations("classpath:db/tlog")
                    .load()
                    .migrate();
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** @return a connection without auto-commit; close gives it back and undoes what was not committed */
    Connection connection() throws SQLException {
        return pool.getConnection();
    }

    @Override
    public void close() {
        pool.close();
    }
}
