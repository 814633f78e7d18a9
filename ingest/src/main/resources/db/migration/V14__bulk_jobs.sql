-- Bulk jobs, and which entries of the trail are their items. Logs of before have none.
CREATE TABLE bulk_jobs (
    org_id           uuid    NOT NULL,
    id               uuid    NOT NULL,
    status           text    NOT NULL,
    status_by        text    NOT NULL,
    status_reason    text    NOT NULL,
    action           text    NOT NULL,
    query            text    NOT NULL,
    rate             integer NOT NULL,
    force_after_ms   bigint  NOT NULL,
    expected         bigint  NOT NULL,
    reason           text    NOT NULL,
    requested_by     text    NOT NULL,
    role             text    NOT NULL,
    credential       text    NOT NULL,
    begun_at_ms      bigint  NOT NULL,
    changed_at_ms    bigint  NOT NULL,
    done             bigint  NOT NULL,
    refused          bigint  NOT NULL,
    skipped          bigint  NOT NULL,
    runner           text    NOT NULL,
    claimed_until_ms bigint  NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX bulk_jobs_by_begin ON bulk_jobs (org_id, begun_at_ms DESC, id DESC);
CREATE INDEX bulk_jobs_open ON bulk_jobs (begun_at_ms, id) WHERE status IN ('RUNNING', 'STOPPING');

CREATE INDEX audit_trail_of_bulk_jobs ON audit_trail
    (org_id, (details ->> 'itemOf'), decided_at_ms, partition_number, event_offset) WHERE details ->> 'itemOf' IS NOT NULL;
CREATE INDEX audit_trail_by_bulk_item ON audit_trail
    (org_id, (details ->> 'itemOf'), (coalesce(task_id, execution_id))) WHERE details ->> 'itemOf' IS NOT NULL;
