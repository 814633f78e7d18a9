package io.millrace.ingest.http;

import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.operations.PayloadReads;

/**
 * What the HTTP API does for the audit besides noting refusals.
 *
 * @param proxies whose word on where a request comes from is believed
 * @param logins where requests without a known key are noted
 * @param reads where reads of payloads are noted, if that is wanted
 * @param traces tell to which traces requests belong
 */
public record HttpAudit(TrustedProxies proxies, RefusedLogins logins, PayloadReads reads, CallTraces traces) {}
