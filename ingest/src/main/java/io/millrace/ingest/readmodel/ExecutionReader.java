package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.proto.v1.ExecutionStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** Asks for workflow executions, and reads them. */
final class ExecutionReader {

    static final String TABLE = "workflow_executions";

    /** What lists show: payloads may be large, and stay where they are. */
    static final String COLUMNS = "id, kind, queue, status, workflow_version, metadata, idempotency_key,"
            + " parent_execution_id, child_execution_name, priority_seconds, error, terminated_by, reset_from, reset_to, worker_id, started_at_ms, deliveries,"
            + " created_at_ms, closed_at_ms, history_length, " + DismissalRows.COLUMNS
            + ", EXISTS (SELECT FROM broken_executions b WHERE b.org_id = workflow_executions.org_id"
            + " AND b.execution_id = workflow_executions.id) AS broken";

    static final String ONE = COLUMNS + ", input, output";

    static final String HISTORY = "SELECT history_sequence, type, data, time_ms"
            + " FROM events WHERE execution_id = ? AND org_id = ? AND history_sequence > 0"
            + " ORDER BY chain_sequence";

    private ExecutionReader() {}

    static Where where(UUID orgId, ExecutionFilter filter) {
        Where where = new Where("org_id = ?", orgId);
        where.status(filter.status());
        where.equal("kind", filter.kind());
        where.equal("queue", filter.queue());
        if (!filter.metadata().isEmpty()) {
            where.and("metadata @> ?::jsonb", Texts.json(filter.metadata()));
        }
        SearchSql.and(where, SearchColumns.WORKFLOWS, filter.search());
        return where;
    }

    static ExecutionRow execution(ResultSet row) throws SQLException {
        return new ExecutionRow(
                row.getObject("id", UUID.class),
                row.getString("kind"),
                row.getString("queue"),
                ExecutionStatus.forNumber(row.getInt("status")),
                row.getString("workflow_version"),
                Texts.read(row.getString("metadata")),
                row.getString("idempotency_key"),
                row.getObject("parent_execution_id", UUID.class),
                row.getString("child_execution_name"),
                row.getInt("priority_seconds"),
                row.getString("error"),
                row.getString("terminated_by"),
                row.getObject("reset_from", UUID.class),
                row.getObject("reset_to", UUID.class),
                row.getString("worker_id"),
                row.getLong("started_at_ms"),
                row.getInt("deliveries"),
                row.getLong("created_at_ms"),
                row.getLong("closed_at_ms"),
                row.getInt("history_length"),
                row.getBoolean("broken"),
                DismissalRows.read(row));
    }

    static ExecutionDetail detail(ResultSet row) throws SQLException {
        return new ExecutionDetail(execution(row), Select.bytes(row, "input"), Select.bytes(row, "output"));
    }

    static EventRow event(ResultSet row) throws SQLException {
        return new EventRow(row.getInt(1), row.getString(2), Select.bytes(row, "data"), row.getLong(4));
    }
}
