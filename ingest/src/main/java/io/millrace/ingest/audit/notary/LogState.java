package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.SignedNote;
import java.util.Optional;

/**
 * How the transparency log of a partition stands.
 *
 * @param partition which
 * @param size leaves of its tree
 * @param nextOutcome offset from which on the next outcome is looked for
 * @param checkpoint the newest that was published, with its cosignatures
 * @param checkpointSize size of that one; -1 if there is none
 * @param cosignatures how many witnesses have signed it
 * @param checkedUntil offset on millrace.checkpoints up to which what was published was held against the tree; the topic may never end before
 * @param wantedSize a checkpoint of at least this size is wanted at once
 * @param patrolNext the leaf that the patrol looks at next
 * @param patrolRounds how often the patrol was through
 * @param fault what is wrong; nothing is signed then
 */
public record LogState(
        int partition,
        long size,
        long nextOutcome,
        Optional<SignedNote> checkpoint,
        long checkpointSize,
        int cosignatures,
        long checkedUntil,
        long wantedSize,
        long patrolNext,
        long patrolRounds,
        Optional<String> fault) {}
