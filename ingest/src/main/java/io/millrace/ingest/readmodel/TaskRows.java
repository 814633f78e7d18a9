package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Task executions as they stand after a batch, folded like {@link ExecutionRows}. One thread. */
final class TaskRows {

    private static final List<String> CHANGE_TYPES =
            List.of("uuid", "uuid", "int4", "int4", "int4", "text", "int8", "bytea", "text", "int8", "bool");
    private static final String CHANGE = "UPDATE task_executions t SET status = n.status,"
            + " execution_count = coalesce(n.execution_count, t.execution_count),"
            + " attempts_before = coalesce(n.attempts_before, t.attempts_before),"
            + " worker_id = coalesce(n.worker_id, t.worker_id),"
            + " started_at_ms = coalesce(n.started_at_ms, t.started_at_ms),"
            + " output = coalesce(n.output, t.output), error = coalesce(n.error, t.error),"
            + " completed_at_ms = coalesce(n.completed_at_ms, t.completed_at_ms),"
            + " dismissed_at_ms = CASE WHEN n.anew THEN NULL ELSE t.dismissed_at_ms END,"
            + " dismissed_by = CASE WHEN n.anew THEN NULL ELSE t.dismissed_by END,"
            + " dismiss_reason = CASE WHEN n.anew THEN NULL ELSE t.dismiss_reason END"
            + " FROM " + ColumnArrays.unnest(CHANGE_TYPES)
            + " AS n (id, org_id, status, execution_count, attempts_before, worker_id, started_at_ms, output, error,"
            + " completed_at_ms, anew)"
            + " WHERE t.org_id = n.org_id AND t.id = n.id";

    private final Map<RowKey, Row> rows = new LinkedHashMap<>();

    /** What stands in a row from the creation on. */
    record Creation(
            @Nullable UUID executionId,
            String kind,
            String queue,
            int maxRetries,
            @Nullable String metadata,
            ByteString input,
            @Nullable String idempotencyKey,
            long createdAtMs) {}

    /**
     * What an event says of a task; null: nothing.
     *
     * @param attemptsBefore attempts that count no more
     */
    record Change(
            int status,
            @Nullable Integer attempt,
            @Nullable Integer attemptsBefore,
            @Nullable String worker,
            @Nullable Long startedAtMs,
            @Nullable ByteString output,
            @Nullable String error,
            @Nullable Long completedAtMs) {

        /** Says only the status. */
        static Change of(int status) {
            return new Change(status, null, null, null, null, null, null, null);
        }

        private Change then(Change later) {
            return new Change(
                    later.status,
                    later.attempt == null ? attempt : later.attempt,
                    later.attemptsBefore == null ? attemptsBefore : later.attemptsBefore,
                    later.worker == null ? worker : later.worker,
                    later.startedAtMs == null ? startedAtMs : later.startedAtMs,
                    later.output == null ? output : later.output,
                    later.error == null ? error : later.error,
                    later.completedAtMs == null ? completedAtMs : later.completedAtMs);
        }
    }

    /** @param anew whether something happened that nobody has looked at yet */
    private record Row(@Nullable Creation creation, Change change, boolean anew) {

        private Row then(Row later) {
            return new Row(creation, change.then(later.change), anew || later.anew);
        }
    }

    /** The task was created. */
    void create(RowKey key, Creation creation, int status) {
        rows.put(key, new Row(creation, Change.of(status), false));
    }

    /** Something happened to it. */
    void change(RowKey key, Change change) {
        rows.merge(key, new Row(null, change, false), Row::then);
    }

    /** The same, of what nobody has looked at yet: whatever was dismissed before is so no more. */
    void changeAnew(RowKey key, Change change) {
        rows.merge(key, new Row(null, change, true), Row::then);
    }

    void write(Connection connection) throws SQLException {
        NewRows created = new NewRows(
                "task_executions",
                "execution_id",
                "kind",
                "queue",
                "status",
                "execution_count",
                "attempts_before",
                "max_retries",
                "worker_id",
                "metadata",
                "input",
                "output",
                "error",
                "created_at_ms",
                "started_at_ms",
                "completed_at_ms",
                "idempotency_key");
        ColumnArrays changed = new ColumnArrays(CHANGE_TYPES);
        rows.forEach((key, row) -> {
            Creation creation = row.creation;
            Change change = row.change;
            if (creation == null) {
                changed.row(
                        key.id(),
                        key.orgId(),
                        change.status,
                        change.attempt,
                        change.attemptsBefore,
                        change.worker,
                        change.startedAtMs,
                        change.output == null ? null : change.output.toByteArray(),
                        change.error,
                        change.completedAtMs,
                        row.anew);
                return;
            }
            BinaryCopy columns = created.row(key);
            columns.uuid(creation.executionId);
            columns.text(creation.kind);
            columns.text(creation.queue);
            columns.integer(change.status);
            columns.integer(orZero(change.attempt));
            columns.integer(orZero(change.attemptsBefore));
            columns.integer(creation.maxRetries);
            columns.text(change.worker);
            columns.jsonb(creation.metadata);
            columns.bytea(creation.input);
            columns.bytea(change.output);
            columns.text(change.error);
            columns.bigint(creation.createdAtMs);
            columns.bigint(orZero(change.startedAtMs));
            columns.bigint(orZero(change.completedAtMs));
            columns.text(creation.idempotencyKey);
        });
        created.write(connection);
        changed.write(connection, CHANGE);
    }

    private static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    private static long orZero(@Nullable Long value) {
        return value == null ? 0 : value;
    }
}
