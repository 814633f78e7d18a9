package io.millrace.ingest.readmodel;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The database of the read model as queries see it, with its schema up to date. Any thread. */
public final class ReadModelDatabase implements AutoCloseable {

    /** Of all versions, in an order to drop them in: events was a table once, and is a view on event_runs now. */
    private static final List<String> TABLES = List.of(
            "event_runs",
            "events",
            "workflow_executions",
            "task_executions",
            "refusals",
            "audit_trail",
            "pending_approvals",
            "schedules",
            "schedule_runs",
            "bulk_jobs",
            "saved_queries",
            "log_breaks",
            "broken_executions",
            "projection_failures",
            "projector_offsets",
            "flyway_schema_history");

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
        // One is the projector's own.
        settings.setMaximumPoolSize(config.poolSize() - 1);
        settings.setMinimumIdle(1);
        settings.setAutoCommit(false);
        settings.setConnectionTimeout(5_000);
        settings.addDataSourceProperty("ApplicationName", "millrace-queries");
        // What is quick depends on the values: an index may have the rare ones only.
        settings.addDataSourceProperty("options", "-c plan_cache_mode=force_custom_plan");
        pool = new HikariDataSource(settings);
        try {
            migrate(Flyway.configure().dataSource(pool));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static void migrate(FluentConfiguration database) {
        flyway(database).migrate();
    }

    private static Flyway flyway(FluentConfiguration database) {
        return database.locations("classpath:db/migration").load();
    }

    /** @return tables and views of all versions, in an order to drop them in */
    static List<String> tables() {
        return TABLES;
    }

    /** @return in which version its tables are, for people, where that is not the one of this build; else empty */
    static String unlike(ReadModelConfig config) {
        MigrationInfoService info = flyway(
                        Flyway.configure().dataSource(config.jdbcUrl(), config.user(), config.password()))
                .info();
        MigrationInfo current = info.current();
        if (current == null) {
            return ""; // there are none
        }
        boolean newer = Arrays.stream(info.all())
                .anyMatch(
                        each -> each.getState().isApplied() && !each.getState().isResolved());
        if (info.pending().length == 0 && !newer) {
            return "";
        }
        return "they are those of version " + current.getVersion();
    }

    /**
     * Drops what is the read model's, of whatever version, and makes it anew, empty.
     *
     * @param connection without auto-commit; the dropping is committed on it
     */
    static void makeAnew(ReadModelConfig config, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute("DROP TABLE IF EXISTS " + table + " CASCADE");
            }
        }
        connection.commit();
        make(config);
    }

    /** Makes the schema, or brings it up to date. */
    static void make(ReadModelConfig config) {
        migrate(Flyway.configure().dataSource(config.jdbcUrl(), config.user(), config.password()));
    }

    /** @return a connection of its own with auto-commit; the caller closes it */
    static Connection connect(ReadModelConfig config) throws SQLException {
        return DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password());
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * @param table that of places, with its schema where it is not the current one
     * @return by partition, the next offset that is taken in
     */
    static Map<Integer, Long> positions(Connection connection, String table) throws SQLException {
        Map<Integer, Long> positions = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT partition_number, next_offset FROM " + table)) {
            while (row.next()) {
                positions.put(row.getInt(1), row.getLong(2));
            }
        }
        return positions;
    }

    /** @return how many connections there may be at a time */
    int connections() {
        return pool.getMaximumPoolSize();
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
