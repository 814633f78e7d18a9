package io.millrace.ingest.audit.proof;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;

/**
 * A line of a file of proofs with all that can be told of it without the lines before.
 *
 * @param record as it was read
 * @param leaf hash of its entry
 * @param outcomeHash of the outcome's record
 * @param commandHash of the command's, if it has one
 * @param outcome what the outcome's record holds; nothing if that is no outcome
 */
record HashedRecord(
        ProvedRecord record, Hash leaf, Hash outcomeHash, Optional<Hash> commandHash, Optional<OutcomeRecord> outcome) {

    /** @param trees of the same thread, as the records' hasher */
    static HashedRecord of(ProvedRecord record, TreeHasher trees, RecordHasher records) {
        return new HashedRecord(
                record,
                trees.leaf(record.entry()),
                records.hash(record.outcome()),
                record.command().map(records::hash),
                outcome(record.outcome()));
    }

    private static Optional<OutcomeRecord> outcome(LoggedRecord record) {
        try {
            return Optional.of(OutcomeRecord.parseFrom(record.value() == null ? new byte[0] : record.value()));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }
}
