package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.Hash;
import java.util.List;
import java.util.Optional;

/**
 * A further line of a file of proofs: one outcome, its command, and the proof that both stand in the log.
 *
 * @param index of the entry
 * @param entry in the form of {@link OutcomeLeaf}
 * @param hashes inclusion proof from the entry to the checkpoint
 * @param outcome the record on millrace.events
 * @param command the record on millrace.commands, if there is one
 */
public record ProvedRecord(
        long index, byte[] entry, List<Hash> hashes, LoggedRecord outcome, Optional<LoggedRecord> command) {}
