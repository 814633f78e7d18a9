-- The transparency logs, one for each partition of millrace.events. All of it can be made again from Kafka: drop the schema, and
-- the notary does so, and holds what comes out against the checkpoints that were published.

CREATE TABLE logs (
    partition_number  integer PRIMARY KEY,
    -- Leaves of the tree, and where the outcome of the next one is looked for.
    size              bigint  NOT NULL DEFAULT 0,
    next_outcome      bigint  NOT NULL DEFAULT 0,
    -- The newest checkpoint, with the cosignatures that it has so far.
    checkpoint        text,
    checkpoint_size   bigint  NOT NULL DEFAULT -1,
    cosignatures      integer NOT NULL DEFAULT 0,
    -- Up to where millrace.checkpoints was held against the tree.
    checked_until     bigint  NOT NULL DEFAULT 0,
    -- A checkpoint of at least this size is wanted at once.
    wanted_size       bigint  NOT NULL DEFAULT 0,
    -- The patrol: the next leaf that it looks at, how often it was through, and since when it is at it.
    patrol_next       bigint  NOT NULL DEFAULT 0,
    patrol_rounds     bigint  NOT NULL DEFAULT 0,
    -- What is wrong with the log. While it stands here nothing is signed.
    fault             text
);

-- Tiles of hashes, and at level -1 bundles of entries. The last of each level is replaced as it grows.
CREATE TABLE tiles (
    partition_number integer NOT NULL,
    level            integer NOT NULL,
    tile             bigint  NOT NULL,
    -- Of a bundle: the offset of its first outcome.
    first_outcome    bigint,
    bytes            bytea   NOT NULL,
    PRIMARY KEY (partition_number, level, tile)
);
CREATE INDEX tiles_by_outcome ON tiles (partition_number, first_outcome) WHERE level = -1;
-- Hashes cannot be compressed, and to try costs time.
ALTER TABLE tiles ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Which keys sign, from which size on.
CREATE TABLE key_statements (
    partition_number integer NOT NULL,
    place            bigint  NOT NULL,
    size             bigint  NOT NULL,
    note             text    NOT NULL,
    PRIMARY KEY (partition_number, place)
);
