package io.millrace.ingest.readmodel;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rows of a table whose key is organisation and id, which take the place of those with the same key. It is rare that some are
 * there already: an id left the dispatcher and came back. So they go in by COPY as if none were, and are only looked for if
 * PostgreSQL says so. One thread.
 */
final class NewRows {

    private static final String UNIQUE_VIOLATION = "23505";
    private static final List<String> KEY_TYPES = List.of("uuid", "uuid");

    private final String table;
    private final BinaryCopy copy;
    private final ColumnArrays keys = new ColumnArrays(KEY_TYPES);

    /** @param columns names of all columns but the key's two, in order */
    NewRows(String table, String... columns) {
        this.table = table;
        this.copy = new BinaryCopy(
                table,
                Stream.concat(Stream.of("org_id", "id"), Stream.of(columns)).toArray(String[]::new));
    }

    /**
     * Begins a row.
     *
     * @return what takes the value of each further column, in order
     */
    BinaryCopy row(RowKey key) {
        keys.row(key.orgId(), key.id());
        copy.row();
        copy.uuid(key.orgId());
        copy.uuid(key.id());
        return copy;
    }

    /** Sends all rows. */
    void write(Connection connection) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            copy.write(connection);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
            keys.write(
                    connection,
                    "DELETE FROM " + table + " t USING " + ColumnArrays.unnest(KEY_TYPES)
                            + " AS n (org_id, id) WHERE t.org_id = n.org_id AND t.id = n.id");
            copy.write(connection);
        }
    }
}
