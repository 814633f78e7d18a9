package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ToldEvent;
import io.millrace.ingest.queries.ToldPart;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Reads all that happened to an execution, part by part. Runs of events may be large, so it is asked first where a part ends, run by
 * run, and then for the part. One thread.
 */
final class ToldReader {

    /** The run in which an event stands begins at it or before, and runs have no gaps. */
    private static final String FROM_EVENT = "execution_id = ? AND org_id = ? AND first_chain_sequence >="
            + " coalesce((SELECT max(first_chain_sequence) FROM event_runs WHERE execution_id = ? AND org_id = ?"
            + " AND first_chain_sequence <= ?), 0)";

    /** Sizes are counted behind the order and one run at a time: to sort must not mean to read. */
    private static final String SIZES =
            "SELECT first_chain_sequence, (SELECT array_agg(octet_length(piece)::bigint ORDER BY place)"
                    + " FROM unnest(data) WITH ORDINALITY AS pieces (piece, place)) AS sizes FROM event_runs WHERE "
                    + FROM_EVENT + " ORDER BY first_chain_sequence LIMIT " + (ToldPart.MAX_EVENTS + 1);

    private static final String PART = "SELECT r.first_chain_sequence + e.place - 1 AS chain_sequence, e.task_id,"
            + " e.history_sequence, e.type, e.data, e.time_ms FROM event_runs r,"
            + " unnest(r.task_ids, r.history_sequences, r.types, r.data, r.times_ms) WITH ORDINALITY"
            + " AS e (task_id, history_sequence, type, data, time_ms, place) WHERE " + FROM_EVENT
            + " AND r.first_chain_sequence <= ? AND r.first_chain_sequence + e.place - 1 BETWEEN ? AND ?"
            + " ORDER BY chain_sequence";

    private static final String BEFORE = "SELECT r.first_chain_sequence + e.place - 1 AS chain_sequence, e.task_id,"
            + " e.history_sequence, e.type, e.time_ms FROM event_runs r,"
            + " unnest(r.task_ids, r.history_sequences, r.types, r.times_ms) WITH ORDINALITY"
            + " AS e (task_id, history_sequence, type, time_ms, place) WHERE execution_id = ? AND org_id = ?"
            + " AND r.first_chain_sequence + e.place - 1 <= ? AND e.type = ANY (?) ORDER BY chain_sequence";

    private static final int MOST_AHEAD = 100;

    private final Connection connection;
    private final UUID orgId;
    private final UUID executionId;
    private final int limitSeconds;

    /** @param limitSeconds how long a question may take */
    ToldReader(Connection connection, UUID orgId, UUID executionId, int limitSeconds) {
        this.connection = connection;
        this.orgId = orgId;
        this.executionId = executionId;
        this.limitSeconds = limitSeconds;
    }

    /** @return what comes behind the event of the number */
    ToldPart part(long after) throws SQLException {
        long first = after + 1;
        End end = end(first);
        List<ToldEvent> events = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(PART)) {
            select.setQueryTimeout(limitSeconds);
            setFrom(select, first);
            select.setLong(6, end.last());
            select.setLong(7, first);
            select.setLong(8, end.last());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    byte[] data = row.getBytes("data");
                    events.add(event(row, data == null ? ByteString.EMPTY : ByteString.copyFrom(data)));
                }
            }
        }
        return new ToldPart(events, end.more());
    }

    private record End(long last, boolean more) {}

    private End end(long first) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SIZES)) {
            select.setQueryTimeout(limitSeconds);
            select.setFetchSize(1); // or else runs would be read that are in no part yet
            setFrom(select, first);
            long last = 0;
            long bytes = 0;
            long events = 0;
            long largest = 1;
            int fetched = 1;
            int left = 1;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long begin = row.getLong("first_chain_sequence");
                    Array sizes = row.getArray("sizes");
                    Long[] counted = sizes == null ? new Long[0] : (Long[]) sizes.getArray();
                    long run = 0;
                    for (int i = 0; i < counted.length; i++) {
                        run += counted[i];
                        if (begin + i < first) {
                            continue;
                        }
                        if (bytes >= ToldPart.MAX_BYTES || events >= ToldPart.MAX_EVENTS) {
                            return new End(last, true);
                        }
                        last = begin + i;
                        bytes += counted[i];
                        events++;
                    }
                    largest = Math.max(largest, run);
                    if (--left == 0) {
                        fetched = ahead(bytes, largest, fetched);
                        row.setFetchSize(fetched);
                        left = fetched;
                    }
                }
            }
            return new End(last, false);
        }
    }

    /**
     * Many small runs are asked for together. Large ones may follow them, so no more than twice as many as before, and as
     * many as have room in the part if all are as large as the largest.
     */
    private static int ahead(long bytes, long largest, int before) {
        return Math.clamp((ToldPart.MAX_BYTES - bytes) / largest, 1, Math.min(2 * before, MOST_AHEAD));
    }

    /** @return the events up to that number that have one of the types, without their data */
    List<ToldEvent> before(long until, Set<String> types) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(BEFORE)) {
            select.setQueryTimeout(limitSeconds);
            select.setObject(1, executionId);
            select.setObject(2, orgId);
            select.setLong(3, until);
            select.setArray(4, connection.createArrayOf("text", types.toArray()));
            List<ToldEvent> events = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    events.add(event(row, ByteString.EMPTY));
                }
            }
            return events;
        }
    }

    private void setFrom(PreparedStatement select, long first) throws SQLException {
        select.setObject(1, executionId);
        select.setObject(2, orgId);
        select.setObject(3, executionId);
        select.setObject(4, orgId);
        select.setLong(5, first);
    }

    private static ToldEvent event(ResultSet row, ByteString data) throws SQLException {
        return new ToldEvent(
                row.getLong("chain_sequence"),
                row.getObject("task_id", UUID.class),
                new EventRow(row.getInt("history_sequence"), row.getString("type"), data, row.getLong("time_ms")));
    }
}
