package io.millrace.ingest.config;

import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.util.Optional;
import java.util.UUID;

/**
 * For whom a client with a certificate stands that shows no key.
 *
 * @param name a name of the certificate, in the form in which {@link CertificateName} compares
 * @param orgId organisation that it belongs to
 * @param principal whom it stands for
 * @param scope the part of the organisation's work that it is kept to
 * @param limits what may be asked with it, where that is not as for each key of the organisation
 */
public record CertificatePrincipal(
        String name, UUID orgId, Principal principal, Scope scope, Optional<RateLimits> limits) {}
