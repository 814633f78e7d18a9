package io.millrace.ingest.auth;

import io.millrace.ingest.auth.openid.OpenIdTokens;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.config.CertificatePrincipal;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.config.Organisation;
import io.millrace.ingest.config.RateLimits;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the bearer token of a call who makes it, the same for gRPC and HTTP. A call without one is made by whom the
 * certificate stands for that its client has shown. Keys are looked up by their digest, certificates by their names.
 * Safe from any thread, never blocks.
 */
public final class Authenticator {

    /** For so long calls are let in on a connection whose certificate has ended, and which its client is sent away from. */
    private static final long GRACE_MS = 60_000;

    private static final String SCHEME = "Bearer ";

    private final Map<KeyDigest, Holder> holders = new HashMap<>();
    private final Map<String, Holder> certificates = new HashMap<>();
    private final Map<UUID, Organisation> organisations = new HashMap<>();
    private final IssuedKeys issued;
    private final @Nullable OpenIdTokens tokens;
    private final InstantSource clock;
    private final boolean required;
    private final Organisation first;

    /**
     * @param access organisations, and keys that stay as they are
     * @param issued keys that were made while nodes ran
     * @param tokens tokens of an issuer, if they let callers in
     * @param clock by which tokens and certificates end
     */
    public Authenticator(Access access, IssuedKeys issued, Optional<OpenIdTokens> tokens, InstantSource clock) {
        this.issued = issued;
        this.tokens = tokens.orElse(null);
        this.clock = clock;
        access.organisations().forEach(each -> organisations.put(each.id(), each));
        required = access.authRequired();
        first = access.organisations().get(0);
        for (ApiKey key : access.keys()) {
            Organisation organisation = organisation(access, key.orgId());
            holders.put(
                    key.digest(),
                    new Holder(organisation, withCredential(key), key.scope(), Credential.LASTING, key.limits()));
        }
        for (CertificatePrincipal known : access.certificates()) {
            Organisation organisation = organisation(access, known.orgId());
            certificates.put(
                    known.name(),
                    new Holder(organisation, known.principal(), known.scope(), Credential.LASTING, known.limits()));
        }
    }

    private static Organisation organisation(Access access, UUID id) {
        return access.organisation(id)
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected keys and certificates of known organisations, but one is of " + id));
    }

    /**
     * @param authorization value of the header {@code authorization}, or null
     * @param peer where the caller says to be, for the log
     * @param from address at the other end of the connection
     * @param certificate what the client has shown on the connection, or null
     * @return who calls, and until when that holds: at once, but for a token that has to be checked. Fails with an
     *     {@link AuthenticationException} if neither names anybody who is known, although that is required. A key that is
     *     not known is refused even with a certificate that is
     */
    public CompletableFuture<Admission> authenticate(
            @Nullable String authorization, String peer, InetAddress from, @Nullable ClientCertificate certificate) {
        String token = token(authorization);
        try {
            if (token == null) {
                return CompletableFuture.completedFuture(admitted(holder(certificate), null, peer, certificate));
            }
            KeyDigest digest = KeyDigest.of(token);
            Holder known = holder(digest);
            if (known == null && tokens != null && OpenIdTokens.isToken(token)) {
                return tokens.find(token, digest, from).thenCompose(found -> admission(found, peer));
            }
            return CompletableFuture.completedFuture(admitted(known, token, peer, certificate));
        } catch (AuthenticationException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Admission admitted(
            @Nullable Holder holder, @Nullable String token, String peer, @Nullable ClientCertificate certificate)
            throws AuthenticationException {
        if (holder != null) {
            return holder.admitted(peer);
        }
        if (required) {
            throw new AuthenticationException(
                    token != null
                            ? "expected a known API key, but the one given is not"
                            : "expected an API key in the header 'authorization: Bearer …', but there is none"
                                    + (certificate == null
                                            ? ""
                                            : ", and the certificate " + certificate.publicId()
                                                    + " of the client stands for nobody"));
        }
        return new Holder(first, anonymous(token), Scope.WHOLE, Credential.LASTING, Optional.empty()).admitted(peer);
    }

    /** @throws AuthenticationException if it was in force, and is no more */
    private @Nullable Holder holder(KeyDigest digest) throws AuthenticationException {
        Holder known = holders.get(digest);
        if (known != null) {
            return known;
        }
        IssuedKeys.Found found = issued.find(digest);
        if (found.refused() != null) {
            throw new AuthenticationException(found.refused());
        }
        return found.key() == null ? null : holder(found.key(), new Credential.OfKey(digest, issued));
    }

    private CompletableFuture<Admission> admission(OpenIdTokens.Found shown, String peer) {
        if (shown.refused() != null) {
            return CompletableFuture.failedFuture(
                    shown.unchecked()
                            ? AuthenticationException.unchecked(shown.refused())
                            : new AuthenticationException(shown.refused()));
        }
        ApiKey key = Objects.requireNonNull(shown.holder(), "for whom a good token stands");
        Holder holder =
                holder(key, new Credential.Until(key.principal().getCredential(), "token", shown.untilMs(), clock));
        return CompletableFuture.completedFuture(
                Objects.requireNonNull(holder, "organisation of a good token").admitted(peer));
    }

    private @Nullable Holder holder(ApiKey key, Credential credential) {
        Organisation organisation = organisations.get(key.orgId());
        return organisation == null
                ? null
                : new Holder(organisation, key.principal(), key.scope(), credential, key.limits());
    }

    /** @throws AuthenticationException if it has expired since the connection was made */
    private @Nullable Holder holder(@Nullable ClientCertificate certificate) throws AuthenticationException {
        if (certificate == null) {
            return null;
        }
        for (String name : certificate.names()) {
            Holder known = certificates.get(name);
            if (known != null) {
                Credential shown = new Credential.Until(
                        certificate.publicId(), "certificate", certificate.untilMs() + GRACE_MS, clock);
                Optional<String> over = shown.over();
                if (over.isPresent()) {
                    throw new AuthenticationException(over.get());
                }
                return known.with(certificate.publicId(), shown);
            }
        }
        return null;
    }

    /** What is asked with the key says in the log which one it was. */
    private static Principal withCredential(ApiKey key) {
        return key.principal().toBuilder()
                .setCredential(key.digest().publicId())
                .build();
    }

    private static @Nullable String token(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        String token = authorization.substring(SCHEME.length()).strip();
        return token.isEmpty() ? null : token;
    }

    /** Without authentication: worker keys and the placeholders of worker SDKs start alike, all else is taken for a user. */
    private static Principal anonymous(@Nullable String token) {
        boolean worker = token != null && (token.startsWith("fwt_") || token.startsWith("flovyn_wk_"));
        return Principal.newBuilder()
                .setType(worker ? Principal.Type.WORKER : Principal.Type.USER)
                .setId("anonymous")
                .setRole((worker ? Role.WORKER : Role.ADMIN).name())
                .build();
    }

    private record Holder(
            Organisation organisation,
            Principal principal,
            Scope scope,
            Credential credential,
            Optional<RateLimits> limits) {

        Admission admitted(String peer) {
            return new Admission(
                    new Caller(organisation.id(), organisation.slug(), principal, peer, scope), credential, limits);
        }

        Holder with(String publicId, Credential shown) {
            return new Holder(
                    organisation, principal.toBuilder().setCredential(publicId).build(), scope, shown, limits);
        }
    }
}
