package io.millrace.ingest.audit.notary;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.millrace.ingest.readmodel.ReadModelConfig;
import org.flywaydb.core.Flyway;

/**
 * The database of the transparency logs, a schema of its own beside the read model. Whoever reads the logs has connections of his own, so
 * that no number of readers keeps the notary from signing. Any thread.
 */
public final class NotaryDatabase implements AutoCloseable {

    /** The loop, the patrol, and answers of witnesses. */
    private static final int NOTARY = 3;

    /** Two for those without a key, whom the front door lets in two at a time, and two for proofs and metrics. */
    private static final int READERS = 4;

    private static final String SCHEMA = "millrace_tlog";

    private final HikariDataSource notary;
    private final HikariDataSource readers;

    /**
     * Connects, and brings the schema up to date.
     *
     * @throws RuntimeException if the database is not there, or its schema is not one that this version can bring up to date
     */
    public NotaryDatabase(ReadModelConfig config) {
        notary = pool(config, "millrace-notary", NOTARY);
        try {
            Flyway.configure()
                    .dataSource(notary)
                    .schemas(SCHEMA)
                    .defaultSchema(SCHEMA)
                    .createSchemas(true)
                    .locations("classpath:db/tlog")
                    .load()
                    .migrate();
            readers = pool(config, "millrace-notary-readers", READERS);
        } catch (RuntimeException e) {
            notary.close();
            throw e;
        }
    }

    private static HikariDataSource pool(ReadModelConfig config, String name, int connections) {
        HikariConfig settings = new HikariConfig();
        settings.setPoolName(name);
        settings.setJdbcUrl(config.jdbcUrl());
        settings.setUsername(config.user());
        settings.setPassword(config.password());
        settings.setMaximumPoolSize(connections);
        settings.setMinimumIdle(1);
        settings.setAutoCommit(false);
        settings.setConnectionTimeout(5_000);
        settings.addDataSourceProperty("ApplicationName", name);
        settings.addDataSourceProperty("reWriteBatchedInserts", "true");
        // A crash of the server may take back the last transactions; the log says where to go on.
        settings.addDataSourceProperty("options", "-c synchronous_commit=off");
        return new HikariDataSource(settings);
    }

    /** @return those of the notary itself */
    NotaryConnections ofNotary() {
        return notary::getConnection;
    }

    /** @return those of whoever reads the logs */
    NotaryConnections ofReaders() {
        return readers::getConnection;
    }

    @Override
    public void close() {
        readers.close();
        notary.close();
    }
}
