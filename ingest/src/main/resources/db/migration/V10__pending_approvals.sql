-- Requests that wait for somebody else: to look for them must not mean to look at all that were ever made.
CREATE TABLE pending_approvals (
    org_id           uuid    NOT NULL,
    approval         text    NOT NULL,
    partition_number integer NOT NULL,
    event_offset     bigint  NOT NULL,
    asked_at_ms      bigint  NOT NULL,
    expires_at_ms    bigint  NOT NULL,
    PRIMARY KEY (org_id, asked_at_ms, partition_number, event_offset)
);
CREATE INDEX pending_approvals_by_approval ON pending_approvals (approval);
CREATE INDEX pending_approvals_by_expiry ON pending_approvals (expires_at_ms);

INSERT INTO pending_approvals
SELECT org_id, details ->> 'approval', partition_number, event_offset, decided_at_ms,
       (extract(epoch FROM (details ->> 'expires')::timestamptz) * 1000)::bigint
FROM audit_trail asked
WHERE request = 'approval_requested' AND outcome = 'DONE'
  AND NOT EXISTS (
      SELECT FROM audit_trail decided
      WHERE decided.details ->> 'approval' = asked.details ->> 'approval'
        AND decided.org_id = asked.org_id
        AND decided.partition_number = asked.partition_number
        AND decided.request IN ('approval_approved', 'approval_refused') AND decided.outcome = 'DONE'
        AND decided.decided_at_ms < extract(epoch FROM (asked.details ->> 'expires')::timestamptz) * 1000);
