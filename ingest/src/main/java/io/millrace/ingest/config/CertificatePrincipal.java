package io.millrace.ingest.config;

import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.util.UUID;

/**
 * For whom a client with a certificate stands that shows no key.
 *
 * @param name a name of the certificate, in the form in which {@link CertificateName} compares
 * @param orgId organisation that it belongs to
 * @param principal whom it stands for
 * @param scope the part of the organisation's work that it is kept to
 */
public record CertificatePrincipal(String name, UUID orgId, Principal principal, Scope scope) {}
