package io.millrace.ingest.readmodel;

import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.TrailEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/**
 * Requests that wait for an approval. Request and decisions of one stand in one partition, in that order, so what decides comes
 * behind what it decides, also within a batch. One thread.
 */
final class PendingRows {

    private static final List<String> REQUEST_TYPES = List.of("uuid", "text", "int4", "int8", "int8", "int8");
    private static final String ASK = "INSERT INTO pending_approvals"
            + " (org_id, approval, partition_number, event_offset, asked_at_ms, expires_at_ms) SELECT * FROM "
            + ColumnArrays.unnest(REQUEST_TYPES) + " AS n ON CONFLICT DO NOTHING";

    private static final List<String> DECISION_TYPES = List.of("uuid", "text", "int4", "int8");
    private static final String DECIDE = "DELETE FROM pending_approvals p USING "
            + ColumnArrays.unnest(DECISION_TYPES) + " AS d (org_id, approval, partition_number, decided_at_ms)"
            + " WHERE p.approval = d.approval AND p.org_id = d.org_id AND p.partition_number = d.partition_number"
            + " AND p.expires_at_ms > d.decided_at_ms";

    private final ColumnArrays requests = new ColumnArrays(REQUEST_TYPES);
    private final ColumnArrays decisions = new ColumnArrays(DECISION_TYPES);

    /** Takes what the entry says of an approval, if it says anything. */
    void add(TrailEntry entry) {
        String approval = entry.details().get(Asked.APPROVAL);
        if (entry.request() == null || approval == null || !entry.outcome().equals(TrailEntry.DONE)) {
            return;
        }
        switch (entry.request()) {
            case Approval.REQUESTED -> ask(entry, approval);
            case Approval.APPROVED, Approval.REFUSED ->
                decisions.row(entry.orgId(), Texts.clean(approval), entry.partition(), entry.decidedMs());
            default -> {
                // What was carried out was decided before.
            }
        }
    }

    private void ask(TrailEntry entry, String approval) {
        try {
            long expiresMs = Instant.parse(entry.details().getOrDefault(Approval.EXPIRES, ""))
                    .toEpochMilli();
            requests.row(
                    entry.orgId(),
                    Texts.clean(approval),
                    entry.partition(),
                    entry.offset(),
                    entry.decidedMs(),
                    expiresMs);
        } catch (DateTimeException | ArithmeticException e) {
            // A forged one, which waits for nobody: no decision on it could be carried out.
        }
    }

    void write(Connection connection) throws SQLException {
        requests.write(connection, ASK);
        decisions.write(connection, DECIDE);
    }
}
