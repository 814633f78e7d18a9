package io.millrace.infra.embedded;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Statements on an embedded database, each on a connection of its own. */
final class Sql {

    private Sql() {}

    static void execute(EmbeddedDatabase database, String sql) throws SQLException {
        execute(database.jdbcUrl(), database.password(), sql);
    }

    static void execute(String address, String password, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(address, PostgresCluster.role(), password);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String query(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
