package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.queries.BulkItem;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.search.Subject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks for bulk jobs, and for their items, which are entries of the audit trail. If an item was asked twice, as by a node that had hung
 * while another took over, what came first counts: that is what did it.
 */
final class BulkReader {

    static final String JOBS = "bulk_jobs";
    static final String NEWEST_FIRST = "begun_at_ms DESC, id DESC";

    /** Nobody has to look through more to find some to do. */
    private static final int MOST_OPEN = 500;

    /** The oldest of each organisation, then the second of each, and so on: many jobs of one hide no other's. */
    static final String OPEN = "SELECT * FROM (SELECT bulk_jobs.*, row_number() OVER"
            + " (PARTITION BY org_id ORDER BY begun_at_ms, id) AS turn FROM bulk_jobs"
            + " WHERE status IN ('RUNNING', 'STOPPING')) AS jobs ORDER BY turn, begun_at_ms, id LIMIT " + MOST_OPEN;

    /**
     * Entries of the trail among which all are that a run asked and could not tell: at most a page for each run that died. Even at the
     * highest rate they reach back ten seconds, by which clocks of partitions may differ.
     */
    private static final int MOST_UNTOLD = 10_000;

    private static final String BEHIND = "(e.created_at_ms, e.id) > (?, ?)";

    private static final String JOB = "a.details ->> '" + Asked.BULK_ITEM + "'";
    private static final String ITEM = "coalesce(a.task_id, a.execution_id)";
    /** What had ended long ago, and has left the dispatcher, needs no end. */
    private static final String RESULT =
            "CASE WHEN a.outcome = '" + TrailEntry.DONE + "' THEN 'DONE' WHEN a.outcome IN ('"
                    + TrailEntry.ALREADY_CLOSED + "', '" + TrailEntry.UNCHANGED
                    + "') OR a.outcome = 'NOT_FOUND' AND a.command IN"
                    + " ('cancel_workflow', 'request_cancellation', 'terminate_workflow') THEN 'SKIPPED' ELSE 'REFUSED' END";

    private static final String ITEMS = ITEM + " AS item, " + RESULT + " AS result, a.refusal,"
            + " a.details ->> 'newExecution' AS new_execution, a.decided_at_ms, a.partition_number, a.event_offset";
    private static final String FIRST = "NOT EXISTS (SELECT FROM audit_trail b WHERE b.org_id = a.org_id"
            + " AND b.details ->> '" + Asked.BULK_ITEM + "' = " + JOB + " AND coalesce(b.task_id, b.execution_id) = "
            + ITEM + " AND b.partition_number = a.partition_number AND b.event_offset < a.event_offset)";
    private static final String ITEMS_ORDER = "a.decided_at_ms DESC, a.partition_number DESC, a.event_offset DESC";
    private static final String ITEMS_SELECTED = "decided_at_ms DESC, partition_number DESC, event_offset DESC";

    private BulkReader() {}

    /** @param after the last job of the part before, or null */
    static Where jobs(UUID orgId, @Nullable Cursor after) {
        Where where = new Where("org_id = ?", orgId);
        if (after != null) {
            where.and("(begun_at_ms, id) < (?, ?)", after.value(), after.id());
        }
        return where;
    }

    static String jobs(Where where, int limit) {
        return BoundedRows.select(
                "*",
                JOBS + " WHERE " + where.sql(),
                NEWEST_FIRST,
                NEWEST_FIRST,
                "octet_length(query) + octet_length(reason) + octet_length(status_reason)",
                limit);
    }

    static BulkJobRow job(ResultSet row) throws SQLException {
        return new BulkJobRow(
                row.getObject("org_id", UUID.class),
                row.getObject("id", UUID.class),
                row.getString("status"),
                row.getString("status_by"),
                row.getString("status_reason"),
                row.getString("action"),
                row.getString("query"),
                row.getInt("rate"),
                row.getLong("force_after_ms"),
                row.getLong("expected"),
                row.getString("reason"),
                row.getString("requested_by"),
                row.getString("role"),
                row.getString("credential"),
                row.getLong("begun_at_ms"),
                row.getLong("changed_at_ms"),
                row.getLong("done"),
                row.getLong("refused"),
                row.getLong("skipped"),
                row.getString("runner"),
                row.getLong("claimed_until_ms"),
                Texts.read(row.getString("how")),
                row.getLong("version"));
    }

    private static Where ofJob(UUID orgId, UUID jobId) {
        return new Where("a.org_id = ?", orgId).and(JOB + " = ?", jobId.toString());
    }

    /** @param after the last item of the part before, or null */
    static Where items(UUID orgId, UUID jobId, @Nullable String result, @Nullable Cursor after) {
        Where where = ofJob(orgId, jobId);
        if (result != null) {
            where.and(RESULT + " = ?", result);
        }
        if (after != null) {
            where.and(
                    "(a.decided_at_ms, a.partition_number, a.event_offset) < (?, ?, ?)",
                    after.value(),
                    after.id().getMostSignificantBits(),
                    after.id().getLeastSignificantBits());
        }
        return where;
    }

    static String items(Where where, int limit) {
        return BoundedRows.select(
                ITEMS,
                "audit_trail a WHERE " + where.sql() + " AND " + FIRST,
                ITEMS_ORDER,
                ITEMS_SELECTED,
                "coalesce(octet_length(a.refusal), 0)",
                limit);
    }

    static BulkItem item(ResultSet row) throws SQLException {
        String newExecution = row.getString("new_execution");
        return new BulkItem(
                row.getObject("item", UUID.class),
                row.getString("result"),
                row.getString("refusal"),
                newExecution == null ? null : UUID.fromString(newExecution),
                row.getLong("decided_at_ms"));
    }

    /** @return the place of an item in the list */
    static Cursor place(ResultSet row) throws SQLException {
        return new Cursor(
                row.getLong("decided_at_ms"), new UUID(row.getInt("partition_number"), row.getLong("event_offset")));
    }

    /** @param after the last item that is counted already, or null */
    static Where tally(UUID orgId, UUID jobId, @Nullable Cursor after) {
        Where where = ofJob(orgId, jobId);
        return after == null ? where : where.and(BEHIND, after.value(), after.id());
    }

    /**
     * Its rows: how many items behind the last one of which result. What a run asked and could not tell is among the newest entries.
     *
     * @param after as in the condition
     */
    static String tally(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after) {
        String items = subject == Subject.TASKS ? "task_executions" : "workflow_executions";
        return "SELECT result, count(*) FROM (SELECT DISTINCT ON (item) org_id, item, result FROM (SELECT a.org_id, "
                + ITEM
                + " AS item, " + RESULT + " AS result, a.partition_number, a.event_offset FROM audit_trail a WHERE "
                + ofJob(orgId, jobId).sql() + " ORDER BY " + ITEMS_ORDER + " LIMIT " + MOST_UNTOLD
                + ") AS newest ORDER BY item, partition_number, event_offset) AS asked"
                + (after == null
                        ? ""
                        : " JOIN " + items + " AS e ON e.org_id = asked.org_id AND e.id = asked.item WHERE " + BEHIND)
                + " GROUP BY result";
    }

    static Where asked(UUID orgId, UUID jobId, List<UUID> ids) {
        return ofJob(orgId, jobId)
                .and(ITEM + " IN (" + String.join(", ", Collections.nCopies(ids.size(), "?")) + ")", ids.toArray());
    }

    static String asked(Where where) {
        return "SELECT DISTINCT " + ITEM + " FROM audit_trail a WHERE " + where.sql();
    }
}
