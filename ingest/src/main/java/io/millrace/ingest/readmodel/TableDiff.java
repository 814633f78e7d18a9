package io.millrace.ingest.readmodel;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Tables of the read model, and how their rows are held against those that come of the log. */
enum TableDiff {
    WORKFLOW_EXECUTIONS("workflow_executions", "org_id", "id"),
    TASK_EXECUTIONS("task_executions", "org_id", "id"),
    /** The view: how events lie together depends on how they came. */
    EVENTS("events", "partition_number", "event_offset", "execution_id", "chain_sequence"),
    AUDIT_TRAIL("audit_trail", "org_id", "decided_at_ms", "partition_number", "event_offset"),
    PENDING_APPROVALS("pending_approvals", "org_id", "asked_at_ms", "partition_number", "event_offset"),
    SCHEDULES("schedules", "org_id", "id"),
    SCHEDULE_RUNS("schedule_runs", "org_id", "schedule_id", "decided_at_ms", "event_offset", "event_index"),
    BULK_JOBS("bulk_jobs", "org_id", "id"),
    SAVED_QUERIES("saved_queries", "org_id", "name"),
    LOG_BREAKS("log_breaks", "partition_number", "event_offset"),
    BROKEN_EXECUTIONS("broken_executions", "org_id", "execution_id", "partition_number", "event_offset"),
    PROJECTOR_OFFSETS("projector_offsets", "partition_number");

    /** Differences of a table that are told. */
    static final int MOST = 1_000;

    private final String table;
    private final List<String> key;

    TableDiff(String table, String... key) {
        this.table = table;
        this.key = List.of(key);
    }

    /** @return differences found, at most {@link #MOST} */
    long find(Connection connection, String schema, Consumer<RowDifference> found) throws SQLException {
        long count = 0;
        try (PreparedStatement select = connection.prepareStatement(sql(schema));
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.accept(new RowDifference(table, row.getString(1), text(row)));
                count++;
            }
        }
        return count;
    }

    private static String text(ResultSet row) throws SQLException {
        if (row.getBoolean(2)) {
            return "the log has it, the database has not";
        }
        if (row.getBoolean(3)) {
            return "the database has it, the log has not";
        }
        String[] columns = (String[]) row.getArray(4).getArray();
        return "differs from the log in " + Arrays.stream(columns).collect(Collectors.joining(", "));
    }

    /** Values are told of numbers only: all else may be a payload. */
    private String sql(String schema) {
        String same = key.stream()
                .map(column -> "coalesce(a." + column + "::text, '') = coalesce(b." + column + "::text, '')")
                .collect(Collectors.joining(" AND "));
        String name = key.stream()
                .map(column -> "'" + column + " ' || coalesce(a." + column + "::text, b." + column + "::text, 'none')")
                .collect(Collectors.joining(" || ', ' || "));
        return "SELECT " + name + ", a IS NULL, b IS NULL,"
                + " (SELECT array_agg(CASE WHEN jsonb_typeof(x.value) = 'number' AND jsonb_typeof(y.value) = 'number'"
                + " THEN key || ' (' || x.value || ' instead of ' || y.value || ')' ELSE key END ORDER BY key)"
                + " FROM jsonb_each(to_jsonb(a)) x JOIN jsonb_each(to_jsonb(b)) y USING (key)"
                + " WHERE x.value IS DISTINCT FROM y.value)"
                + " FROM (SELECT t.* FROM " + table + " t) a FULL JOIN (SELECT t.* FROM " + schema + "." + table
                + " t) b ON "
                + same + " WHERE a IS DISTINCT FROM b ORDER BY 1 LIMIT " + MOST;
    }
}
