package io.millrace.ingest.config;

import io.millrace.proto.auth.Role;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Whose tokens (JWT) let callers in, and for whom they stand.
 *
 * @param issuer who issues them, as the claim {@code iss} has it
 * @param audience whom they have to be for, as the claim {@code aud} has it
 * @param keys where the issuer's public keys are (JWKS); empty: where its OpenID configuration says
 * @param organisation which organisation a token is of
 * @param principalClaim claim with whom it stands for
 * @param roleClaim claim with a text or a list of texts, which {@code roles} turns into a role
 * @param roles role by value of that claim; what stands in neither gives no role, and no way in
 * @param console as which client of the issuer people log in to the console; empty: they cannot
 */
public record OpenIdSettings(
        URI issuer,
        String audience,
        Optional<URI> keys,
        Ownership organisation,
        String principalClaim,
        String roleClaim,
        Map<String, Role> roles,
        Optional<Console> console) {

    /** Copies the roles. */
    public OpenIdSettings {
        roles = Map.copyOf(roles);
    }

    /**
     * Who can change what comes from there makes tokens for everybody.
     *
     * @return whether what comes from the address comes from who it names: it begins with https://, or is on loopback
     */
    public static boolean isSafe(URI address) {
        boolean near = "http".equals(address.getScheme())
                && Set.of("127.0.0.1", "[::1]", "localhost").contains(String.valueOf(address.getHost()));
        return address.getHost() != null && ("https".equals(address.getScheme()) || near);
    }

    /**
     * The console as a client of the issuer.
     *
     * @param clientId by which the issuer knows it
     * @param secretFile file with its secret, where the issuer wants one
     * @param scopes what it asks for
     */
    public record Console(String clientId, Optional<Path> secretFile, List<String> scopes) {

        /** Copies the scopes. */
        public Console {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Which organisation a token is of.
     *
     * @param fixed the same for all; empty: the claim says it
     * @param claim claim with the id or the slug of an organisation
     */
    public record Ownership(Optional<UUID> fixed, String claim) {}
}
