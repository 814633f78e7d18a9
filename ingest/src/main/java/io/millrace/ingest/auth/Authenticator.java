package io.millrace.ingest.auth;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.config.Organisation;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the bearer token of a call who makes it, the same for gRPC and HTTP. Keys are looked up by their digest.
 * Immutable, safe from any thread, never blocks.
 */
public final class Authenticator {

    private static final String SCHEME = "Bearer ";

    private final Map<KeyDigest, Holder> holders = new HashMap<>();
    private final boolean required;
    private final Organisation first;

    /** @param access organisations and keys */
    public Authenticator(Access access) {
        required = access.authRequired();
        first = access.organisations().get(0);
        for (ApiKey key : access.keys()) {
            Organisation organisation = access.organisation(key.orgId())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "expected keys of known organisations, but one is of " + key.orgId()));
            holders.put(key.digest(), new Holder(organisation, withCredential(key), key.scope()));
        }
    }

    /**
     * @param authorization value of the header {@code authorization}, or null
     * @param peer address of the caller
     * @throws AuthenticationException if it names no known key although one is required
     */
    public Caller authenticate(@Nullable String authorization, String peer) throws AuthenticationException {
        String token = token(authorization);
        Holder holder = token == null ? null : holders.get(KeyDigest.of(token));
        if (holder != null) {
            return caller(holder, peer);
        }
        if (required) {
            throw new AuthenticationException(
                    token == null
                            ? "expected an API key in the header 'authorization: Bearer …', but there is none"
                            : "expected a known API key, but the one given is not");
        }
        return caller(new Holder(first, anonymous(token), Scope.WHOLE), peer);
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

    private static Caller caller(Holder holder, String peer) {
        Organisation organisation = holder.organisation();
        return new Caller(organisation.id(), organisation.slug(), holder.principal(), peer, holder.scope());
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

    private record Holder(Organisation organisation, Principal principal, Scope scope) {}
}
