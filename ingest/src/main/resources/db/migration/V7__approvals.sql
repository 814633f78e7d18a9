-- What is asked for and waits for somebody else, and all that belongs to one such request.
CREATE INDEX audit_trail_approvals ON audit_trail (org_id, decided_at_ms, partition_number, event_offset)
    WHERE request = 'approval_requested';
CREATE INDEX audit_trail_by_approval ON audit_trail ((details ->> 'approval')) WHERE details ->> 'approval' IS NOT NULL;
