package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.PastEvents;
import io.millrace.proto.Ids;
import io.millrace.proto.Moment;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.Subject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Reads the events of executions up to a moment, and stops where there are too many. One thread. */
final class PastReader {

    /** One execution after the other, so that what is too much is noticed before all of it was read and sorted. */
    private static final String EVENTS = "SELECT x.id AS execution_id, h.* FROM unnest(?) AS x (id) CROSS JOIN LATERAL"
            + " (SELECT r.first_chain_sequence + e.place - 1 AS chain_sequence, e.task_id,"
            + " e.history_sequence, e.type, e.data, e.time_ms FROM event_runs r, unnest(r.event_offsets, r.task_ids,"
            + " r.history_sequences, r.types, r.data, r.times_ms) WITH ORDINALITY"
            + " AS e (event_offset, task_id, history_sequence, type, data, time_ms, place)"
            + " WHERE r.execution_id = x.id AND r.org_id = ? AND e.time_ms < ? AND e.event_offset <= ?"
            + " ORDER BY r.first_chain_sequence, e.place) AS h";

    private static final String LAST_BEFORE = "SELECT max(event_offset) FROM audit_trail WHERE org_id = ?"
            + " AND (execution_id = ? OR more_execution_ids @> ARRAY[?::uuid]) AND partition_number = ?"
            + " AND command_offset < ?";

    private static final String BEGAN =
            "SELECT decided_at_ms FROM audit_trail WHERE org_id = ? ORDER BY decided_at_ms LIMIT 1";

    /**
     * Those that are open now, and those that have ended since: each by an index. A task may be open longer than its workflow, and brings
     * that along.
     */
    private static final String OPEN = "(SELECT id FROM workflow_executions WHERE org_id = ? AND closed_at_ms = 0"
            + " AND created_at_ms < ? LIMIT ?) UNION ALL (SELECT id FROM workflow_executions WHERE org_id = ?"
            + " AND closed_at_ms >= ? AND created_at_ms < ? LIMIT ?)";

    private static final String WITH_OPEN_TASKS = "(SELECT coalesce(execution_id, id) FROM task_executions"
            + " WHERE org_id = ? AND completed_at_ms = 0 AND created_at_ms < ? LIMIT ?)"
            + " UNION ALL (SELECT coalesce(execution_id, id) FROM task_executions WHERE org_id = ?"
            + " AND completed_at_ms >= ? AND created_at_ms < ? LIMIT ?)";

    private static final int ROWS_AT_ONCE = 500;
    private static final int EXECUTIONS_AT_ONCE = 500;
    private static final String QUERY_CANCELED = "57014";

    private final Connection connection;
    private final UUID orgId;
    private final long untilNanos;
    private final Map<UUID, List<EventRecord>> events = new LinkedHashMap<>();
    private int count;
    private long bytes;

    /** @param limitSeconds how long all that is asked of this reader may take together */
    PastReader(Connection connection, UUID orgId, int limitSeconds) {
        this.connection = connection;
        this.orgId = orgId;
        this.untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    }

