-- Ids of children and tasks come from clients, so two organisations may use the same one: a row belongs to its organisation.
ALTER TABLE workflow_executions DROP CONSTRAINT workflow_executions_pkey, ADD PRIMARY KEY (org_id, id);
ALTER TABLE task_executions DROP CONSTRAINT task_executions_pkey, ADD PRIMARY KEY (org_id, id);

-- Every filter of a list has an index in the order of the list, so that a rare value does not mean reading everything.
CREATE INDEX workflow_executions_by_queue ON workflow_executions (org_id, queue, created_at_ms DESC, id DESC);
CREATE INDEX task_executions_by_status ON task_executions (org_id, status, created_at_ms DESC, id DESC);
CREATE INDEX task_executions_by_kind ON task_executions (org_id, kind, created_at_ms DESC, id DESC);
CREATE INDEX task_executions_by_queue ON task_executions (org_id, queue, created_at_ms DESC, id DESC);

-- Time of the last record taken in, milliseconds since the epoch: whatever is missing is younger. 0: not known.
ALTER TABLE projector_offsets ADD COLUMN taken_until_ms bigint NOT NULL DEFAULT 0;
