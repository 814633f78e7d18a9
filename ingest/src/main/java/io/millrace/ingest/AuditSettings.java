package io.millrace.ingest;

import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.proto.mac.CommandMacs;

/**
 * What the front door does for the audit beyond what it always does.
 *
 * @param reads whether it stands in the log who read payloads
 * @param reasonRequired whether destructive requests over HTTP have to say why
 * @param proxies whose word on where a request comes from is believed
 * @param approvals what somebody else has to approve
 */
public record AuditSettings(boolean reads, boolean reasonRequired, TrustedProxies proxies, ApprovalSettings approvals) {

    /** Without approvals. */
    public AuditSettings(boolean reads, boolean reasonRequired, TrustedProxies proxies) {
        this(reads, reasonRequired, proxies, ApprovalSettings.NONE);
    }

    /** @return the same, where nodes know each other's commands by these */
    public AuditSettings sealedWith(CommandMacs macs) {
        return new AuditSettings(
                reads, reasonRequired, proxies, new ApprovalSettings(approvals.required(), approvals.expiry(), macs));
    }

    /** Nothing more. */
    public static final AuditSettings USUAL = new AuditSettings(false, false, TrustedProxies.NONE);
}
