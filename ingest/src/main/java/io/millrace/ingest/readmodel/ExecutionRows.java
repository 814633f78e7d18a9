package io.millrace.ingest.readmodel;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Workflow executions as they stand after a batch. What a batch says of an execution is folded in the order of the log, so
 * that each row is written once, and the same rows come out however the log is cut into batches. One thread.
 */
final class ExecutionRows {

    private static final List<String> START_TYPES = List.of(
            "uuid", "uuid", "text", "text", "int4", "text", "text", "text", "uuid", "text", "int4", "bytea", "bytea",
            "text", "int8", "int8", "int4");
    /** A workflow starts anew under its old id only after it left the dispatcher: everything begins again then. */
    private static final String START = "INSERT INTO workflow_executions (id, org_id, kind, queue, status,"
            + " workflow_version, metadata, idempotency_key, parent_execution_id, child_execution_name, priority_seconds,"
            + " input, output, error, created_at_ms, closed_at_ms, history_length)"
            + " SELECT n.id, n.org_id, n.kind, n.queue, n.status, n.workflow_version, n.metadata::jsonb, n.idempotency_key,"
            + " n.parent_execution_id, n.child_execution_name, n.priority_seconds, n.input, n.output, n.error,"
            + " n.created_at_ms, n.closed_at_ms, n.history_length FROM " + ColumnArrays.unnest(START_TYPES)
            + " AS n (id, org_id, kind, queue, status, workflow_version, metadata, idempotency_key, parent_execution_id,"
            + " child_execution_name, priority_seconds, input, output, error, created_at_ms, closed_at_ms, history_length)"
            + " ON CONFLICT (org_id, id) DO UPDATE SET kind = excluded.kind, queue = excluded.queue,"
            + " status = excluded.status, workflow_version = excluded.workflow_version, metadata = excluded.metadata,"
            + " idempotency_key = excluded.idempotency_key, parent_execution_id = excluded.parent_execution_id,"
            + " child_execution_name = excluded.child_execution_name, priority_seconds = excluded.priority_seconds,"
            + " input = excluded.input, output = excluded.output, error = excluded.error,"
            + " created_at_ms = excluded.created_at_ms, closed_at_ms = excluded.closed_at_ms,"
            + " history_length = excluded.history_length";

    private static final List<String> CHANGE_TYPES =
            List.of("uuid", "uuid", "int4", "int4", "bytea", "text", "int8");
    private static final String CHANGE = "UPDATE workflow_executions e SET status = coalesce(n.status, e.status),"
            + " history_length = greatest(e.history_length, n.history_length),"
            + " output = CASE WHEN n.closed_at_ms > 0 THEN n.output ELSE e.output END,"
            + " error = CASE WHEN n.closed_at_ms > 0 THEN n.error ELSE e.error END,"
            + " closed_at_ms = greatest(e.closed_at_ms, n.closed_at_ms)"
            + " FROM " + ColumnArrays.unnest(CHANGE_TYPES)
            + " AS n (id, org_id, status, history_length, output, error, closed_at_ms)"
            + " WHERE e.org_id = n.org_id AND e.id = n.id";

    private final Map<RowKey, Row> rows = new LinkedHashMap<>();

    /** What stands in a row from the start on. */
    record Start(
            String kind,
            String queue,
            String workflowVersion,
            String metadata,
            String idempotencyKey,
            UUID parentExecutionId,
            String childExecutionName,
            int prioritySeconds,
            byte[] input,
            long createdAtMs) {}

    private static final class Row {
        private Start start;
        private Integer status;
        private int historyLength;
        private byte[] output;
        private String error;
        private long closedAtMs;
    }

    /** The execution started. */
    void start(RowKey key, Start start, int status, int historyLength) {
        Row row = new Row();
        row.start = start;
        row.status = status;
        row.historyLength = historyLength;
        rows.put(key, row);
    }

    /**
     * Something happened to it.
     *
     * @param status its status since then, or null if it is as before
     * @param historyLength place of the event in its history, 0 if it is not part of it
     */
    void change(RowKey key, Integer status, int historyLength) {
        Row row = rows.computeIfAbsent(key, k -> new Row());
        row.status = status == null ? row.status : status;
        row.historyLength = Math.max(row.historyLength, historyLength);
    }

    /** It ended, with an output, an error, or neither. */
    void close(RowKey key, int status, int historyLength, byte[] output, String error, long closedAtMs) {
        change(key, status, historyLength);
        Row row = rows.get(key);
        row.output = output;
        row.error = error;
        row.closedAtMs = closedAtMs;
    }

    void write(Connection connection) throws SQLException {
        ColumnArrays started = new ColumnArrays(START_TYPES);
        ColumnArrays changed = new ColumnArrays(CHANGE_TYPES);
        rows.forEach((key, row) -> {
            Start start = row.start;
            if (start == null) {
                changed.row(
                        key.id(), key.orgId(), row.status, row.historyLength, row.output, row.error, row.closedAtMs);
            } else {
                started.row(
                        key.id(), key.orgId(), start.kind, start.queue, row.status, start.workflowVersion, start.metadata,
                        start.idempotencyKey, start.parentExecutionId, start.childExecutionName, start.prioritySeconds,
                        start.input, row.output, row.error, start.createdAtMs, row.closedAtMs, row.historyLength);
            }
        });
        started.write(connection, START);
        changed.write(connection, CHANGE);
    }
}
