package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Workflow executions as they stand after a batch. What a batch says of an execution is folded in the order of the log. So
 * each row is written once, and the same rows come out however the log is cut into batches. One thread.
 */
final class ExecutionRows {

    private static final List<String> CHANGE_TYPES = List.of(
            "uuid", "uuid", "int4", "int4", "bytea", "text", "text", "int8", "text", "int8", "int4", "uuid", "text",
            "text", "bool");
    private static final String CHANGE = "UPDATE workflow_executions e SET status = coalesce(n.status, e.status),"
            + " history_length = greatest(e.history_length, n.history_length),"
            + " output = CASE WHEN n.closed_at_ms > 0 THEN n.output ELSE e.output END,"
            + " error = CASE WHEN n.closed_at_ms > 0 THEN n.error ELSE e.error END,"
            + " terminated_by = CASE WHEN n.closed_at_ms > 0 THEN n.terminated_by ELSE e.terminated_by END,"
            + " closed_at_ms = greatest(e.closed_at_ms, n.closed_at_ms),"
            + " worker_id = coalesce(n.worker_id, e.worker_id),"
            + " started_at_ms = CASE WHEN e.started_at_ms > 0 THEN e.started_at_ms ELSE n.started_at_ms END,"
            + " deliveries = coalesce(n.deliveries, e.deliveries),"
            + " reset_to = coalesce(n.reset_to, e.reset_to),"
            + " annotation = CASE WHEN n.annotation IS NULL THEN e.annotation"
            + " ELSE coalesce(e.annotation || E'\\n', '') || n.annotation END,"
            + " annotations = CASE WHEN n.annotations IS NULL THEN e.annotations"
            + " ELSE coalesce(e.annotations, '[]'::jsonb) || n.annotations::jsonb END,"
            + " dismissed_at_ms = CASE WHEN n.anew THEN NULL ELSE e.dismissed_at_ms END,"
            + " dismissed_by = CASE WHEN n.anew THEN NULL ELSE e.dismissed_by END,"
            + " dismiss_reason = CASE WHEN n.anew THEN NULL ELSE e.dismiss_reason END"
            + " FROM " + ColumnArrays.unnest(CHANGE_TYPES)
            + " AS n (id, org_id, status, history_length, output, error, terminated_by, closed_at_ms, worker_id,"
            + " started_at_ms, deliveries, reset_to, annotation, annotations, anew)"
            + " WHERE e.org_id = n.org_id AND e.id = n.id";

    private final Map<RowKey, Row> rows = new LinkedHashMap<>();

    /** What stands in a row from the start on. */
    record Start(
            String kind,
            String queue,
            String workflowVersion,
            @Nullable String metadata,
            @Nullable String idempotencyKey,
            @Nullable UUID parentExecutionId,
            @Nullable String childExecutionName,
            int prioritySeconds,
            @Nullable UUID resetFrom,
            ByteString input,
            long createdAtMs) {}

    private static final class Row {
        private @Nullable Start start;
        private @Nullable Integer status;
        private int historyLength;
        private @Nullable ByteString output;
        private @Nullable String error;
        private @Nullable String terminatedBy;
        private @Nullable UUID resetTo;
        private long closedAtMs;
        private @Nullable String workerId;
        private long startedAtMs;
        private @Nullable Integer deliveries;
        private final List<Annotation> annotations = new ArrayList<>();

        /** Whether something happened that nobody has looked at yet: whatever was dismissed before is so no more. */
        private boolean anew;

        private @Nullable String annotation() {
            return annotations.isEmpty()
                    ? null
                    : annotations.stream().map(Annotation::text).collect(Collectors.joining("\n"));
        }

        private @Nullable String allAnnotations() {
            return annotations.isEmpty()
                    ? null
                    : annotations.stream()
                            .map(each -> Texts.json(Map.of(
                                    "text",
                                    each.text(),
                                    "by",
                                    each.by(),
                                    "at",
                                    Instant.ofEpochMilli(each.timeMs()).toString())))
                            .collect(Collectors.joining(",", "[", "]"));
        }
    }

