package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.v1.EventRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Schedules as they stand after a batch, folded like {@link ExecutionRows}, and what became of their due times, a row for each
 * decision. One thread.
 */
final class ScheduleRows {

    /** What the types of all events of schedules begin with. */
    static final String TYPES = "SCHEDULE_";

    private static final List<String> CHANGE_TYPES = List.of(
            "uuid", "uuid", "int4", "text", "text", "int4", "int4", "int8", "uuid", "int8", "int8", "int8", "int8",
            "int8");
    private static final String CHANGE = "UPDATE schedules s SET paused = coalesce(n.paused, s.paused),"
            + " paused_by = CASE WHEN n.paused IS NULL THEN s.paused_by ELSE n.paused_by END,"
            + " pause_reason = CASE WHEN n.paused IS NULL THEN s.pause_reason ELSE n.pause_reason END,"
            + " ended = coalesce(n.ended, s.ended), backfilling = coalesce(n.backfilling, s.backfilling),"
            + " next_at_ms = coalesce(n.next_at_ms, s.next_at_ms),"
            + " last_run_id = coalesce(n.last_run_id, s.last_run_id),"
            + " last_started_at_ms = coalesce(n.last_started_at_ms, s.last_started_at_ms),"
            + " runs = s.runs + n.runs, skipped = s.skipped + n.skipped,"
            + " deleted_at_ms = greatest(s.deleted_at_ms, n.deleted_at_ms), version = greatest(s.version, n.version)"
            + " FROM " + ColumnArrays.unnest(CHANGE_TYPES)
            + " AS n (org_id, id, paused, paused_by, pause_reason, ended, backfilling, next_at_ms, last_run_id,"
            + " last_started_at_ms, runs, skipped, deleted_at_ms, version)"
            + " WHERE s.org_id = n.org_id AND s.id = n.id";

    private static final List<String> UPDATE_TYPES = List.of(
            "uuid", "uuid", "text", "text", "text", "int8", "int8", "int8", "int8", "int8", "text", "text", "int8",
            "int8");
    private static final String UPDATE = "UPDATE schedules s SET form = n.form, cron = n.cron, time_zone = n.time_zone,"
            + " every_ms = n.every_ms, at_ms = n.at_ms, start_ms = n.start_ms, end_ms = n.end_ms,"
            + " jitter_ms = n.jitter_ms, overlap = n.overlap, missed = n.missed,"
            + " missed_after_ms = n.missed_after_ms, cancel_after_ms = n.cancel_after_ms FROM "
            + ColumnArrays.unnest(UPDATE_TYPES)
            + " AS n (org_id, id, form, cron, time_zone, every_ms, at_ms, start_ms, end_ms, jitter_ms, overlap, missed,"
            + " missed_after_ms, cancel_after_ms) WHERE s.org_id = n.org_id AND s.id = n.id";

    private static final String[] COLUMNS = {
        "name",
        "form",
        "cron",
        "time_zone",
        "every_ms",
        "at_ms",
        "start_ms",
        "end_ms",
        "jitter_ms",
        "overlap",
        "missed",
        "missed_after_ms",
        "cancel_after_ms",
        "kind",
        "queue",
        "workflow_version",
        "metadata",
        "priority_seconds",
        "input",
        "created_by",
        "created_at_ms",
        "paused",
        "paused_by",
        "pause_reason",
        "ended",
        "backfilling",
        "next_at_ms",
        "last_run_id",
        "last_started_at_ms",
        "runs",
        "skipped",
        "deleted_at_ms",
        "version"
    };

    private final Map<RowKey, Row> rows = new LinkedHashMap<>();
    private final BinaryCopy runs = new BinaryCopy(
            "schedule_runs",
            "org_id",
            "schedule_id",
            "decided_at_ms",
            "event_offset",
            "event_index",
            "due_at_ms",
            "cause",
            "decision",
            "skip_reason",
            "run_id");

    /** What stands in a row from the creation on. */
    private record Creation(String name, Due due, Work work, String createdBy, long createdAtMs) {

        /** @return the same, due in another way */
        private Creation due(Due other) {
            return new Creation(name, other, work, createdBy, createdAtMs);
        }

        private static Creation read(JsonFields data, long timeMs) {
            return new Creation(
                    text(data, "schedule"), Due.read(data), Work.read(data), text(data, "requestedBy"), timeMs);
        }

        private void write(BinaryCopy columns) {
            columns.text(name);
            due.write(columns);
            work.write(columns);
            columns.text(createdBy);
            columns.bigint(createdAtMs);
        }
    }

