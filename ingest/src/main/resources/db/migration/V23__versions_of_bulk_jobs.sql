-- By which people tell whether a job is still as they saw it. Jobs of logs of before have none.
ALTER TABLE bulk_jobs ADD COLUMN version bigint NOT NULL DEFAULT 0;
