package io.millrace.ingest.audit.proof;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.InclusionChecker;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;

/**
 * Checks the records of a file of proofs, one after the other, and names the first thing that is wrong by an exception. Events of
 * the execution are numbered without a gap, so none can be left out before the last one shown. One thread.
 */
public final class ProofVerifier {

    private final ProofHead head;
    private final Checkpoint checkpoint;
    private final ByteString execution;
    private final InclusionChecker inclusion;
    private long lastIndex = -1;
    private int seen;
    private long events;
    private String lastEvent = "";

    /**
     * What was found to be whole.
     *
     * @param records of the execution
     * @param events of the execution, numbered from 1
     * @param lastEvent type of the last of them
     */
    public record Verdict(int records, long events, String lastEvent) {}

    /**
     * @param checkpoint of the head, whose signatures were checked
     */
    public ProofVerifier(ProofHead head, Checkpoint checkpoint) {
        this.head = head;
        this.checkpoint = checkpoint;
        this.execution = Ids.toByteString(head.execution());
        this.inclusion = new InclusionChecker(checkpoint.size(), checkpoint.root(), new TreeHasher());
    }

    /**
     * Takes the next record.
     *
     * @throws TlogException if it is not what the log holds, or not in its place
     */
    void take(HashedRecord hashed) {
        ProvedRecord record = hashed.record();
        if (seen == head.records()) {
            throw new TlogException("expected " + head.records() + " records, but there are more");
        }
        String where = "the record at index " + record.index() + ": ";
        if (record.index() <= lastIndex) {
            throw new TlogException("expected a record behind index " + lastIndex + ", but got one at " + record.index()
                    + ": it is repeated, or stands in another's place");
        }
        lastIndex = record.index();
        seen++;
        try {
            check(hashed);
        } catch (TlogException e) {
            throw new TlogException(where + e.getMessage(), e);
        }
    }

    private void check(HashedRecord hashed) {
        ProvedRecord record = hashed.record();
        OutcomeLeaf leaf = OutcomeLeaf.decode(record.entry());
        Hash root = inclusion.rootOf(record.index(), hashed.leaf(), record.hashes());
        if (!root.equals(checkpoint.root())) {
            throw new TlogException("expected its proof to lead to the root " + checkpoint.root()
                    + " of the checkpoint, but it" + " leads to " + root
                    + ": its entry is not in the log at this place, or the proof was changed");
        }
        if (leaf.partition() != head.partition()) {
            throw new TlogException(
                    "expected an entry of partition " + head.partition() + ", but got one of " + leaf.partition());
        }
        same("outcome", leaf.outcomeOffset(), leaf.outcome(), record.outcome().offset(), hashed.outcomeHash());
        if (leaf.commandOffset() >= 0 != record.command().isPresent()) {
            throw new TlogException(
                    record.command().isPresent()
                            ? "expected no command, since the log knows none, but got one"
                            : "expected its command, but it is left out");
        }
        if (record.command().isPresent()) {
            same(
                    "command",
                    leaf.commandOffset(),
                    leaf.command(),
                    record.command().get().offset(),
                    hashed.commandHash().orElseThrow());
        }
        follow(hashed.outcome());
    }

    private static void same(String what, long offset, Hash hash, long offsetFound, Hash hashFound) {
        if (offsetFound != offset) {
            throw new TlogException(
                    "expected the " + what + " at offset " + offset + ", but got the one at " + offsetFound);
        }
        if (!hashFound.equals(hash)) {
            throw new TlogException(
                    "expected the " + what + " at offset " + offset + " to be as the log has it, but it was changed");
        }
    }

    private void follow(Optional<OutcomeRecord> record) {
        OutcomeRecord outcome =
                record.orElseThrow(() -> new TlogException("expected an outcome, but the record is none"));
        if (outcome.hasRefusal()) {
            throw new TlogException("expected an outcome with an event of execution " + head.execution()
                    + ", but it is a refusal: files of proofs have none");
        }
        boolean ours = false;
        for (EventRecord event : outcome.getEventsList()) {
            if (event.getExecutionId().equals(execution)) {
                ours = true;
                if (event.getChainSequence() != events + 1) {
                    throw new TlogException("expected event " + (events + 1) + " of the execution, but got event "
                            + event.getChainSequence() + ": a record before it was left out");
                }
                events++;
                lastEvent = event.getType();
            }
        }
        if (!ours) {
            throw new TlogException(
                    "expected an outcome with an event of execution " + head.execution() + ", but it has none");
        }
    }

    /** @throws TlogException if there were fewer records than the head says, or none with an event of the execution */
    public Verdict end() {
        if (seen != head.records()) {
            throw new TlogException("expected " + head.records() + " records, but the file ends after " + seen);
        }
        if (events == 0) {
            throw new TlogException("expected events of execution " + head.execution() + ", but the file has none");
        }
        return new Verdict(seen, events, lastEvent);
    }
}