    /** When it is due, and what it does then. Alone of all columns of a creation these may be changed. */
    private record Due(
            String form,
            String cron,
            String timeZone,
            long everyMs,
            long atMs,
            long startMs,
            long endMs,
            long jitterMs,
            String overlap,
            String missed,
            long missedAfterMs,
            long cancelAfterMs) {

        private static Due read(JsonFields data) {
            return new Due(
                    text(data, "form"),
                    text(data, "cron"),
                    text(data, "timeZone"),
                    number(data, "everyMs"),
                    number(data, "atMs"),
                    number(data, "startMs"),
                    number(data, "endMs"),
                    number(data, "jitterMs"),
                    text(data, "overlap"),
                    text(data, "missed"),
                    number(data, "missedAfterMs"),
                    number(data, "cancelAfterMs"));
        }

        private void write(BinaryCopy columns) {
            columns.text(form);
            columns.text(cron);
            columns.text(timeZone);
            columns.bigint(everyMs);
            columns.bigint(atMs);
            columns.bigint(startMs);
            columns.bigint(endMs);
            columns.bigint(jitterMs);
            columns.text(overlap);
            columns.text(missed);
            columns.bigint(missedAfterMs);
            columns.bigint(cancelAfterMs);
        }
    }

    /** What it starts, in the order of the columns. */
    private record Work(
            String kind,
            String queue,
            String workflowVersion,
            @Nullable String metadata,
            int prioritySeconds,
            ByteString input) {

        private static Work read(JsonFields data) {
            return new Work(
                    text(data, "kind"),
                    text(data, "queue"),
                    text(data, "workflowVersion"),
                    Texts.jsonOrNull(data.texts("metadata")),
                    data.smallInteger("prioritySeconds").orElse(0),
                    data.payload("input"));
        }

        private void write(BinaryCopy columns) {
            columns.text(kind);
            columns.text(queue);
            columns.text(workflowVersion);
            columns.jsonb(metadata);
            columns.integer(prioritySeconds);
            columns.bytea(input);
        }
    }

    /** What is decided of a due time. */
    private record Decided(
            String decision,
            long dueMs,
            String cause,
            @Nullable String skipReason,
            @Nullable UUID runId) {}

    /** Null: nothing is said of it. */
    private static final class Row {
        private @Nullable Creation creation;
        /** As what it is due since, where it was there before. */
        private @Nullable Due update;

        private @Nullable Integer paused;
        private @Nullable String pausedBy;
        private @Nullable String pauseReason;
        private @Nullable Integer ended;
        private @Nullable Integer backfilling;
        private @Nullable Long nextMs;
        private @Nullable UUID lastRun;
        private @Nullable Long lastStartedMs;
        private long runs;
        private long skipped;
        private long deletedMs;
        private long version;
    }

