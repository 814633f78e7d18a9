package io.millrace.ingest.config;

import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.util.Optional;
import java.util.UUID;

/**
 * An API key as the server keeps it: the key itself is gone once the file has been read.
 *
 * @param digest digest of the key
 * @param orgId organisation that it belongs to
 * @param principal whom it stands for
 * @param scope the part of the organisation's work that it is kept to
 * @param limits what may be asked with it, where that is not as for each key of the organisation
 */
public record ApiKey(KeyDigest digest, UUID orgId, Principal principal, Scope scope, Optional<RateLimits> limits) {

    /** A key with which may be asked what may be with each of its organisation. */
    public ApiKey(KeyDigest digest, UUID orgId, Principal principal, Scope scope) {
        this(digest, orgId, principal, scope, Optional.empty());
    }
}
