package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.SignedNote;
import java.util.List;
import java.util.UUID;

/**
 * First line of a file of proofs.
 *
 * @param origin of the log
 * @param partition that the log is of
 * @param execution whose records the file holds
 * @param records lines that follow
 * @param checkpoint that all proofs lead to, with its cosignatures
 * @param keys statements of keys up to the checkpoint, in the order of their sizes
 */
public record ProofHead(
        String origin, int partition, UUID execution, int records, SignedNote checkpoint, List<SignedNote> keys) {

    /** What the file says that it is. */
    public static final String FORMAT = "millrace-proof/v1";
}