    /** @return by partition, offset of the command whose outcome is taken in next; without those of which it is not known */
    Map<Integer, Long> nextCommands() throws SQLException {
        Map<Integer, Long> next = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT partition_number, next_command FROM projector_offsets WHERE next_command IS NOT NULL")) {
            select.setQueryTimeout(secondsLeft());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    next.put(row.getInt(1), row.getLong(2));
                }
            }
        }
        return next;
    }

    /** @return the events of an execution */
    PastEvents of(UUID executionId, Moment at) throws SQLException {
        boolean whole = switch (at) {
            case Moment.Time time -> read(List.of(executionId), time.ms(), Long.MAX_VALUE);
            case Moment.LogOffset place -> read(List.of(executionId), Long.MAX_VALUE, lastBefore(executionId, place));
        };
        return answer(whole);
    }

    /** @return the events of all executions that were open at the time, or had a task that was */
    PastEvents open(long timeMs) throws SQLException {
        Set<UUID> found = new LinkedHashSet<>();
        boolean whole = addOpen(OPEN, timeMs, PastEvents.MAX_EXECUTIONS, found)
                && addOpen(WITH_OPEN_TASKS, timeMs, PastEvents.MAX_TASKS, found)
                && found.size() <= PastEvents.MAX_EXECUTIONS;
        List<UUID> ids = List.copyOf(found);
        for (int i = 0; whole && i < ids.size(); i += EXECUTIONS_AT_ONCE) {
            whole = read(ids.subList(i, Math.min(ids.size(), i + EXECUTIONS_AT_ONCE)), timeMs, Long.MAX_VALUE);
        }
        return answer(whole);
    }

    /** @return whether these are all */
    private boolean addOpen(String sql, long timeMs, int most, Set<UUID> found) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setQueryTimeout(secondsLeft());
            select.setObject(1, orgId);
            select.setLong(2, timeMs);
            select.setInt(3, most + 1);
            select.setObject(4, orgId);
            select.setLong(5, timeMs);
            select.setLong(6, timeMs);
            select.setInt(7, most + 1);
            int rows = 0;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(row.getObject(1, UUID.class));
                    rows++;
                }
            }
            return rows <= most;
        }
    }

    private PastEvents answer(boolean whole) throws SQLException {
        List<EventRecord> all =
                whole ? events.values().stream().flatMap(List::stream).toList() : List.of();
        return new PastEvents(all, began(), !whole);
    }

    private long began() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(BEGAN)) {
            select.setQueryTimeout(secondsLeft());
            select.setObject(1, orgId);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private long lastBefore(UUID executionId, Moment.LogOffset place) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LAST_BEFORE)) {
            select.setQueryTimeout(secondsLeft());
            select.setObject(1, orgId);
            select.setObject(2, executionId);
            select.setObject(3, executionId);
            select.setInt(4, place.partition());
            select.setLong(5, place.offset());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long last = row.getLong(1);
                return row.wasNull() ? -1 : last;
            }
        }
    }

    /** @return whether there was room for all of them */
    private boolean read(List<UUID> executions, long beforeMs, long lastOffset) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(EVENTS)) {
            select.setQueryTimeout(secondsLeft());
            select.setFetchSize(ROWS_AT_ONCE);
            select.setArray(1, connection.createArrayOf("uuid", executions.toArray()));
            select.setObject(2, orgId);
            select.setLong(3, beforeMs);
            select.setLong(4, lastOffset);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (count >= PastEvents.MAX_EVENTS || bytes >= PastEvents.MAX_BYTES) {
                        return false;
                    }
                    UUID executionId = row.getObject("execution_id", UUID.class);
                    events.computeIfAbsent(executionId, id -> new ArrayList<>()).add(event(row, executionId));
                    count++;
                }
            }
        }
        return true;
    }

    /** @throws SQLException there is no time left, as the database itself says it */
    private int secondsLeft() throws SQLException {
        long left = untilNanos - System.nanoTime();
        if (left <= 0) {
            throw new SQLException("expected to have read the past by now", QUERY_CANCELED);
        }
        return (int) TimeUnit.NANOSECONDS.toSeconds(left) + 1;
    }

    private EventRecord event(ResultSet row, UUID executionId) throws SQLException {
        byte[] data = row.getBytes("data");
        UUID taskId = row.getObject("task_id", UUID.class);
        bytes += data.length;
        EventRecord.Builder event = EventRecord.newBuilder()
                .setSubject(executionId.equals(taskId) ? Subject.TASK_EXECUTION : Subject.WORKFLOW_EXECUTION)
                .setExecutionId(Ids.toByteString(executionId))
                .setOrgId(Ids.toByteString(orgId))
                .setHistorySequence(row.getInt("history_sequence"))
                .setChainSequence(row.getLong("chain_sequence"))
                .setType(row.getString("type"))
                .setData(ByteString.copyFrom(data))
                .setTimeMs(row.getLong("time_ms"));
        if (taskId != null) {
            event.setTaskId(Ids.toByteString(taskId));
        }
        return event.build();
    }
}
