package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Subject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes outcomes into one transaction. Rows of executions and tasks are written in the order of the log, in JDBC batches;
 * the driver makes multi-row statements of them. One thread, one transaction.
 */
final class Batch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Batch.class);

    private final PreparedStatement event;
    private final PreparedStatement start;
    private final PreparedStatement progress;
    private final PreparedStatement close;
    private final PreparedStatement newTask;
    private final PreparedStatement task;
    private final PreparedStatement refusal;
    private final PreparedStatement failure;
    private final Map<UUID, Progress> goesOn = new LinkedHashMap<>();

    /** Where an execution stands after what the batch has of it so far; status null: as before. */
    private record Progress(Integer status, int historyLength) {
        private Progress then(Progress later) {
            return new Progress(
                    later.status == null ? status : later.status, Math.max(historyLength, later.historyLength));
        }
    }

    Batch(Connection connection) throws SQLException {
        event = connection.prepareStatement("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        start = connection.prepareStatement(
                "INSERT INTO workflow_executions (id, org_id, kind, queue, status, workflow_version, metadata,"
                        + " idempotency_key, parent_execution_id, child_execution_name, priority_seconds, input,"
                        + " created_at_ms, history_length) VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (id) DO UPDATE SET status = excluded.status, output = NULL, error = NULL,"
                        + " input = excluded.input, created_at_ms = excluded.created_at_ms, closed_at_ms = 0,"
                        + " history_length = excluded.history_length");
        progress = connection.prepareStatement("UPDATE workflow_executions SET"
                + " status = coalesce(?, status), history_length = greatest(history_length, ?) WHERE id = ?");
        close = connection.prepareStatement("UPDATE workflow_executions SET status = ?,"
                + " history_length = greatest(history_length, ?), output = ?, error = ?, closed_at_ms = ? WHERE id = ?");
        newTask = connection.prepareStatement("INSERT INTO task_executions (id, org_id, execution_id, kind, queue, status,"
                + " max_retries, metadata, input, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)"
                + " ON CONFLICT (id) DO NOTHING");
        task = connection.prepareStatement("UPDATE task_executions SET status = ?,"
                + " execution_count = coalesce(?, execution_count), worker_id = coalesce(?, worker_id),"
                + " started_at_ms = coalesce(?, started_at_ms), output = coalesce(?, output), error = coalesce(?, error),"
                + " completed_at_ms = coalesce(?, completed_at_ms) WHERE id = ?");
        refusal = connection.prepareStatement("INSERT INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        failure = connection.prepareStatement("INSERT INTO projection_failures VALUES (?, ?, ?)");
    }

    /** Adds what one record says. A record that cannot be understood is noted and passed over. */
    void add(int partition, long offset, byte[] value) throws SQLException {
        OutcomeRecord outcome;
        try {
            outcome = OutcomeRecord.parseFrom(value);
            check(outcome);
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            LOG.error("passed over the outcome at offset {} of partition {}, which cannot be read", offset, partition, e);
            failure.setInt(1, partition);
            failure.setLong(2, offset);
            failure.setString(3, clean(String.valueOf(e.getMessage())));
            failure.addBatch();
            return;
        }
        if (outcome.hasRefusal()) {
            addRefusal(partition, offset, outcome);
        }
        int index = 0;
        for (EventRecord record : outcome.getEventsList()) {
            addEvent(partition, offset, index++, outcome, record);
            if (!record.getTaskId().isEmpty()) {
                addTask(record);
            }
            if (record.getSubject() == Subject.WORKFLOW_EXECUTION) {
                addWorkflow(record);
            }
        }
    }

    /** Reads everything that could fail before anything enters the transaction. */
    private static void check(OutcomeRecord outcome) throws InvalidProtocolBufferException {
        for (EventRecord record : outcome.getEventsList()) {
            Ids.fromBytesOrNull(record.getExecutionId());
            Ids.fromBytesOrNull(record.getTaskId());
            Ids.fromBytes(record.getOrgId());
            JsonFields.parse(record.getData());
        }
        if (!outcome.getEventsList().isEmpty()) {
            Ids.fromBytes(outcome.getCommandId());
        }
    }

    private void addEvent(int partition, long offset, int index, OutcomeRecord outcome, EventRecord record)
            throws SQLException {
        event.setInt(1, partition);
        event.setLong(2, offset);
        event.setInt(3, index);
        event.setObject(4, Ids.fromBytes(record.getOrgId()));
        event.setObject(5, Ids.fromBytesOrNull(record.getExecutionId()), Types.OTHER);
        event.setObject(6, Ids.fromBytesOrNull(record.getTaskId()), Types.OTHER);
        event.setInt(7, record.getHistorySequence());
        event.setLong(8, record.getChainSequence());
        event.setString(9, record.getType());
        event.setBytes(10, record.getData().toByteArray());
        event.setLong(11, record.getTimeMs());
        event.setBytes(12, record.getHash().toByteArray());
        event.setObject(13, Ids.fromBytes(outcome.getCommandId()));
        event.addBatch();
    }

    private void addWorkflow(EventRecord record) throws SQLException {
        UUID id = Ids.fromBytes(record.getExecutionId());
        switch (record.getType()) {
            case "WORKFLOW_STARTED" -> {
                JsonFields data = JsonFields.parse(record.getData());
                start.setObject(1, id);
                start.setObject(2, Ids.fromBytes(record.getOrgId()));
                start.setString(3, clean(data.text("kind").orElse("")));
                start.setString(4, clean(data.text("queue").orElse("")));
                start.setInt(5, record.getStatusValue());
                start.setString(6, clean(data.text("workflowVersion").orElse("")));
                start.setString(7, metadata(data));
                start.setString(8, data.text("idempotencyKey").map(Batch::clean).orElse(null));
                start.setObject(9, data.text("parentExecutionId").map(UUID::fromString).orElse(null), Types.OTHER);
                start.setString(10, data.text("childExecutionName").map(Batch::clean).orElse(null));
                start.setInt(11, data.smallInteger("prioritySeconds").orElse(0));
                start.setBytes(12, data.payload("input").toByteArray());
                start.setLong(13, record.getTimeMs());
                start.setInt(14, record.getHistorySequence());
                start.addBatch();
            }
            case "WORKFLOW_COMPLETED" -> end(
                    record, JsonFields.parse(record.getData()).payload("output").toByteArray(), null);
            case "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED" -> end(record, null, text(record, "error"));
            case "WORKFLOW_CANCELLED" -> end(record, null, text(record, "reason"));
            default -> {
                // For events about a task the status is the task's; the workflow's follows with its next own event.
                boolean own = record.getTaskId().isEmpty();
                if (own || record.getHistorySequence() > 0) {
                    goesOn.merge(
                            id,
                            new Progress(own ? record.getStatusValue() : null, record.getHistorySequence()),
                            Progress::then);
                }
            }
        }
    }

    private void end(EventRecord record, byte[] output, String error) throws SQLException {
        goesOn.remove(Ids.fromBytes(record.getExecutionId()));
        close.setInt(1, record.getStatusValue());
        close.setInt(2, record.getHistorySequence());
        close.setBytes(3, output);
        close.setString(4, error);
        close.setLong(5, record.getTimeMs());
        close.setObject(6, Ids.fromBytes(record.getExecutionId()));
        close.addBatch();
    }

    private void addTask(EventRecord record) throws SQLException {
        UUID id = Ids.fromBytes(record.getTaskId());
        JsonFields data = JsonFields.parse(record.getData());
        switch (record.getType()) {
            case "TASK_SCHEDULED", "TASK_SUBMITTED" -> {
                boolean standalone = record.getSubject() == Subject.TASK_EXECUTION;
                newTask.setObject(1, id);
                newTask.setObject(2, Ids.fromBytes(record.getOrgId()));
                newTask.setObject(3, standalone ? null : Ids.fromBytes(record.getExecutionId()), Types.OTHER);
                newTask.setString(4, clean(data.text("kind").orElse("")));
                newTask.setString(5, clean(data.text("queue").orElse("")));
                newTask.setInt(6, record.getStatusValue());
                newTask.setInt(7, data.smallInteger("maxRetries").orElse(0));
                newTask.setString(8, metadata(data));
                newTask.setBytes(9, data.payload("input").toByteArray());
                newTask.setLong(10, record.getTimeMs());
                newTask.addBatch();
            }
            case "TASK_CLAIMED" -> update(
                    record,
                    data.smallInteger("attempt").orElse(null),
                    data.text("workerId").orElse(null),
                    record.getTimeMs(),
                    null,
                    null,
                    null);
            case "TASK_COMPLETED" -> update(
                    record, null, null, null, data.payload("output").toByteArray(), null, record.getTimeMs());
            case "TASK_FAILED" -> update(
                    record, null, null, null, null, data.text("error").orElse(""), record.getTimeMs());
            case "TASK_CANCELLED" -> update(
                    record, null, null, null, null, data.text("reason").orElse(""), record.getTimeMs());
            case "TASK_ATTEMPT_FAILED" -> update(
                    record, null, null, null, null, data.text("error").orElse(""), null);
            default -> update(record, null, null, null, null, null, null);
        }
    }

    private void update(
            EventRecord record,
            Integer attempt,
            String worker,
            Long startedMs,
            byte[] output,
            String error,
            Long completedMs)
            throws SQLException {
        task.setInt(1, record.getStatusValue());
        task.setObject(2, attempt, Types.INTEGER);
        task.setString(3, worker == null ? null : clean(worker));
        task.setObject(4, startedMs, Types.BIGINT);
        task.setBytes(5, output);
        task.setString(6, error == null ? null : clean(error));
        task.setObject(7, completedMs, Types.BIGINT);
        task.setObject(8, Ids.fromBytes(record.getTaskId()));
        task.addBatch();
    }

    private void addRefusal(int partition, long offset, OutcomeRecord outcome) throws SQLException {
        refusal.setInt(1, partition);
        refusal.setLong(2, offset);
        refusal.setObject(3, idOrNull(outcome.getOrgId()), Types.OTHER);
        refusal.setObject(4, idOrNull(outcome.getCommandId()), Types.OTHER);
        refusal.setString(5, outcome.getCommand());
        refusal.setString(6, outcome.getPrincipal().getType().name());
        refusal.setString(7, clean(outcome.getPrincipal().getId()));
        refusal.setString(8, clean(outcome.getOrigin()));
        refusal.setString(9, outcome.getRefusal().getReason().name());
        refusal.setString(10, clean(outcome.getRefusal().getText()));
        refusal.setLong(11, outcome.getTimeMs());
        refusal.addBatch();
    }

    /** What poisoned the log may have any bytes for an id. */
    private static UUID idOrNull(ByteString bytes) {
        return bytes.size() == 16 ? Ids.fromBytes(bytes) : null;
    }

    private static String metadata(JsonFields data) {
        String json = data.raw("metadata").orElse(ByteString.copyFromUtf8("{}")).toString(StandardCharsets.UTF_8);
        return json.replace("\\u0000", "\\ufffd");
    }

    private static String text(EventRecord record, String field) {
        return clean(JsonFields.parse(record.getData()).text(field).orElse(""));
    }

    /** PostgreSQL's text knows every character but one. */
    private static String clean(String text) {
        return text.replace('\0', '\ufffd');
    }

    /**
     * Runs everything that was added, sort by sort. Rows come out as if in the order of the log: an execution starts before
     * it goes on and goes on before it ends, and within a sort the order is kept.
     */
    void execute() throws SQLException {
        for (Map.Entry<UUID, Progress> entry : goesOn.entrySet()) {
            progress.setObject(1, entry.getValue().status(), Types.INTEGER);
            progress.setInt(2, entry.getValue().historyLength());
            progress.setObject(3, entry.getKey());
            progress.addBatch();
        }
        event.executeBatch();
        start.executeBatch();
        progress.executeBatch();
        close.executeBatch();
        newTask.executeBatch();
        task.executeBatch();
        refusal.executeBatch();
        failure.executeBatch();
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : new PreparedStatement[] {
            event, start, progress, close, newTask, task, refusal, failure
        }) {
            statement.close();
        }
    }
}
