-- Schedules, and what became of each of their due times. Logs of before have none.
CREATE TABLE schedules (
    org_id            uuid    NOT NULL,
    id                uuid    NOT NULL,
    name              text    NOT NULL,
    form              text    NOT NULL,
    cron              text    NOT NULL,
    time_zone         text    NOT NULL,
    every_ms          bigint  NOT NULL,
    at_ms             bigint  NOT NULL,
    start_ms          bigint  NOT NULL,
    end_ms            bigint  NOT NULL,
    jitter_ms         bigint  NOT NULL,
    overlap           text    NOT NULL,
    missed            text    NOT NULL,
    missed_after_ms   bigint  NOT NULL,
    cancel_after_ms   bigint  NOT NULL,
    kind              text    NOT NULL,
    queue             text    NOT NULL,
    workflow_version  text    NOT NULL,
    metadata          jsonb,
    priority_seconds  integer NOT NULL,
    input             bytea,
    created_by        text    NOT NULL,
    created_at_ms     bigint  NOT NULL,
    paused            integer NOT NULL,
    paused_by         text,
    pause_reason      text,
    ended             integer NOT NULL,
    backfilling       integer NOT NULL,
    next_at_ms        bigint  NOT NULL,
    last_run_id       uuid,
    last_started_at_ms bigint NOT NULL,
    runs              bigint  NOT NULL,
    skipped           bigint  NOT NULL,
    deleted_at_ms     bigint  NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX schedules_by_creation ON schedules (org_id, created_at_ms DESC, id DESC) WHERE deleted_at_ms = 0;
CREATE INDEX schedules_by_name ON schedules (org_id, name) WHERE deleted_at_ms = 0;

CREATE TABLE schedule_runs (
    org_id           uuid    NOT NULL,
    schedule_id      uuid    NOT NULL,
    decided_at_ms    bigint  NOT NULL,
    event_offset     bigint  NOT NULL,
    event_index      integer NOT NULL,
    due_at_ms        bigint  NOT NULL,
    cause            text    NOT NULL,
    decision         text    NOT NULL,
    skip_reason      text,
    run_id           uuid,
    PRIMARY KEY (org_id, schedule_id, decided_at_ms, event_offset, event_index)
);
CREATE INDEX schedule_runs_by_run ON schedule_runs (org_id, schedule_id, run_id) WHERE run_id IS NOT NULL;
