package io.millrace.ingest.audit.proof;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.InclusionChecker;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.proto.Ids;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks whether records are what the log holds at their places, each by itself. One thread. */
final class RecordCheck {

    private final int partition;
    private final ChainCheck chain;
    private final Checkpoint checkpoint;
    private final TreeHasher trees = new TreeHasher();
    private final RecordHasher records = new RecordHasher();
    private final OutcomeHashes hashes = new OutcomeHashes();
    private final InclusionChecker inclusion;

    /** @param checkpoint that all proofs have to lead to */
    RecordCheck(ProofHead head, Checkpoint checkpoint) {
        this.partition = head.partition();
        this.chain = new ChainCheck(Ids.toByteString(head.execution()));
        this.checkpoint = checkpoint;
        this.inclusion = new InclusionChecker(checkpoint.size(), checkpoint.root(), trees);
    }

    /** @param before the line before; null: it is not at hand, and the hashes stay unchecked */
    CheckedRecord check(ProvedRecord record, @Nullable CheckedRecord before) {
        long index = record.index();
        Optional<OutcomeRecord> outcome;
        try {
            expectInLog(record);
            outcome = outcome(record.outcome());
            outcome.ifPresent(found -> expectCommand(record, found));
        } catch (TlogException e) {
            return new CheckedRecord(index, Optional.of(e), Optional.empty(), false, Optional.empty());
        }
        if (before == null || before.outcome().isEmpty() || outcome.isEmpty()) {
            return new CheckedRecord(index, Optional.empty(), outcome, false, Optional.empty());
        }
        try {
            chain.check(before.outcome().get(), before.index(), outcome.get(), index);
            return new CheckedRecord(index, Optional.empty(), outcome, true, Optional.empty());
        } catch (TlogException e) {
            return new CheckedRecord(index, Optional.empty(), outcome, true, Optional.of(e));
        }
    }

    private void expectCommand(ProvedRecord record, OutcomeRecord outcome) {
        long offset = record.command().map(LoggedRecord::offset).orElse(-1L);
        if (offset != outcome.getCommandOffset()) {
            throw new TlogException("expected the command at offset " + outcome.getCommandOffset()
                    + ", which the outcome names, but the log knows "
                    + (offset < 0 ? "none" : "the one at " + offset) + ": no dispatcher has written it so");
        }
        if (record.command().isPresent()) {
            String differs = difference(outcome, record.command().get());
            if (differs != null) {
                throw new TlogException("expected the " + differs + " of the command at offset " + offset
                        + ", but the outcome has another: no dispatcher has written it so");
            }
        }
    }

    /** @return what of the command the outcome says otherwise; null: nothing. A dispatcher copies all of it */
    private @Nullable String difference(OutcomeRecord outcome, LoggedRecord record) {
        CommandRecord command = command(record);
        if (!outcome.getCommandId().equals(command.getCommandId())) {
            return "id";
        }
        if (!outcome.getOrgId().equals(command.getOrgId())) {
            return "organisation";
        }
        if (!outcome.getPrincipal().equals(command.getPrincipal())) {
            return "principal";
        }
        if (!outcome.getOrigin().equals(command.getOrigin())) {
            return "origin";
        }
        if (!outcome.getTraceparent().equals(command.getTraceparent())) {
            return "trace";
        }
        if (!outcome.getCommand().equals(command.getBodyCase().name().toLowerCase(Locale.ROOT))) {
            return "name";
        }
        ByteString hash = OutcomeHashes.coverCommands(outcome.getRulesVersion())
                ? ByteString.copyFrom(hashes.command(record.value()))
                : ByteString.EMPTY;
        return hash.equals(outcome.getCommandHash()) ? null : "hash";
    }

    private static CommandRecord command(LoggedRecord record) {
        try {
            return CommandRecord.parseFrom(record.value() == null ? new byte[0] : record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new TlogException("expected a command at offset " + record.offset() + ", but the record is none", e);
        }
    }

    private void expectInLog(ProvedRecord record) {
        OutcomeLeaf leaf = OutcomeLeaf.decode(record.entry());
        Hash root = inclusion.rootOf(record.index(), trees.leaf(record.entry()), record.hashes());
        if (!root.equals(checkpoint.root())) {
            throw new TlogException("expected its proof to lead to the root " + checkpoint.root()
                    + " of the checkpoint, but it leads to " + root
                    + ": its entry is not in the log at this place, or the proof was changed");
        }
        if (leaf.partition() != partition) {
            throw new TlogException(
                    "expected an entry of partition " + partition + ", but got one of " + leaf.partition());
        }
        expectSame("outcome", leaf.outcomeOffset(), leaf.outcome(), record.outcome());
        if (leaf.commandOffset() >= 0 != record.command().isPresent()) {
            throw new TlogException(
                    record.command().isPresent()
                            ? "expected no command, since the log knows none, but got one"
                            : "expected its command, but it is left out");
        }
        if (record.command().isPresent()) {
            expectSame(
                    "command",
                    leaf.commandOffset(),
                    leaf.command(),
                    record.command().get());
        }
    }

    private void expectSame(String what, long offset, Hash hash, LoggedRecord found) {
        if (found.offset() != offset) {
            throw new TlogException(
                    "expected the " + what + " at offset " + offset + ", but got the one at " + found.offset());
        }
        if (!records.hash(found).equals(hash)) {
            throw new TlogException(
                    "expected the " + what + " at offset " + offset + " to be as the log has it, but it was changed");
        }
    }

    private static Optional<OutcomeRecord> outcome(LoggedRecord record) {
        try {
            return Optional.of(OutcomeRecord.parseFrom(record.value() == null ? new byte[0] : record.value()));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }
}
