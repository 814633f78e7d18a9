package io.millrace.ingest.audit.notary;

import java.sql.Connection;
import java.sql.SQLException;

/** Connections to the database of the logs, for one of those who use it. Any thread. */
@FunctionalInterface
interface NotaryConnections {

    /**
     * Waits for a free one, for some seconds at the most.
     *
     * @return a connection without auto-commit; close gives it back and undoes what was not committed
     */
    Connection connection() throws SQLException;
}
