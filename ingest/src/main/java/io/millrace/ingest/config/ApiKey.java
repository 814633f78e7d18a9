package io.millrace.ingest.config;

import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.util.UUID;

/**
 * A static API key as the server keeps it: the key itself is gone once the file has been read.
 *
 * @param digest digest of the key
 * @param orgId organisation that it belongs to
 * @param principal whom it stands for
 * @param scope the part of the organisation's work that it is kept to
 */
public record ApiKey(KeyDigest digest, UUID orgId, Principal principal, Scope scope) {}
