-- What people change has a version, by which they tell whether it is still as they saw it.
ALTER TABLE schedules ADD COLUMN version bigint NOT NULL DEFAULT 0;
ALTER TABLE saved_queries ADD COLUMN version bigint NOT NULL DEFAULT 0;