    /**
     * Reads what an event says. Whatever can fail does so here, before a row is added.
     *
     * @param offset of the outcome
     * @param index of the event in it
     * @return adds it
     */
    Runnable read(UUID orgId, long offset, int index, EventRecord record) {
        JsonFields data = JsonFields.parse(record.getData());
        RowKey key = new RowKey(
                orgId,
                data.text("scheduleId")
                        .map(UUID::fromString)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "expected the id of a schedule in " + record.getType() + ", but there is none")));
        long timeMs = record.getTimeMs();
        return switch (record.getType()) {
            case "SCHEDULE_CREATED" -> {
                Creation creation = Creation.read(data, timeMs);
                boolean paused = data.flag("paused");
                long version = version(data);
                yield () -> {
                    Row row = new Row();
                    row.creation = creation;
                    row.paused = paused ? 1 : 0;
                    row.pausedBy = paused ? creation.createdBy : null;
                    row.version = version;
                    rows.put(key, row);
                };
            }
            case "SCHEDULE_UPDATED" -> {
                Due update = Due.read(data);
                boolean planKept = data.flag("planKept");
                long version = version(data);
                yield () -> {
                    Row row = row(key);
                    row.version = version;
                    if (row.creation == null) {
                        row.update = update;
                    } else {
                        row.creation = row.creation.due(update);
                    }
                    if (!planKept) {
                        row.nextMs = 0L;
                        row.ended = 0;
                    }
                };
            }
            case "SCHEDULE_PLANNED" -> {
                long nextMs = data.integer("nextMs").orElse(0L);
                int last = data.flag("last") ? 1 : 0;
                yield () -> {
                    row(key).nextMs = nextMs;
                    row(key).ended = last;
                };
            }
            case "SCHEDULE_PAUSED" -> {
                String by = text(data, "requestedBy");
                String reason = text(data, "reason");
                long version = version(data);
                yield () -> paused(key, 1, by, reason, version);
            }
            case "SCHEDULE_RESUMED" -> {
                long version = version(data);
                yield () -> paused(key, 0, null, null, version);
            }
            case "SCHEDULE_DELETED" -> () -> row(key).deletedMs = timeMs;
            case "SCHEDULE_BACKFILL_BEGAN" -> () -> row(key).backfilling = 1;
            case "SCHEDULE_BACKFILL_ENDED" -> () -> row(key).backfilling = 0;
            case "SCHEDULE_RUN_STARTED", "SCHEDULE_RUN_BUFFERED", "SCHEDULE_RUN_SKIPPED" ->
                decided(key, data, record, offset, index);
            default -> () -> {}; // all others say nothing that a row has
        };
    }

    private Runnable decided(RowKey key, JsonFields data, EventRecord record, long offset, int index) {
        String decision = record.getType().substring("SCHEDULE_RUN_".length());
        String cause = text(data, "cause");
        Decided decided = new Decided(
                decision,
                data.integer("dueMs").orElse(0L),
                cause,
                data.text("reason").orElse(null),
                data.text("runId").map(UUID::fromString).orElse(null));
        // Only what was planned moves the next time.
        boolean planned = (cause.equals("DUE") || cause.equals("MISSED"))
                && !data.flag("waited")
                && !"REPLACED".equals(decided.skipReason);
        Long nextMs = planned ? data.integer("nextMs").orElse(0L) : null;
        return () -> {
            Row row = row(key);
            row.nextMs = nextMs == null ? row.nextMs : nextMs;
            if (decision.equals("STARTED")) {
                row.runs++;
                row.lastRun = decided.runId;
                row.lastStartedMs = record.getTimeMs();
            } else if (decision.equals("SKIPPED")) {
                row.skipped++;
            }
            run(key, decided, record.getTimeMs(), offset, index);
        };
    }

    private void run(RowKey key, Decided decided, long timeMs, long offset, int index) {
        runs.row();
        runs.uuid(key.orgId());
        runs.uuid(key.id());
        runs.bigint(timeMs);
        runs.bigint(offset);
        runs.integer(index);
        runs.bigint(decided.dueMs);
        runs.text(decided.cause);
        runs.text(decided.decision);
        runs.text(decided.skipReason);
        runs.uuid(decided.runId);
    }

    private static String text(JsonFields data, String field) {
        return Texts.clean(data.text(field).orElse(""));
    }

    private static long number(JsonFields data, String field) {
        return data.integer(field).orElse(0L);
    }

    private Row row(RowKey key) {
        return rows.computeIfAbsent(key, absent -> new Row());
    }

    private static long version(JsonFields data) {
        return data.integer("version").orElse(0L);
    }

    private void paused(RowKey key, int paused, @Nullable String by, @Nullable String reason, long version) {
        Row row = row(key);
        row.version = version;
        row.paused = paused;
        row.pausedBy = by;
        row.pauseReason = reason;
        row.nextMs = 0L;
        row.ended = 0;
    }

    void write(Connection connection) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        ColumnArrays changed = new ColumnArrays(CHANGE_TYPES);
        ColumnArrays updated = new ColumnArrays(UPDATE_TYPES);
        NewRows created = new NewRows("schedules", COLUMNS);
        // What was deleted leaves its name to what was made later.
        rows.forEach((key, row) -> {
            if (row.update != null) {
                update(updated, key, row.update);
            }
            if (row.creation == null) {
                changed.row(
                        key.orgId(),
                        key.id(),
                        row.paused,
                        row.pausedBy,
                        row.pauseReason,
                        row.ended,
                        row.backfilling,
                        row.nextMs,
                        row.lastRun,
                        row.lastStartedMs,
                        row.runs,
                        row.skipped,
                        row.deletedMs,
                        row.version);
            } else {
                add(created.row(key), row.creation, row);
            }
        });
        changed.write(connection, CHANGE);
        updated.write(connection, UPDATE);
        created.write(connection);
        runs.write(connection);
    }

    private static void update(ColumnArrays updated, RowKey key, Due update) {
        updated.row(
                key.orgId(),
                key.id(),
                update.form,
                update.cron,
                update.timeZone,
                update.everyMs,
                update.atMs,
                update.startMs,
                update.endMs,
                update.jitterMs,
                update.overlap,
                update.missed,
                update.missedAfterMs,
                update.cancelAfterMs);
    }

    private static void add(BinaryCopy columns, Creation creation, Row row) {
        creation.write(columns);
        columns.integer(orZero(row.paused));
        columns.text(row.pausedBy);
        columns.text(row.pauseReason);
        columns.integer(orZero(row.ended));
        columns.integer(orZero(row.backfilling));
        columns.bigint(orZero(row.nextMs));
        columns.uuid(row.lastRun);
        columns.bigint(orZero(row.lastStartedMs));
        columns.bigint(row.runs);
        columns.bigint(row.skipped);
        columns.bigint(row.deletedMs);
        columns.bigint(row.version);
    }

    private static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    private static long orZero(@Nullable Long value) {
        return value == null ? 0 : value;
    }
}
