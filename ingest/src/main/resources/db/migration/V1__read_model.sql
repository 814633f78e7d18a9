-- The read model: what lists, search and audit queries read. It can be dropped and refilled from millrace.events at any
-- time, so nothing here is a source of truth. Times are milliseconds since the epoch, as in the records. Payloads and event
-- data are the very bytes of the log.

CREATE TABLE workflow_executions (
    id                     uuid PRIMARY KEY,
    org_id                 uuid    NOT NULL,
    kind                   text    NOT NULL,
    queue                  text    NOT NULL,
    status                 integer NOT NULL,
    workflow_version       text    NOT NULL,
    metadata               jsonb   NOT NULL,
    idempotency_key        text,
    parent_execution_id    uuid,
    child_execution_name   text,
    priority_seconds       integer NOT NULL,
    input                  bytea   NOT NULL,
    output                 bytea,
    error                  text,
    created_at_ms          bigint  NOT NULL,
    closed_at_ms           bigint  NOT NULL DEFAULT 0,
    history_length         integer NOT NULL
);
CREATE INDEX workflow_executions_newest ON workflow_executions (org_id, created_at_ms DESC, id DESC);
CREATE INDEX workflow_executions_by_status ON workflow_executions (org_id, status, created_at_ms DESC, id DESC);
CREATE INDEX workflow_executions_by_kind ON workflow_executions (org_id, kind, created_at_ms DESC, id DESC);
CREATE INDEX workflow_executions_metadata ON workflow_executions USING gin (metadata jsonb_path_ops);

-- Every event of every outcome, also those that no worker replays (history_sequence 0).
CREATE TABLE events (
    partition_number integer  NOT NULL,
    event_offset     bigint   NOT NULL,
    event_index      integer  NOT NULL,
    org_id           uuid     NOT NULL,
    execution_id     uuid,
    task_id          uuid,
    history_sequence integer  NOT NULL,
    chain_sequence   bigint   NOT NULL,
    type             text     NOT NULL,
    data             bytea    NOT NULL,
    time_ms          bigint   NOT NULL,
    hash             bytea    NOT NULL,
    command_id       uuid     NOT NULL,
    PRIMARY KEY (partition_number, event_offset, event_index)
);
CREATE INDEX events_of_execution ON events (execution_id, chain_sequence);

CREATE TABLE task_executions (
    id              uuid PRIMARY KEY,
    org_id          uuid    NOT NULL,
    execution_id    uuid,
    kind            text    NOT NULL,
    queue           text    NOT NULL,
    status          integer NOT NULL,
    execution_count integer NOT NULL DEFAULT 0,
    max_retries     integer NOT NULL,
    worker_id       text,
    metadata        jsonb   NOT NULL,
    input           bytea   NOT NULL,
    output          bytea,
    error           text,
    created_at_ms   bigint  NOT NULL,
    started_at_ms   bigint  NOT NULL DEFAULT 0,
    completed_at_ms bigint  NOT NULL DEFAULT 0
);
CREATE INDEX task_executions_newest ON task_executions (org_id, created_at_ms DESC, id DESC);
CREATE INDEX task_executions_of_workflow ON task_executions (execution_id, created_at_ms DESC, id DESC);

-- Requests that were refused: who asked, when, from where, and why not.
CREATE TABLE refusals (
    partition_number integer NOT NULL,
    event_offset     bigint  NOT NULL,
    org_id           uuid,
    command_id       uuid,
    command          text    NOT NULL,
    principal_type   text    NOT NULL,
    principal_id     text    NOT NULL,
    origin           text    NOT NULL,
    reason           text    NOT NULL,
    explanation      text    NOT NULL,
    time_ms          bigint  NOT NULL,
    PRIMARY KEY (partition_number, event_offset)
);
CREATE INDEX refusals_newest ON refusals (org_id, time_ms DESC);

-- Records that could not be taken in; they were passed over.
CREATE TABLE projection_failures (
    partition_number integer NOT NULL,
    event_offset     bigint  NOT NULL,
    error            text    NOT NULL,
    PRIMARY KEY (partition_number, event_offset)
);

-- How far each partition is taken in; moves in the same transaction as what it took in.
CREATE TABLE projector_offsets (
    partition_number integer PRIMARY KEY,
    next_offset      bigint  NOT NULL
);
