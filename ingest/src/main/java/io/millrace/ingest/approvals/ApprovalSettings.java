package io.millrace.ingest.approvals;

import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * What has to be approved by somebody else.
 *
 * @param required actions that need it
 * @param expiry how long a request waits
 * @param macs seal what is asked for, so that nobody can change it in the database before it is approved
 */
public record ApprovalSettings(Set<ApprovalAction> required, Duration expiry, CommandMacs macs) {

    /** Nothing needs an approval. */
    public static final ApprovalSettings NONE = new ApprovalSettings(Set.of(), Duration.ofHours(24), CommandMacs.OFF);

    /**
     * Copies the set. Whoever terminates, resets or erases what runs ends it, and so can whoever makes a key that reports; so what
     * needs an approval to be cancelled needs one for these too.
     */
    public ApprovalSettings {
        required =
                Set.copyOf(required.contains(ApprovalAction.CANCEL) ? EnumSet.allOf(ApprovalAction.class) : required);
    }

    @Override
    public String toString() {
        return "ApprovalSettings[" + required + ", " + expiry + "]";
    }
}
