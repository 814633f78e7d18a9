-- Nearly every entry of the trail is everyday work that was done: a start, what a worker decided, a task's end. Whoever looks for those
-- finds them at the end of the trail, without an index. So only what is rare has a place in these two.
DROP INDEX audit_trail_by_command;
CREATE INDEX audit_trail_by_command ON audit_trail (org_id, command, decided_at_ms, partition_number, event_offset)
    WHERE command <> 'start_workflow' AND command <> 'submit_commands' AND command <> 'complete_task';
DROP INDEX audit_trail_by_outcome;
CREATE INDEX audit_trail_by_outcome ON audit_trail (org_id, outcome, decided_at_ms, partition_number, event_offset)
    WHERE outcome <> 'DONE';
