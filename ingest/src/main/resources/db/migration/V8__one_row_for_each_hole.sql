-- Behind a hole in the log no outcome is believed: the first of them is noted, and not each.
ALTER TABLE log_breaks ADD COLUMN hole bigint;
CREATE INDEX log_breaks_by_hole ON log_breaks (partition_number, hole) WHERE hole IS NOT NULL;
