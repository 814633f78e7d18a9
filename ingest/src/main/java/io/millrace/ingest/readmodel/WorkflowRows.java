package io.millrace.ingest.readmodel;

import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The rows of executions that one batch makes or changes. What a batch says of an execution is gathered first, so that one
 * which starts and ends within it costs a single insert, and the indexes of its row are touched once. One thread.
 */
final class WorkflowRows implements AutoCloseable {

    private static final String INSERT = "INSERT INTO workflow_executions (id, org_id, kind, queue, status,"
            + " workflow_version, metadata, idempotency_key, parent_execution_id, child_execution_name, priority_seconds,"
            + " input, created_at_ms, history_length, output, error, closed_at_ms)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (org_id, id) DO UPDATE SET status = excluded.status, output = excluded.output,"
            + " error = excluded.error, input = excluded.input, created_at_ms = excluded.created_at_ms,"
            + " closed_at_ms = excluded.closed_at_ms, history_length = excluded.history_length";
    private static final String UPDATE = "UPDATE workflow_executions SET status = coalesce(?, status),"
            + " history_length = greatest(history_length, ?), output = coalesce(?, output), error = coalesce(?, error),"
            + " closed_at_ms = coalesce(?, closed_at_ms) WHERE org_id = ? AND id = ?";

    private final PreparedStatement insert;
    private final PreparedStatement update;
    private final Map<Key, Change> changes = new LinkedHashMap<>();

    private record Key(UUID orgId, UUID id) {}

    /** What the batch says of one execution; null: nothing. */
    private static final class Change {
        private EventRecord started;
        private Integer status;
        private int historyLength;
        private byte[] output;
        private String error;
        private Long closedMs;
    }

    WorkflowRows(Connection connection) throws SQLException {
        insert = connection.prepareStatement(INSERT);
        update = connection.prepareStatement(UPDATE);
    }

    /** Takes an event about a workflow execution. */
    void add(EventRecord record) {
        Key key = new Key(Ids.fromBytes(record.getOrgId()), Ids.fromBytes(record.getExecutionId()));
        switch (record.getType()) {
            case "WORKFLOW_STARTED" -> {
                Change change = new Change();
                change.started = record;
                change.status = record.getStatusValue();
                change.historyLength = record.getHistorySequence();
                changes.put(key, change);
            }
            case "WORKFLOW_COMPLETED" -> close(key, record).output =
                    JsonFields.parse(record.getData()).payload("output").toByteArray();
            case "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED" -> close(key, record).error = text(record, "error");
            case "WORKFLOW_CANCELLED" -> close(key, record).error = text(record, "reason");
            default -> {
                // For events about a task the status is the task's; the workflow's follows with its next own event.
                boolean own = record.getTaskId().isEmpty();
                if (own || record.getHistorySequence() > 0) {
                    Change change = change(key, record);
                    change.status = own ? Integer.valueOf(record.getStatusValue()) : change.status;
                }
            }
        }
    }

    private Change change(Key key, EventRecord record) {
        Change change = changes.computeIfAbsent(key, k -> new Change());
        change.historyLength = Math.max(change.historyLength, record.getHistorySequence());
        return change;
    }

    private Change close(Key key, EventRecord record) {
        Change change = change(key, record);
        change.status = record.getStatusValue();
        change.closedMs = record.getTimeMs();
        return change;
    }

    private static String text(EventRecord record, String field) {
        return SqlText.clean(JsonFields.parse(record.getData()).text(field).orElse(""));
    }

    /** Writes everything. */
    void execute() throws SQLException {
        for (Map.Entry<Key, Change> entry : changes.entrySet()) {
            if (entry.getValue().started != null) {
                insert(entry.getKey(), entry.getValue());
            } else {
                update(entry.getKey(), entry.getValue());
            }
        }
        insert.executeBatch();
        update.executeBatch();
    }

    private void insert(Key key, Change change) throws SQLException {
        JsonFields data = JsonFields.parse(change.started.getData());
        insert.setObject(1, key.id);
        insert.setObject(2, key.orgId);
        insert.setString(3, SqlText.clean(data.text("kind").orElse("")));
        insert.setString(4, SqlText.clean(data.text("queue").orElse("")));
        insert.setInt(5, change.status);
        insert.setString(6, SqlText.clean(data.text("workflowVersion").orElse("")));
        insert.setString(7, SqlText.metadata(data));
        insert.setString(8, data.text("idempotencyKey").map(SqlText::clean).orElse(null));
        insert.setObject(9, data.text("parentExecutionId").map(UUID::fromString).orElse(null), Types.OTHER);
        insert.setString(10, data.text("childExecutionName").map(SqlText::clean).orElse(null));
        insert.setInt(11, data.smallInteger("prioritySeconds").orElse(0));
        insert.setBytes(12, data.payload("input").toByteArray());
        insert.setLong(13, change.started.getTimeMs());
        insert.setInt(14, change.historyLength);
        insert.setBytes(15, change.output);
        insert.setString(16, change.error);
        insert.setLong(17, change.closedMs == null ? 0 : change.closedMs);
        insert.addBatch();
    }

    private void update(Key key, Change change) throws SQLException {
        update.setObject(1, change.status, Types.INTEGER);
        update.setInt(2, change.historyLength);
        update.setBytes(3, change.output);
        update.setString(4, change.error);
        update.setObject(5, change.closedMs, Types.BIGINT);
        update.setObject(6, key.orgId);
        update.setObject(7, key.id);
        update.addBatch();
    }

    @Override
    public void close() throws SQLException {
        insert.close();
        update.close();
    }
}
