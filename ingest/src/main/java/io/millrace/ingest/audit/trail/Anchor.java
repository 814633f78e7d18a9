package io.millrace.ingest.audit.trail;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.OutcomeRecord;
import org.jspecify.annotations.Nullable;

/**
 * Up to where the outcomes of a partition are known to be whole, and what the next one has to continue.
 *
 * @param nextCommand offset of the command whose outcome comes next
 * @param outcomesHash running hash of the partition, 32 bytes
 * @param eventSequence number of the last event of the partition's own chain, 0 for none
 * @param eventHash hash of that event, 32 bytes
 * @param whole whether all that stood before was seen; else a chain may begin anywhere
 * @param sealed whether outcomes are sealed here, so that one without a seal is not to be believed
 */
public record Anchor(
        long nextCommand,
        ByteString outcomesHash,
        long eventSequence,
        ByteString eventHash,
        boolean whole,
        boolean sealed) {

    /** What a hash continues where nothing was before. */
    static final ByteString NO_HASH = ByteString.copyFrom(new byte[32]);

    private static final long UNKNOWN = -1;

    /** Before the first command of a partition. */
    public static final Anchor BEGINNING = new Anchor(0, NO_HASH, 0, NO_HASH, true, false);

    /** @return what follows an outcome that is believed without what comes before it */
    static Anchor after(OutcomeRecord outcome, boolean sealed) {
        return new Anchor(outcome.getCommandOffset() + 1, outcome.getPartitionHash(), UNKNOWN, NO_HASH, false, sealed);
    }

    /**
     * @param ownChain null: not known
     * @return what comes behind the outcome after this
     */
    Anchor then(ByteString nextHash, @Nullable ChainHead ownChain, boolean nextSealed) {
        return ownChain == null
                ? new Anchor(nextCommand + 1, nextHash, UNKNOWN, NO_HASH, whole, nextSealed)
                : new Anchor(nextCommand + 1, nextHash, ownChain.sequence(), ownChain.hash(), whole, nextSealed);
    }

    /** @return the end of the partition's own chain, or null if it is not known */
    @Nullable
    ChainHead ownChain() {
        return eventSequence == UNKNOWN ? null : new ChainHead(eventSequence, eventHash);
    }
}
