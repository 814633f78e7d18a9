package io.millrace.ingest.audit;

import io.millrace.ingest.auth.TrustedProxies;

/**
 * What the front door does for the audit beyond what it always does.
 *
 * @param reads whether it stands in the log who read payloads
 * @param reasonRequired whether destructive requests over HTTP have to say why
 * @param proxies whose word on where a request comes from is believed
 */
public record AuditSettings(boolean reads, boolean reasonRequired, TrustedProxies proxies) {

    /** Nothing more. */
    public static final AuditSettings USUAL = new AuditSettings(false, false, TrustedProxies.NONE);
}
