package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Origin;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.TrailFilter;
import io.millrace.proto.v1.Principal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Asks for entries of the audit trail, newest first, and reads them. */
final class TrailReader {

    private static final String ORDER = "decided_at_ms DESC, partition_number DESC, event_offset DESC";

    private static final String OLDEST_FIRST = "decided_at_ms, partition_number, event_offset";

    /** What of an entry may be large: it names each event of its outcome, and each execution that it concerns. */
    private static final String BYTES = "coalesce(octet_length(reason), 0) + coalesce(octet_length(refusal), 0)"
            + " + coalesce(octet_length(details::text), 0) + 40 * coalesce(cardinality(event_types), 0)"
            + " + 40 * coalesce(cardinality(more_execution_ids), 0)";

    private TrailReader() {}

    /** @param after the last entry of the part before, or null */
    static Where where(UUID orgId, TrailFilter filter, @Nullable Cursor after) {
        Where where = new Where("org_id = ?", orgId);
        where.equal("principal_id", filter.principal());
        where.equal("command", filter.command());
        where.equal("outcome", filter.outcome());
        where.equal("queue", filter.queue());
        if (filter.executionId() != null) {
            where.and(
                    "(execution_id = ? OR more_execution_ids @> ARRAY[?::uuid])",
                    filter.executionId(),
                    filter.executionId());
        }
        if (filter.fromMs() != null) {
            where.and("decided_at_ms >= ?", filter.fromMs());
        }
        if (filter.toMs() != null) {
            where.and("decided_at_ms < ?", filter.toMs());
        }
        behind(where, after);
        return where;
    }

    /** What comes behind the last entry of the part before, if there is one. */
    static void behind(Where where, @Nullable Cursor after) {
        if (after != null) {
            where.and(
                    "(decided_at_ms, partition_number, event_offset) < (?, ?, ?)",
                    after.value(),
                    after.id().getMostSignificantBits(),
                    after.id().getLeastSignificantBits());
        }
    }

    /** @return the newest that fit into a part */
    static Page<TrailEntry> part(Connection connection, Where where, int limit) throws SQLException {
        return part(connection, select(where, limit), where, limit);
    }

    /** @return the oldest that fit into a part */
    static Page<TrailEntry> oldest(Connection connection, Where where, int limit) throws SQLException {
        return part(connection, selectOldestFirst(where, limit), where, limit);
    }

    private static Page<TrailEntry> part(Connection connection, String sql, Where where, int limit)
            throws SQLException {
        return Select.page(connection, sql, where, limit, TrailReader::read, (row, entry) -> cursor(entry));
    }

    private static String select(Where where, int limit) {
        return BoundedRows.select("*", "audit_trail WHERE " + where.sql(), ORDER, ORDER, BYTES, limit);
    }

    private static String selectOldestFirst(Where where, int limit) {
        return BoundedRows.select("*", "audit_trail WHERE " + where.sql(), OLDEST_FIRST, OLDEST_FIRST, BYTES, limit);
    }

    /** @return the place of the entry: a time does not tell entries apart, partition and offset do */
    private static Cursor cursor(TrailEntry entry) {
        return new Cursor(entry.decidedMs(), new UUID(entry.partition(), entry.offset()));
    }

    private static TrailEntry read(ResultSet row) throws SQLException {
        String outcome = row.getString("outcome");
        return new TrailEntry(
                row.getInt("partition_number"),
                row.getLong("event_offset"),
                row.getLong("command_offset"),
                row.getObject("org_id", UUID.class),
                row.getObject("command_id", UUID.class),
                row.getLong("asked_at_ms"),
                row.getLong("decided_at_ms"),
                principal(row),
                new Origin(row.getString("node"), row.getString("peer"), row.getString("client")),
                row.getString("trace_id"),
                row.getString("command"),
                row.getString("request"),
                row.getObject("execution_id", UUID.class),
                list(row.getArray("more_execution_ids"), UUID[].class),
                row.getObject("task_id", UUID.class),
                row.getString("queue"),
                row.getString("kind"),
                row.getString("reason"),
                TrailEntry.refusal(outcome),
                row.getString("refusal"),
                list(row.getArray("event_types"), String[].class),
                Texts.read(row.getString("details")));
    }

    private static Principal principal(ResultSet row) throws SQLException {
        Principal.Builder principal = Principal.newBuilder()
                .setType(Principal.Type.valueOf(row.getString("principal_type")))
                .setId(row.getString("principal_id"));
        String role = row.getString("principal_role");
        String credential = row.getString("credential");
        return principal
                .setRole(role == null ? "" : role)
                .setCredential(credential == null ? "" : credential)
                .build();
    }

    private static <T> List<T> list(Array array, Class<T[]> type) throws SQLException {
        return array == null ? List.of() : List.copyOf(Arrays.asList(type.cast(array.getArray())));
    }
}
