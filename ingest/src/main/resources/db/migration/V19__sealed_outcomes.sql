-- Whether outcomes are sealed there, so that one without a seal is not to be believed.
ALTER TABLE projector_offsets ADD COLUMN sealed boolean NOT NULL DEFAULT false;
