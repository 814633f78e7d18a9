-- Who terminated a workflow, and which run goes on from which. Rows taken in before know none of it, so the read model begins
-- anew.
TRUNCATE workflow_executions, task_executions, event_runs, audit_trail, pending_approvals, log_breaks, broken_executions,
    projection_failures, projector_offsets;
ALTER TABLE workflow_executions
    ADD COLUMN terminated_by text,
    ADD COLUMN reset_from    uuid,
    ADD COLUMN reset_to      uuid;
CREATE INDEX workflow_executions_terminated ON workflow_executions (org_id, terminated_by, created_at_ms DESC, id DESC)
    WHERE terminated_by IS NOT NULL;
CREATE INDEX workflow_executions_by_predecessor ON workflow_executions (org_id, reset_from, created_at_ms DESC, id DESC)
    WHERE reset_from IS NOT NULL;
CREATE INDEX workflow_executions_by_successor ON workflow_executions (org_id, reset_to, created_at_ms DESC, id DESC)
    WHERE reset_to IS NOT NULL;
