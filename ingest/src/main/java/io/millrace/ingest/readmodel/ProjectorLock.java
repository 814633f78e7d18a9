package io.millrace.ingest.readmodel;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a rebuild and the projectors apart: each projector shares the lock, a rebuild has it alone. It is an advisory lock of
 * PostgreSQL for the current schema, and ends with the connection, whatever becomes of the process.
 */
final class ProjectorLock {

    private static final Logger LOG = LoggerFactory.getLogger(ProjectorLock.class);

    /** As which connections of projectors show in pg_stat_activity. */
    static final String APPLICATION = "millrace-projector";

    /** Any number, as long as all versions use the same: "mill" in ASCII. */
    private static final int PURPOSE = 0x6d696c6c;

    private static final int REBUILD_PURPOSE = PURPOSE + 1;

    private ProjectorLock() {}

    /** Keeps rebuilds beside the tables in use apart from each other. Projectors do not look at it. */
    static void takeRebuild(Connection connection) throws SQLException {
        if (!tryTake(connection, "pg_try_advisory_lock", REBUILD_PURPOSE)) {
            throw new RebuildRefusedException(
                    "expected no other rebuild of this read model, but one is under way; wait for its end");
        }
    }

    /** @throws RebuildingException if a rebuild has it */
    static void share(Connection connection) throws SQLException {
        if (!tryTake(connection, "pg_try_advisory_lock_shared", PURPOSE)) {
            throw new RebuildingException("expected to take events into the read model, but it is being rebuilt");
        }
    }

    /** @throws RebuildRefusedException if anyone else has it */
    static void takeAlone(Connection connection) throws SQLException {
        if (!tryTake(connection, "pg_try_advisory_lock", PURPOSE)) {
            throw new RebuildRefusedException(
                    "expected that no node takes events into the read model during a rebuild, but "
                            + String.join(" and ", holders(connection))
                            + "; stop the nodes with the role ingest that use this"
                            + " database, then try again, or leave out --in-place");
        }
    }

    /**
     * Gives back whatever the connection holds, before it is closed: the server notices the end of a session a moment later, and
     * whoever came next would be refused until then. A connection that is gone holds nothing.
     */
    static void giveBack(Connection connection) {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            ReadModelDatabase.execute(connection, "SELECT pg_advisory_unlock_all()");
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        } catch (SQLException gone) {
            LOG.debug("the locks of the read model go with the connection", gone);
        }
    }

    private static boolean tryTake(Connection connection, String function, int purpose) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + function + "(?, hashtext(current_schema()))")) {
            select.setInt(1, purpose);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static List<String> holders(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT count(*),"
                + " coalesce(a.client_addr::text, 'this machine') FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                + " WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = ?"
                + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                + " GROUP BY 2 ORDER BY 2")) {
            select.setInt(1, PURPOSE);
            List<String> holders = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    holders.add(row.getLong(1) + " at " + row.getString(2) + " does");
                }
            }
            return holders.isEmpty() ? List.of("one did just now") : holders;
        }
    }
}
