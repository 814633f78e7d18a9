-- How many attempts of a task count no more, since it has its attempts back. Rows taken in before know none of it, so the read model
-- begins anew.
TRUNCATE workflow_executions, task_executions, event_runs, audit_trail, pending_approvals, schedules, schedule_runs, bulk_jobs,
    log_breaks, broken_executions, projection_failures, projector_offsets;
ALTER TABLE task_executions ADD COLUMN attempts_before integer NOT NULL DEFAULT 0;
CREATE INDEX task_executions_by_left ON task_executions
    (org_id, (greatest(max_retries + 1 + attempts_before - execution_count, 0)), id);
