package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;

/**
 * A line of a file of proofs with all that can be told of it without the lines before.
 *
 * @param index of the entry
 * @param fault why it is not what the log holds at this place; nothing if it is
 * @param outcome what the outcome's record holds; nothing if that is no outcome
 */
record CheckedRecord(long index, Optional<TlogException> fault, Optional<OutcomeRecord> outcome) {}
