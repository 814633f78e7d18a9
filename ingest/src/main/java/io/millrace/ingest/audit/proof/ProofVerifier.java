package io.millrace.ingest.audit.proof;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows the records of a file of proofs, one after the other, and names the first thing that is wrong by an exception. Events of
 * the execution are numbered without a gap, so none can be left out before the last one shown, and each has the
 * hash that continues the one before. One thread.
 */
final class ProofVerifier {

    private final ProofHead head;
    private final ByteString execution;
    private long lastIndex = -1;
    private int seen;
    private long lastCommand = -1;
    private long events;
    private String lastEvent = "";
    private final ChainCheck chain;
    private @Nullable OutcomeRecord last;
    private int followed;

    /**
     * What was found to be whole.
     *
     * @param records of the execution
     * @param events of the execution, numbered from 1
     * @param lastEvent type of the last of them
     * @param followed outcomes whose running hash of the partition was checked, since the outcome before is in the file, or there is none.
     *     The hashes of the events were checked of all
     */
    public record Verdict(int records, long events, String lastEvent, int followed) {}

    /** @param head of the file, whose checkpoint was checked */
    ProofVerifier(ProofHead head) {
        this.head = head;
        this.execution = Ids.toByteString(head.execution());
        this.chain = new ChainCheck(execution);
    }

    /**
     * Takes the next record.
     *
     * @throws TlogException if it is not what the log holds, or not in its place
     */
    void take(CheckedRecord record) {
        if (seen == head.records()) {
            throw new TlogException("expected " + head.records() + " records, but there are more");
        }
        if (record.index() <= lastIndex) {
            throw new TlogException("expected a record behind index " + lastIndex + ", but got one at " + record.index()
                    + ": it is repeated, or stands in another's place");
        }
        seen++;
        try {
            if (record.fault().isPresent()) {
                throw record.fault().get();
            }
            follow(record.outcome());
            continueHashes(record);
        } catch (TlogException e) {
            throw new TlogException("the record at index " + record.index() + ": " + e.getMessage(), e);
        }
    }

    private void continueHashes(CheckedRecord record) {
        if (record.broken().isPresent()) {
            throw record.broken().get();
        }
        OutcomeRecord outcome = record.outcome().orElseThrow();
        if (!record.held()) {
            chain.check(last, lastIndex, outcome, record.index());
        }
        if (ChainCheck.follows(lastIndex, record.index())) {
            followed++;
        }
        last = outcome;
        lastIndex = record.index();
    }

    private void follow(Optional<OutcomeRecord> record) {
        OutcomeRecord outcome =
                record.orElseThrow(() -> new TlogException("expected an outcome, but the record is none"));
        if (outcome.getCommandOffset() <= lastCommand) {
            throw new TlogException("expected the outcome of a command behind offset " + lastCommand
                    + ", but it is of the one at " + outcome.getCommandOffset() + ": no dispatcher has written it so");
        }
        lastCommand = outcome.getCommandOffset();
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
                            + event.getChainSequence() + ": a record before it was left out, or stands behind it");
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
        return new Verdict(seen, events, lastEvent, followed);
    }
}
