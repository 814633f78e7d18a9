package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ScheduleRow;
import io.millrace.ingest.queries.ScheduleRun;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.v1.ExecutionStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Asks for schedules and their runs. */
final class ScheduleReader {

    /** All that is told of one, with a place for its input. */
    private static final String COLUMNS =
            "id, name, cron, time_zone, every_ms, at_ms, start_ms, end_ms, jitter_ms, overlap, missed,"
                    + " missed_after_ms, cancel_after_ms, kind, queue, workflow_version, metadata, priority_seconds, %s,"
                    + " created_by, created_at_ms, paused, paused_by, pause_reason, ended, backfilling, next_at_ms,"
                    + " last_run_id, last_started_at_ms, runs, skipped, version";

    static final String ONE = COLUMNS.formatted("input");
    private static final String NEWEST_FIRST = "created_at_ms DESC, id DESC";
    private static final String BYTES =
            "coalesce(octet_length(metadata::text), 0) + coalesce(octet_length(pause_reason), 0)";

    private static final String RUN =
            "r.due_at_ms, r.decided_at_ms, r.cause, r.decision, r.skip_reason, r.run_id, r.event_offset,"
                    + " r.event_index, e.status, e.closed_at_ms";
    private static final String RUNS = "schedule_runs r LEFT JOIN workflow_executions e"
            + " ON e.org_id = r.org_id AND e.id = r.run_id AND r.decision = 'STARTED' WHERE ";
    private static final String LATEST_FIRST = "decided_at_ms DESC, event_offset DESC, event_index DESC";

    private ScheduleReader() {}

    /** @param after the last schedule of the part before, or null */
    static Where all(UUID orgId, @Nullable Cursor after) {
        Where where = new Where("org_id = ?", orgId).and("deleted_at_ms = 0");
        if (after != null) {
            where.and("(created_at_ms, id) < (?, ?)", after.value(), after.id());
        }
        return where;
    }

    static Where named(UUID orgId, String name) {
        return new Where("org_id = ?", orgId).and("name = ?", name).and("deleted_at_ms = 0");
    }

    /** Payloads may be large, and stay where they are. */
    static String list(Where where, int limit) {
        return BoundedRows.select(
                COLUMNS.formatted("NULL::bytea AS input"),
                "schedules WHERE " + where.sql(),
                NEWEST_FIRST,
                NEWEST_FIRST,
                BYTES,
                limit);
    }

    /**
     * What waited and has started is told once.
     *
     * @param after the last run of the part before, or null
     */
    static Where runsOf(UUID orgId, UUID scheduleId, @Nullable Cursor after) {
        Where where = new Where("r.org_id = ?", orgId)
                .and("r.schedule_id = ?", scheduleId)
                .and("NOT (r.decision = 'BUFFERED' AND EXISTS (SELECT FROM schedule_runs s WHERE s.org_id = r.org_id"
                        + " AND s.schedule_id = r.schedule_id AND s.run_id = r.run_id AND s.decision = 'STARTED'))");
        if (after != null) {
            where.and(
                    "(r.decided_at_ms, r.event_offset, r.event_index) < (?, ?, ?)",
                    after.value(),
                    after.id().getMostSignificantBits(),
                    (int) after.id().getLeastSignificantBits());
        }
        return where;
    }

    static String runs(Where where, int limit) {
        String order = "r.decided_at_ms DESC, r.event_offset DESC, r.event_index DESC";
        return BoundedRows.select(RUN, RUNS + where.sql(), order, LATEST_FIRST, "0", limit);
    }

    static ScheduleRow schedule(ResultSet row) throws SQLException {
        byte[] input = row.getBytes("input");
        return new ScheduleRow(
                row.getObject("id", UUID.class),
                row.getString("name"),
                timing(row),
                new ScheduleRow.Policies(
                        row.getString("overlap"),
                        row.getString("missed"),
                        row.getLong("missed_after_ms"),
                        row.getLong("cancel_after_ms")),
                new ScheduleRow.Work(
                        row.getString("kind"),
                        row.getString("queue"),
                        row.getString("workflow_version"),
                        Texts.read(row.getString("metadata")),
                        row.getInt("priority_seconds"),
                        input == null ? ByteString.EMPTY : ByteString.copyFrom(input)),
                row.getString("created_by"),
                row.getLong("created_at_ms"),
                new ScheduleRow.Pause(
                        row.getInt("paused") == 1, row.getString("paused_by"), row.getString("pause_reason")),
                new ScheduleRow.Plan(
                        row.getInt("ended") == 1, row.getInt("backfilling") == 1, row.getLong("next_at_ms")),
                new ScheduleRow.Runs(
                        row.getObject("last_run_id", UUID.class),
                        row.getLong("last_started_at_ms"),
                        row.getLong("runs"),
                        row.getLong("skipped")),
                row.getLong("version"));
    }

    /** An interval for which nobody said a start begins a millisecond after what it is counted from. */
    private static ScheduleTiming timing(ResultSet row) throws SQLException {
        String cron = row.getString("cron");
        long everyMs = row.getLong("every_ms");
        long startMs = row.getLong("start_ms");
        ScheduleTiming.Form form = !cron.isEmpty()
                ? ScheduleTiming.Form.CRON
                : everyMs > 0 ? ScheduleTiming.Form.INTERVAL : ScheduleTiming.Form.ONCE;
        return new ScheduleTiming(
                form,
                cron,
                everyMs,
                row.getLong("at_ms"),
                row.getString("time_zone"),
                everyMs > 0 ? startMs : 0,
                startMs,
                row.getLong("end_ms"),
                row.getLong("jitter_ms"));
    }

    static Cursor cursor(ScheduleRow schedule) {
        return new Cursor(schedule.createdAtMs(), schedule.id());
    }

    static ScheduleRun run(ResultSet row) throws SQLException {
        int status = row.getInt("status");
        return new ScheduleRun(
                row.getLong("due_at_ms"),
                row.getLong("decided_at_ms"),
                row.getString("cause"),
                row.getString("decision"),
                row.getString("skip_reason"),
                row.getObject("run_id", UUID.class),
                Optional.ofNullable(ExecutionStatus.forNumber(status))
                        .filter(known -> known != ExecutionStatus.EXECUTION_STATUS_UNSPECIFIED),
                row.getLong("closed_at_ms"));
    }

    /** @return the place of a run in the list */
    static Cursor place(ResultSet row) throws SQLException {
        return new Cursor(
                row.getLong("decided_at_ms"), new UUID(row.getLong("event_offset"), row.getInt("event_index")));
    }
}