    /** What somebody noted about it. */
    record Annotation(String text, String by, long timeMs) {}

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
    void change(RowKey key, @Nullable Integer status, int historyLength) {
        Row row = rows.computeIfAbsent(key, k -> new Row());
        row.status = status == null ? row.status : status;
        row.historyLength = Math.max(row.historyLength, historyLength);
    }

    /**
     * A worker has it.
     *
     * @param delivery how often in a row it was handed out
     */
    void claim(RowKey key, int status, @Nullable String workerId, int delivery, long timeMs) {
        change(key, status, 0);
        Row row = rows.computeIfAbsent(key, k -> new Row());
        row.workerId = workerId == null ? row.workerId : workerId;
        row.startedAtMs = row.startedAtMs == 0 ? timeMs : row.startedAtMs;
        row.deliveries = delivery;
        row.anew = true;
    }

    /** Somebody noted something about it. */
    void annotate(RowKey key, @Nullable Integer status, Annotation annotation) {
        change(key, status, 0);
        rows.computeIfAbsent(key, k -> new Row()).annotations.add(annotation);
    }

    /** It goes on in another run. */
    void reset(RowKey key, @Nullable Integer status, UUID resetTo) {
        change(key, status, 0);
        rows.computeIfAbsent(key, k -> new Row()).resetTo = resetTo;
    }

    /** It ended, with an output, an error, or neither. */
    void close(
            RowKey key,
            int status,
            int historyLength,
            @Nullable ByteString output,
            @Nullable String error,
            @Nullable String terminatedBy,
            long closedAtMs) {
        change(key, status, historyLength);
        Row row = rows.computeIfAbsent(key, k -> new Row());
        row.output = output;
        row.error = error;
        row.terminatedBy = terminatedBy;
        row.closedAtMs = closedAtMs;
        row.anew = true;
    }

    void write(Connection connection) throws SQLException {
        // A workflow starts anew under its old id only after it left the dispatcher: everything begins again then.
        NewRows started = new NewRows(
                "workflow_executions",
                "kind",
                "queue",
                "status",
                "workflow_version",
                "metadata",
                "idempotency_key",
                "parent_execution_id",
                "child_execution_name",
                "priority_seconds",
                "input",
                "output",
                "error",
                "terminated_by",
                "reset_from",
                "reset_to",
                "created_at_ms",
                "closed_at_ms",
                "history_length",
                "worker_id",
                "started_at_ms",
                "deliveries",
                "annotation",
                "annotations");
        ColumnArrays changed = new ColumnArrays(CHANGE_TYPES);
        rows.forEach((key, row) -> {
            Start start = row.start;
            if (start == null) {
                changed.row(
                        key.id(),
                        key.orgId(),
                        row.status,
                        row.historyLength,
                        bytes(row.output),
                        row.error,
                        row.terminatedBy,
                        row.closedAtMs,
                        row.workerId,
                        row.startedAtMs,
                        row.deliveries,
                        row.resetTo,
                        row.annotation(),
                        row.allAnnotations(),
                        row.anew);
                return;
            }
            BinaryCopy columns = started.row(key);
            columns.text(start.kind);
            columns.text(start.queue);
            columns.integer(Objects.requireNonNull(row.status, "status of what started"));
            columns.text(start.workflowVersion);
            columns.jsonb(start.metadata);
            columns.text(start.idempotencyKey);
            columns.uuid(start.parentExecutionId);
            columns.text(start.childExecutionName);
            columns.integer(start.prioritySeconds);
            columns.bytea(start.input);
            columns.bytea(row.output);
            columns.text(row.error);
            columns.text(row.terminatedBy);
            columns.uuid(start.resetFrom);
            columns.uuid(row.resetTo);
            columns.bigint(start.createdAtMs);
            columns.bigint(row.closedAtMs);
            columns.integer(row.historyLength);
            columns.text(row.workerId);
            columns.bigint(row.startedAtMs);
            columns.integer(row.deliveries == null ? 0 : row.deliveries);
            columns.text(row.annotation());
            columns.jsonb(row.allAnnotations());
        });
        started.write(connection);
        changed.write(connection, CHANGE);
    }

    private static byte @Nullable [] bytes(@Nullable ByteString value) {
        return value == null ? null : value.toByteArray();
    }
}
