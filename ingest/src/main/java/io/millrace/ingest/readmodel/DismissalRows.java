package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.proto.Shards;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who has dismissed which workflows and tasks in a batch. A dismissal counts for the attempt that was looked at alone; what happens behind it
 * clears it. Both are so within a batch and between two, so the same rows come out however the log is cut. One thread.
 */
final class DismissalRows {

    private static final List<String> TYPES = List.of("uuid", "uuid", "uuid", "int4", "int8", "text", "text");

    /** What tells of a dismissal in a row of either table. */
    static final String COLUMNS = "dismissed_at_ms, dismissed_by, dismiss_reason";

    private final Map<Place, Map<Seen, Dismissal>> rows = new LinkedHashMap<>();
    private final int partitions;

    private record Place(boolean task, RowKey key) {}

    /**
     * What was looked at.
     *
     * @param owner workflow of the task, or what itself was looked at: it names the partition. The id of a workflow's task does not
     */
    private record Seen(UUID owner, int attempt) {}

    /** @param partitions how many the log has */
    DismissalRows(int partitions) {
        this.partitions = partitions;
    }

    /** Takes what the entry says of a dismissal, if it says anything. */
    void add(TrailEntry entry) {
        if (!Dismissal.NOTE.equals(entry.request()) || !entry.outcome().equals(TrailEntry.DONE)) {
            return;
        }
        boolean task = entry.taskId() != null;
        UUID id = task ? entry.taskId() : entry.executionId();
        Integer attempt = attempt(entry.details().get(Dismissal.ATTEMPT));
        UUID owner = entry.executionId();
        // What lives elsewhere has no order with this note: it would depend on which partition is read first what comes
        // of it.
        if (id == null
                || attempt == null
                || owner == null
                || Shards.partition(owner, partitions) != entry.partition()) {
            return;
        }
        rows.computeIfAbsent(new Place(task, new RowKey(entry.orgId(), id)), k -> new LinkedHashMap<>())
                .put(
                        new Seen(owner, attempt),
                        new Dismissal(
                                Texts.clean(entry.principal().getId()),
                                Texts.clean(entry.reason() == null ? "" : entry.reason()),
                                entry.decidedMs()));
    }

    /** @return what the row says, which has {@link #COLUMNS}; null: nobody has dismissed it */
    static @Nullable Dismissal read(ResultSet row) throws SQLException {
        String by = row.getString("dismissed_by");
        return by == null ? null : new Dismissal(by, row.getString("dismiss_reason"), row.getLong("dismissed_at_ms"));
    }

    /** What nodes write is a number; anything else was put in by somebody. */
    private static @Nullable Integer attempt(@Nullable String text) {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Something happened to a workflow or task that nobody has looked at yet. */
    void clear(boolean task, RowKey key) {
        rows.remove(new Place(task, key));
    }

    /** Sends all rows, behind those of the workflows and tasks, which clear what was dismissed before. */
    void write(Connection connection) throws SQLException {
        write(connection, true, "task_executions", "coalesce(t.execution_id, t.id)", "execution_count");
        write(connection, false, "workflow_executions", "t.id", "deliveries");
    }

    private void write(Connection connection, boolean task, String table, String owner, String attempts)
            throws SQLException {
        ColumnArrays dismissed = new ColumnArrays(TYPES);
        rows.forEach((place, dismissals) -> {
            if (place.task() == task) {
                dismissals.forEach((seen, dismissal) -> dismissed.row(
                        place.key().id(),
                        place.key().orgId(),
                        seen.owner(),
                        seen.attempt(),
                        dismissal.atMs(),
                        dismissal.by(),
                        dismissal.reason()));
            }
        });
        dismissed.write(
                connection,
                "UPDATE " + table
                        + " t SET dismissed_at_ms = n.at_ms, dismissed_by = n.by_whom, dismiss_reason = n.reason"
                        + " FROM " + ColumnArrays.unnest(TYPES)
                        + " AS n (id, org_id, owner, attempt, at_ms, by_whom, reason)"
                        + " WHERE t.org_id = n.org_id AND t.id = n.id AND " + owner + " = n.owner AND t." + attempts
                        + " = n.attempt");
    }
}
