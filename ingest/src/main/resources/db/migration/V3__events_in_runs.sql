-- Events of an execution that came in together are one row. A row for each, with its places in two indexes, cost several
-- times as much. The view shows them one by one; chain sequences within a run have no gaps.
CREATE TABLE event_runs (
    partition_number     integer   NOT NULL,
    org_id               uuid      NOT NULL,
    execution_id         uuid,
    first_chain_sequence bigint    NOT NULL,
    event_offsets        bigint[]  NOT NULL,
    command_ids          uuid[]    NOT NULL,
    task_ids             uuid[]    NOT NULL,
    history_sequences    integer[] NOT NULL,
    types                text[]    NOT NULL,
    data                 bytea[]   NOT NULL,
    times_ms             bigint[]  NOT NULL,
    hashes               bytea[]   NOT NULL
);
-- Whatever fits into a page stays as it is: to compress it costs more than it saves.
ALTER TABLE event_runs SET (toast_tuple_target = 8160);

INSERT INTO event_runs
SELECT partition_number, org_id, execution_id, min(chain_sequence), array_agg(event_offset ORDER BY chain_sequence),
       array_agg(command_id ORDER BY chain_sequence), array_agg(task_id ORDER BY chain_sequence),
       array_agg(history_sequence ORDER BY chain_sequence), array_agg(type ORDER BY chain_sequence),
       array_agg(data ORDER BY chain_sequence), array_agg(time_ms ORDER BY chain_sequence),
       array_agg(hash ORDER BY chain_sequence)
FROM (SELECT *, chain_sequence - row_number() OVER (PARTITION BY partition_number, org_id, execution_id
                                                    ORDER BY chain_sequence) AS run
      FROM events) AS numbered
GROUP BY partition_number, org_id, execution_id, run;
DROP TABLE events;
CREATE INDEX event_runs_of_execution ON event_runs (execution_id, first_chain_sequence);

CREATE VIEW events AS
SELECT r.partition_number, e.event_offset, r.org_id, r.execution_id, e.task_id, e.history_sequence,
       r.first_chain_sequence + e.place - 1 AS chain_sequence, e.type, e.data, e.time_ms, e.hash, e.command_id
FROM event_runs r,
     unnest(r.event_offsets, r.command_ids, r.task_ids, r.history_sequences, r.types, r.data, r.times_ms, r.hashes)
         WITH ORDINALITY
         AS e (event_offset, command_id, task_id, history_sequence, type, data, time_ms, hash, place);

-- Most executions have no metadata, and what is not there need not be indexed.
ALTER TABLE workflow_executions ALTER COLUMN metadata DROP NOT NULL;
ALTER TABLE task_executions ALTER COLUMN metadata DROP NOT NULL;
UPDATE workflow_executions SET metadata = NULL WHERE metadata = '{}';
UPDATE task_executions SET metadata = NULL WHERE metadata = '{}';
DROP INDEX workflow_executions_metadata;
CREATE INDEX workflow_executions_metadata ON workflow_executions USING gin (metadata jsonb_path_ops)
    WHERE metadata IS NOT NULL;
