-- What people ask for by queries: who had a workflow last, since when it was worked on, how often in a row it was handed out; and
-- the idempotency key of a standalone task. Rows taken in before know none of it. So the read model begins anew: the projector fills
-- it from the beginning of the log, and says how far it is behind.
TRUNCATE workflow_executions, task_executions, event_runs, audit_trail, log_breaks, broken_executions, projection_failures,
    projector_offsets;
ALTER TABLE workflow_executions
    ADD COLUMN worker_id     text,
    ADD COLUMN started_at_ms bigint  NOT NULL DEFAULT 0,
    ADD COLUMN deliveries    integer NOT NULL DEFAULT 0;
ALTER TABLE task_executions ADD COLUMN idempotency_key text;

-- Each order of a list, and each field that says much, has an index, so that neither the rarest value nor a million rows mean
-- reading everything. What most rows lack is indexed where it is there.
CREATE INDEX workflow_executions_by_end ON workflow_executions (org_id, closed_at_ms, id);
CREATE INDEX workflow_executions_by_duration ON workflow_executions
    (org_id, (CASE WHEN closed_at_ms > 0 THEN closed_at_ms - created_at_ms ELSE -1 END), id);
CREATE INDEX workflow_executions_by_worker ON workflow_executions (org_id, worker_id, created_at_ms DESC, id DESC)
    WHERE worker_id IS NOT NULL;
CREATE INDEX workflow_executions_by_key ON workflow_executions (org_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX workflow_executions_by_parent ON workflow_executions (org_id, parent_execution_id, created_at_ms DESC, id DESC)
    WHERE parent_execution_id IS NOT NULL;
CREATE INDEX workflow_executions_with_error ON workflow_executions (org_id, created_at_ms DESC, id DESC)
    WHERE error IS NOT NULL;
CREATE INDEX workflow_executions_handed_out_again ON workflow_executions (org_id, deliveries, id) WHERE deliveries > 1;

CREATE INDEX task_executions_by_end ON task_executions (org_id, completed_at_ms, id);
CREATE INDEX task_executions_by_duration ON task_executions
    (org_id, (CASE WHEN completed_at_ms > 0 AND started_at_ms > 0 THEN completed_at_ms - started_at_ms ELSE -1 END), id);
CREATE INDEX task_executions_by_worker ON task_executions (org_id, worker_id, created_at_ms DESC, id DESC)
    WHERE worker_id IS NOT NULL;
CREATE INDEX task_executions_by_key ON task_executions (org_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX task_executions_with_error ON task_executions (org_id, created_at_ms DESC, id DESC) WHERE error IS NOT NULL;
CREATE INDEX task_executions_tried_again ON task_executions (org_id, execution_count, id) WHERE execution_count > 1;
CREATE INDEX task_executions_metadata ON task_executions USING gin (metadata jsonb_path_ops) WHERE metadata IS NOT NULL;
