-- Each order of a list has an index, whatever the list is narrowed by: to sort a million rows takes a second.
CREATE INDEX workflow_executions_by_start ON workflow_executions (org_id, started_at_ms, id);
CREATE INDEX workflow_executions_by_history ON workflow_executions (org_id, history_length, id);
CREATE INDEX workflow_executions_by_deliveries ON workflow_executions (org_id, deliveries, id);
DROP INDEX workflow_executions_handed_out_again;
CREATE INDEX task_executions_by_start ON task_executions (org_id, started_at_ms, id);
CREATE INDEX task_executions_by_attempt ON task_executions (org_id, execution_count, id);
DROP INDEX task_executions_tried_again;

-- Most have no version. The expression is the one that queries ask for.
CREATE INDEX workflow_executions_by_version ON workflow_executions
    (org_id, (nullif(workflow_version, '')), created_at_ms DESC, id DESC) WHERE nullif(workflow_version, '') IS NOT NULL;
