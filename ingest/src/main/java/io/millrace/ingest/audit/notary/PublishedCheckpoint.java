package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.Checkpoint;

/**
 * A checkpoint that was published.
 *
 * @param offset on millrace.checkpoints
 * @param checkpoint what it says
 */
record PublishedCheckpoint(long offset, Checkpoint checkpoint) {

    long size() {
        return checkpoint.size();
    }
}
