-- Queries that have names. Logs of before have none.
CREATE TABLE saved_queries (
    org_id      uuid   NOT NULL,
    name        text   NOT NULL,
    subject     text   NOT NULL,
    query       text   NOT NULL,
    about       text   NOT NULL,
    saved_by    text   NOT NULL,
    saved_at_ms bigint NOT NULL,
    PRIMARY KEY (org_id, name)
);
