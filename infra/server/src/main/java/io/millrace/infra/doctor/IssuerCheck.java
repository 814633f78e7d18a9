package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.auth.openid.OpenIdTokens;
import io.millrace.ingest.config.OpenIdSettings;
import java.util.List;

/** The issuer of tokens tells its keys: without them nobody gets in by a token. Stateless. */
final class IssuerCheck {

    private static final String ISSUER = "issuer";

    private IssuerCheck() {}

    static List<Finding> findings(ServerConfig config) {
        return config.access().openId().map(IssuerCheck::look).map(List::of).orElse(List.of());
    }

    private static Finding look(OpenIdSettings settings) {
        String issuer = String.valueOf(settings.issuer());
        try {
            int keys = OpenIdTokens.keysOf(settings);
            return keys > 0
                    ? Finding.ok(ISSUER, issuer + " tells its keys: " + keys)
                    : Finding.warning(
                            ISSUER, issuer + " has no keys, so no token is good", "look at auth.openid.jwks_url");
        } catch (RuntimeException e) {
            return Finding.failure(
                    ISSUER,
                    "the keys of " + issuer + " cannot be fetched, so nobody gets in by a token: " + e.getMessage(),
                    "look at auth.openid in the access file, at the way there, and at the issuer's certificate");
        }
    }
}
