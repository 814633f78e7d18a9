package io.millrace.ingest.readmodel;

import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.PageRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Asks for the entries of the trail that are about approvals. What was refused is none: only what stands says something. */
final class ApprovalReader {

    private static final String ID = "details ->> 'approval'";

    private ApprovalReader() {}

    /** @param after the last request of the part before, or null */
    static Where requests(UUID orgId, boolean pendingOnly, @Nullable Cursor after) {
        Where where = new Where("org_id = ?", orgId)
                .and("request = '" + Approval.REQUESTED + "' AND outcome = '" + TrailEntry.DONE + "'");
        if (pendingOnly) {
            where.and(
                    "(decided_at_ms, partition_number, event_offset) IN"
                            + " (SELECT asked_at_ms, partition_number, event_offset FROM pending_approvals"
                            + " WHERE org_id = ? AND expires_at_ms > ?)",
                    orgId,
                    System.currentTimeMillis());
        }
        TrailReader.behind(where, after);
        return where;
    }

    /** All that names the approval; also what was carried out, and found nothing left to do. */
    static Where all(UUID orgId, String id) {
        return new Where("org_id = ?", orgId)
                .and(ID + " = ?", id)
                .and("outcome IN ('" + TrailEntry.DONE + "', '" + TrailEntry.ALREADY_CLOSED + "', '"
                        + TrailEntry.UNCHANGED + "')");
    }

    /** @return the approval of the id, if it was asked for */
    static Optional<Approval> approval(Connection connection, UUID orgId, String id) throws SQLException {
        // What was asked and decided first is what counts, however often somebody decides again at the same time.
        return Approval.of(TrailReader.oldest(connection, all(orgId, id), PageRequest.MAX_LIMIT)
                .items());
    }
}
