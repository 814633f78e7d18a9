package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.proto.v1.ExecutionStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** Asks for tasks, and reads them. */
final class TaskReader {

    static final String TABLE = "task_executions";

    /** What lists show: payloads may be large, and stay where they are. */
    static final String COLUMNS = "id, execution_id, kind, queue, status, execution_count, max_retries, worker_id,"
            + " error, created_at_ms, started_at_ms, completed_at_ms, " + DismissalRows.COLUMNS;

    private TaskReader() {}

    static Where where(UUID orgId, TaskFilter filter) {
        Where where = new Where("org_id = ?", orgId);
        where.status(filter.status());
        where.equal("kind", filter.kind());
        where.equal("queue", filter.queue());
        where.equal("execution_id", filter.executionId());
        SearchSql.and(where, SearchColumns.TASKS, filter.search());
        return where;
    }

    static TaskRow task(ResultSet row) throws SQLException {
        return new TaskRow(
                row.getObject("id", UUID.class),
                row.getObject("execution_id", UUID.class),
                row.getString("kind"),
                row.getString("queue"),
                ExecutionStatus.forNumber(row.getInt("status")),
                row.getInt("execution_count"),
                row.getInt("max_retries"),
                row.getString("worker_id"),
                row.getString("error"),
                row.getLong("created_at_ms"),
                row.getLong("started_at_ms"),
                row.getLong("completed_at_ms"),
                DismissalRows.read(row));
    }

    static TaskDetail detail(ResultSet row) throws SQLException {
        return new TaskDetail(
                task(row),
                Select.bytes(row, "input"),
                Select.bytes(row, "output"),
                Texts.read(row.getString("metadata")));
    }
}
