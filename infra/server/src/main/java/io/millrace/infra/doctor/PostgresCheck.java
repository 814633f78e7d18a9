package io.millrace.infra.doctor;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** PostgreSQL lets the node in, and lets it make its tables; its clock is that of this machine. Stateless. */
final class PostgresCheck {

    private static final String POSTGRES = "PostgreSQL";
    private static final String SECONDS = "5";
    private static final String ASK = "SELECT version(), (extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
            + " has_schema_privilege(current_schema(), 'CREATE'),"
            + " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
            + " coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)";

    private PostgresCheck() {}

    static List<Finding> findings(ServerConfig config) {
        return config.database()
                .map(PostgresCheck::look)
                .orElseGet(() -> List.of(Finding.warning(
                        POSTGRES, "there is none, so lists and searches are unavailable", "set postgres.url")));
    }

    private static List<Finding> look(DatabaseSettings database) {
        Properties login = new Properties();
        login.setProperty("user", database.user());
        login.setProperty("password", database.password());
        login.setProperty("connectTimeout", SECONDS);
        login.setProperty("loginTimeout", SECONDS);
        login.setProperty("socketTimeout", SECONDS);
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(database.url(), login);
                Statement statement = connection.createStatement()) {
            long before = System.currentTimeMillis();
            try (ResultSet found = statement.executeQuery(ASK)) {
                long after = System.currentTimeMillis();
                found.next();
                String version = found.getString(1);
                findings.add(Finding.ok(
                        POSTGRES,
                        database.shown() + " lets " + database.user() + " in: "
                                + version.substring(0, Math.max(version.indexOf(" on "), 0))));
                if (!found.getBoolean(3)) {
                    findings.add(Finding.failure(
                            POSTGRES,
                            database.user() + " may not make tables in its schema",
                            "GRANT CREATE ON SCHEMA public TO " + database.user() + ", or let it own the database"));
                }
                if (found.getBoolean(4)) {
                    findings.add(Finding.warning(
                            POSTGRES,
                            database.user() + " is a superuser, which a node need not be",
                            "let it own the database, and nothing else"));
                }
                if (!found.getBoolean(5)
                        && !database.url().contains("//127.0.0.1")
                        && !database.url().contains("//localhost")) {
                    findings.add(Finding.warning(
                            POSTGRES,
                            "the connection is in plain text",
                            "add sslmode=verify-full and sslrootcert to postgres.url"));
                }
                findings.add(ClockCheck.compare("PostgreSQL", found.getLong(2), before, after, Duration.ofSeconds(5)));
            }
        } catch (SQLException e) {
            findings.add(Finding.failure(
                    POSTGRES,
                    database.shown() + " does not let " + database.user() + " in: " + e.getMessage(),
                    "look at postgres.url, postgres.user and postgres.password, and whether it runs"));
        }
        return findings;
    }
}
