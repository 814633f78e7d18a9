package io.millrace.ingest.readmodel;

import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.v1.EventRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Bulk jobs as they stand after a batch: each event tells all of its job, so the last one counts. One thread. */
final class BulkJobRows {

    static final String TYPE = "BULK_JOB_CHANGED";

    private static final List<String> TYPES = List.of(
            "uuid", "uuid", "text", "text", "text", "text", "text", "int4", "int8", "int8", "text", "text", "text",
            "text", "int8", "int8", "int8", "int8", "int8", "text", "int8", "text", "int8");
    private static final String COLUMNS = "org_id, id, status, status_by, status_reason, action, query, rate,"
            + " force_after_ms, expected, reason, requested_by, role, credential, begun_at_ms, changed_at_ms, done,"
            + " refused, skipped, runner, claimed_until_ms, how, version";
    private static final String WRITE = "INSERT INTO bulk_jobs (" + COLUMNS + ") SELECT "
            + COLUMNS.replace(", how", ", how::jsonb") + " FROM " + ColumnArrays.unnest(TYPES) + " AS n (" + COLUMNS
            + ")"
            + " ON CONFLICT (org_id, id) DO UPDATE SET status = excluded.status, status_by = excluded.status_by,"
            + " status_reason = excluded.status_reason, changed_at_ms = excluded.changed_at_ms,"
            + " done = excluded.done, refused = excluded.refused, skipped = excluded.skipped,"
            + " runner = excluded.runner, claimed_until_ms = excluded.claimed_until_ms,"
            + " version = excluded.version";

    private final Map<RowKey, Object[]> rows = new LinkedHashMap<>();

    /** Reads all of the event first: what cannot be read fails here. */
    Runnable read(UUID orgId, EventRecord record) {
        JsonFields data = JsonFields.parse(record.getData());
        RowKey key = new RowKey(
                orgId,
                data.text("jobId")
                        .map(UUID::fromString)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "expected the id of a bulk job in " + TYPE + ", but there is none")));
        Object[] row = {
            orgId,
            key.id(),
            text(data, "status"),
            text(data, "statusBy"),
            text(data, "statusReason"),
            text(data, "action"),
            text(data, "query"),
            data.smallInteger("rate").orElse(0),
            number(data, "forceAfterMs"),
            number(data, "expected"),
            text(data, "reason"),
            text(data, "requestedBy"),
            text(data, "role"),
            text(data, "credential"),
            number(data, "begunMs"),
            record.getTimeMs(),
            number(data, "done"),
            number(data, "refused"),
            number(data, "skipped"),
            text(data, "runner"),
            number(data, "claimedUntilMs"),
            Texts.jsonOrNull(data.texts("how")),
            number(data, "version")
        };
        return () -> rows.put(key, row);
    }

    private static String text(JsonFields data, String field) {
        return Texts.clean(data.text(field).orElse(""));
    }

    private static Long number(JsonFields data, String field) {
        return data.integer(field).orElse(0L);
    }

    void write(Connection connection) throws SQLException {
        ColumnArrays columns = new ColumnArrays(TYPES);
        rows.values().forEach(columns::row);
        columns.write(connection, WRITE);
    }
}
