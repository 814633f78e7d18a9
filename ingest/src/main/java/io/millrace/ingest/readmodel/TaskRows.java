package io.millrace.ingest.readmodel;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Task executions as they stand after a batch, folded like {@link ExecutionRows}. One thread. */
final class TaskRows {

    private static final List<String> NEW_TYPES = List.of(
            "uuid", "uuid", "uuid", "text", "text", "int4", "int4", "int4", "text", "text", "bytea", "bytea", "text",
            "int8", "int8", "int8");
    private static final String NEW = "INSERT INTO task_executions (id, org_id, execution_id, kind, queue, status,"
            + " execution_count, max_retries, worker_id, metadata, input, output, error, created_at_ms, started_at_ms,"
            + " completed_at_ms)"
            + " SELECT n.id, n.org_id, n.execution_id, n.kind, n.queue, n.status, n.execution_count, n.max_retries,"
            + " n.worker_id, n.metadata::jsonb, n.input, n.output, n.error, n.created_at_ms, n.started_at_ms,"
            + " n.completed_at_ms FROM " + ColumnArrays.unnest(NEW_TYPES)
            + " AS n (id, org_id, execution_id, kind, queue, status, execution_count, max_retries, worker_id, metadata,"
            + " input, output, error, created_at_ms, started_at_ms, completed_at_ms)"
            + " ON CONFLICT (org_id, id) DO UPDATE SET execution_id = excluded.execution_id, kind = excluded.kind,"
            + " queue = excluded.queue, status = excluded.status, execution_count = excluded.execution_count,"
            + " max_retries = excluded.max_retries, worker_id = excluded.worker_id, metadata = excluded.metadata,"
            + " input = excluded.input, output = excluded.output, error = excluded.error,"
            + " created_at_ms = excluded.created_at_ms, started_at_ms = excluded.started_at_ms,"
            + " completed_at_ms = excluded.completed_at_ms";

    private static final List<String> CHANGE_TYPES =
            List.of("uuid", "uuid", "int4", "int4", "text", "int8", "bytea", "text", "int8");
    private static final String CHANGE = "UPDATE task_executions t SET status = n.status,"
            + " execution_count = coalesce(n.execution_count, t.execution_count),"
            + " worker_id = coalesce(n.worker_id, t.worker_id),"
            + " started_at_ms = coalesce(n.started_at_ms, t.started_at_ms),"
            + " output = coalesce(n.output, t.output), error = coalesce(n.error, t.error),"
            + " completed_at_ms = coalesce(n.completed_at_ms, t.completed_at_ms)"
            + " FROM " + ColumnArrays.unnest(CHANGE_TYPES)
            + " AS n (id, org_id, status, execution_count, worker_id, started_at_ms, output, error, completed_at_ms)"
            + " WHERE t.org_id = n.org_id AND t.id = n.id";

    private final Map<RowKey, Row> rows = new LinkedHashMap<>();

    /** What stands in a row from the creation on. */
    record Creation(
            UUID executionId,
            String kind,
            String queue,
            int maxRetries,
            String metadata,
            byte[] input,
            long createdAtMs) {}

    /** What an event says of a task; null: nothing. */
    record Change(
            int status, Integer attempt, String worker, Long startedAtMs, byte[] output, String error, Long completedAtMs) {

        /** Says only the status. */
        static Change of(int status) {
            return new Change(status, null, null, null, null, null, null);
        }

        private Change then(Change later) {
            return new Change(
                    later.status,
                    later.attempt == null ? attempt : later.attempt,
                    later.worker == null ? worker : later.worker,
                    later.startedAtMs == null ? startedAtMs : later.startedAtMs,
                    later.output == null ? output : later.output,
                    later.error == null ? error : later.error,
                    later.completedAtMs == null ? completedAtMs : later.completedAtMs);
        }
    }

    private record Row(Creation creation, Change change) {

        private Row then(Row later) {
            return new Row(creation, change.then(later.change));
        }
    }

    /** The task was created. */
    void create(RowKey key, Creation creation, int status) {
        rows.put(key, new Row(creation, Change.of(status)));
    }

    /** Something happened to it. */
    void change(RowKey key, Change change) {
        rows.merge(key, new Row(null, change), Row::then);
    }

    void write(Connection connection) throws SQLException {
        ColumnArrays created = new ColumnArrays(NEW_TYPES);
        ColumnArrays changed = new ColumnArrays(CHANGE_TYPES);
        rows.forEach((key, row) -> {
            Creation creation = row.creation;
            Change change = row.change;
            if (creation == null) {
                changed.row(
                        key.id(), key.orgId(), change.status, change.attempt, change.worker, change.startedAtMs,
                        change.output, change.error, change.completedAtMs);
            } else {
                created.row(
                        key.id(), key.orgId(), creation.executionId, creation.kind, creation.queue, change.status,
                        orZero(change.attempt), creation.maxRetries, change.worker, creation.metadata, creation.input,
                        change.output, change.error, creation.createdAtMs, orZero(change.startedAtMs),
                        orZero(change.completedAtMs));
            }
        });
        created.write(connection, NEW);
        changed.write(connection, CHANGE);
    }

    private static int orZero(Integer value) {
        return value == null ? 0 : value;
    }

    private static long orZero(Long value) {
        return value == null ? 0 : value;
    }
}
