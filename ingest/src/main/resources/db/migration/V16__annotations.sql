-- What people noted about workflows: a line each to be looked for, and all of it to be shown. Logs of before have none.
ALTER TABLE workflow_executions
    ADD COLUMN annotation  text,
    ADD COLUMN annotations jsonb;
CREATE INDEX workflow_executions_annotated ON workflow_executions (org_id, created_at_ms DESC, id DESC)
    WHERE annotation IS NOT NULL;
