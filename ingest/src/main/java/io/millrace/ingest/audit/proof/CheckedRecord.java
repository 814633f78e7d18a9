package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;

/**
 * A line of a file of proofs with all that can be told of it by itself, and by the line before if both are of one block.
 *
 * @param index of the entry
 * @param fault why it is not what the log holds at this place; nothing if it is
 * @param outcome what the outcome's record holds; nothing if that is no outcome
 * @param held whether its hashes were held against the line before
 * @param broken what is wrong with them, if they were
 */
record CheckedRecord(
        long index,
        Optional<TlogException> fault,
        Optional<OutcomeRecord> outcome,
        boolean held,
        Optional<TlogException> broken) {}
