-- Who has looked at a dead letter and lets it be. Logs of before have no such notes.
ALTER TABLE workflow_executions
    ADD COLUMN dismissed_at_ms bigint,
    ADD COLUMN dismissed_by    text,
    ADD COLUMN dismiss_reason  text;
ALTER TABLE task_executions
    ADD COLUMN dismissed_at_ms bigint,
    ADD COLUMN dismissed_by    text,
    ADD COLUMN dismiss_reason  text;
