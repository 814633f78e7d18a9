-- The read model no longer believes what it reads, and what it took in before was not checked. So it begins anew: the projector
-- fills it from the beginning of the log, and says how far it is behind.
TRUNCATE workflow_executions, task_executions, event_runs, projection_failures, projector_offsets;
-- The trail has all refusals, and says more of them.
DROP TABLE refusals;

-- What each request was and what came of it: one row for each outcome; where the server asked in its own name, one for each
-- organisation that it concerns. The organisation of zeroes stands for the server itself.
CREATE TABLE audit_trail (
    org_id             uuid    NOT NULL,
    partition_number   integer NOT NULL,
    event_offset       bigint  NOT NULL,
    command_offset     bigint  NOT NULL,
    command_id         uuid,
    asked_at_ms        bigint  NOT NULL,
    decided_at_ms      bigint  NOT NULL,
    principal_type     text    NOT NULL,
    principal_id       text    NOT NULL,
    principal_role     text,
    credential         text,
    node               text    NOT NULL,
    peer               text,
    client             text,
    trace_id           text,
    command            text    NOT NULL,
    request            text,
    execution_id       uuid,
    more_execution_ids uuid[],
    task_id            uuid,
    queue              text,
    kind               text,
    reason             text,
    outcome            text    NOT NULL,
    refusal            text,
    event_types        text[],
    details            jsonb,
    PRIMARY KEY (org_id, decided_at_ms, partition_number, event_offset)
);
-- Each filter has an index in the order of the list, so that a rare value does not mean reading everything.
CREATE INDEX audit_trail_by_principal ON audit_trail (org_id, principal_id, decided_at_ms, partition_number, event_offset);
CREATE INDEX audit_trail_by_command ON audit_trail (org_id, command, decided_at_ms, partition_number, event_offset);
CREATE INDEX audit_trail_by_outcome ON audit_trail (org_id, outcome, decided_at_ms, partition_number, event_offset);
CREATE INDEX audit_trail_by_queue ON audit_trail (org_id, queue, decided_at_ms, partition_number, event_offset)
    WHERE queue IS NOT NULL;
CREATE INDEX audit_trail_by_execution ON audit_trail (execution_id) WHERE execution_id IS NOT NULL;
CREATE INDEX audit_trail_by_more_executions ON audit_trail USING gin (more_execution_ids)
    WHERE more_execution_ids IS NOT NULL;

-- Outcomes that do not fit their command, their place or the hashes before them: not taken in, and noted here.
CREATE TABLE log_breaks (
    partition_number integer NOT NULL,
    event_offset     bigint  NOT NULL,
    kind             text    NOT NULL,
    explanation      text    NOT NULL,
    PRIMARY KEY (partition_number, event_offset)
);
-- Executions that such an outcome names.
CREATE TABLE broken_executions (
    org_id           uuid    NOT NULL,
    execution_id     uuid    NOT NULL,
    partition_number integer NOT NULL,
    event_offset     bigint  NOT NULL,
    PRIMARY KEY (org_id, execution_id, partition_number, event_offset)
);

-- What the next outcome of the partition has to continue; null: it is believed without. whole: the log was seen from its first
-- record on, so a chain may not begin in its middle.
ALTER TABLE projector_offsets
    ADD COLUMN next_command   bigint,
    ADD COLUMN outcomes_hash  bytea,
    ADD COLUMN event_sequence bigint,
    ADD COLUMN event_hash     bytea,
    ADD COLUMN whole          boolean NOT NULL DEFAULT false,
    ADD COLUMN breaks         bigint  NOT NULL DEFAULT 0;
