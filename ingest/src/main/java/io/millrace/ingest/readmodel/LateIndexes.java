package io.millrace.ingest.readmodel;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The indexes by which only queries find rows. Each new row goes into them at a random place, so tables that nobody asks yet are filled
 * without them: sorted and made at once they cost far less. What rows are found by while they are written stays: primary keys, and
 * the order of an execution's events. One thread.
 */
final class LateIndexes {

    private static final String OF_QUERIES = "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)"
            + " FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
            + " WHERE n.nspname = ? AND t.relname IN ('workflow_executions', 'task_executions', 'audit_trail')"
            + " AND NOT i.indisunique ORDER BY 1";

    private final Map<String, String> definitions;

    private LateIndexes(Map<String, String> definitions) {
        this.definitions = definitions;
    }

    /**
     * Drops them.
     *
     * @param owner with auto-commit
     * @param schema whose tables nobody else uses
     */
    static LateIndexes drop(Connection owner, String schema) throws SQLException {
        Map<String, String> definitions = new LinkedHashMap<>();
        try (PreparedStatement select = owner.prepareStatement(OF_QUERIES)) {
            select.setString(1, schema);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    definitions.put(row.getString(1), row.getString(2));
                }
            }
        }
        for (String name : definitions.keySet()) {
            ReadModelDatabase.execute(owner, "DROP INDEX " + name);
        }
        return new LateIndexes(definitions);
    }

    /**
     * Makes them again.
     *
     * @param owner with auto-commit
     */
    void make(Connection owner) throws SQLException {
        // Sorts more at once; what does not fit is merged from disk.
        ReadModelDatabase.execute(owner, "SET maintenance_work_mem = '256MB'");
        for (String definition : definitions.values()) {
            ReadModelDatabase.execute(owner, definition);
        }
        ReadModelDatabase.execute(owner, "RESET maintenance_work_mem");
    }
}
