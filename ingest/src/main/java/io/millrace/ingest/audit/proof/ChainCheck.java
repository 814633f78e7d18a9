package io.millrace.ingest.audit.proof;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Checks the hashes within outcomes, as docs/hashes.md has them: that each event of the execution continues the one before it, and each
 * outcome the one before it in its partition, where that one is at hand. One thread.
 */
final class ChainCheck {

    private final ByteString execution;
    private final OutcomeHashes hashes = new OutcomeHashes();

    ChainCheck(ByteString execution) {
        this.execution = execution;
    }

    /** @return whether the outcome before an entry is at hand, if that of the entry {@code before} is; -1: there is none */
    static boolean follows(long before, long index) {
        return index == before + 1;
    }

    /**
     * @param before the outcome of the line before; null: the line is the first
     * @param indexBefore index of that one's entry; -1: the line is the first
     * @throws TlogException if a hash is not the one that it has to be
     */
    void check(@Nullable OutcomeRecord before, long indexBefore, OutcomeRecord outcome, long index) {
        try {
            byte[] previous = lastHash(before);
            for (EventRecord event : outcome.getEventsList()) {
                if (event.getExecutionId().equals(execution)) {
                    if (!Arrays.equals(event.getHash().toByteArray(), hashes.event(previous, outcome, event))) {
                        throw new TlogException(
                                "expected the hash of event " + event.getChainSequence()
                                        + " to continue that of the event before, but it does not: no dispatcher has written it so");
                    }
                    previous = event.getHash().toByteArray();
                }
            }
            byte[] ofPartition = before == null
                    ? OutcomeHashes.FIRST
                    : before.getPartitionHash().toByteArray();
            if (follows(indexBefore, index)
                    && !Arrays.equals(
                            outcome.getPartitionHash().toByteArray(), hashes.partition(ofPartition, outcome))) {
                throw new TlogException("expected the running hash of the partition to continue that of the outcome"
                        + " before, but it does not: no dispatcher has written it so");
            }
        } catch (IllegalArgumentException e) {
            throw new TlogException(String.valueOf(e.getMessage()), e);
        }
    }

    private byte[] lastHash(@Nullable OutcomeRecord before) {
        if (before != null) {
            for (EventRecord event : before.getEventsList().reversed()) {
                if (event.getExecutionId().equals(execution)) {
                    return event.getHash().toByteArray();
                }
            }
        }
        return OutcomeHashes.FIRST;
    }
}
