-- How many records of the partition were passed over; moves with what it stands for, so that nobody has to count them.
ALTER TABLE projector_offsets ADD COLUMN passed_over bigint NOT NULL DEFAULT 0;
UPDATE projector_offsets o SET passed_over =
    (SELECT count(*) FROM projection_failures f WHERE f.partition_number = o.partition_number);
