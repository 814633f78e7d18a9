-- How many outcomes have changed a list so far. Notes of reads, and refusals, change the trail alone.
ALTER TABLE projector_offsets ADD COLUMN list_changes bigint NOT NULL DEFAULT 0;
