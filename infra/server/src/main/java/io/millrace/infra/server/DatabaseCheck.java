package io.millrace.infra.server;

import io.millrace.infra.config.DatabaseSettings;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells faults of the database that pass from those that do not. A database that is not there yet is waited for later. One
 * that does not know the user, the password or the database's name will not change its mind. Stateless.
 */
public final class DatabaseCheck {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseCheck.class);
    private static final String SECONDS = "5";

    private DatabaseCheck() {}

    /**
     * Connects once. Waits for a few seconds at the most.
     *
     * @throws StartException if the database is there and refuses; the text says what to put right, and no password
     */
    public static void check(DatabaseSettings database) {
        Properties login = new Properties();
        login.setProperty("user", database.user());
        login.setProperty("password", database.password());
        login.setProperty("connectTimeout", SECONDS);
        login.setProperty("loginTimeout", SECONDS);
        try {
            DriverManager.getConnection(database.url(), login).close();
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (lasts(state)) {
                throw new StartException(
                        "expected PostgreSQL at " + database.shown() + " to let the user " + database.user()
                                + " in, as postgres.url, postgres.user and postgres.password say, but: "
                                + e.getMessage(),
                        e);
            }
            LOG.warn("PostgreSQL at {} does not answer yet ({}), so lists have to wait", database.shown(), state);
        }
    }

    /** Classes of the SQL standard: 28 for logins that are refused, 3D for a database that is not there. */
    private static boolean lasts(String state) {
        return state.startsWith("28") || state.startsWith("3D");
    }
}
