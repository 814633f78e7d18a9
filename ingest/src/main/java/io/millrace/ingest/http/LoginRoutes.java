package io.millrace.ingest.http;

import io.millrace.ingest.auth.openid.OpenIdLogin;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/** How people log in to the console without an API key. Nobody is known here yet. */
final class LoginRoutes {

    /** What RFC 7636 has for verifiers, and the console for its nonces. */
    private static final Pattern RANDOM = Pattern.compile("[A-Za-z0-9._~-]{43,128}");

    private static final int MOST_CHARS = 4096;

    private final Optional<OpenIdLogin> login;

    /** @param login at an issuer, if one is configured for the console */
    LoginRoutes(Optional<OpenIdLogin> login) {
        this.login = login;
    }

    HttpReply ways() {
        Optional<OpenIdLogin.Offer> offer = login.map(OpenIdLogin::offer);
        return HttpReply.json(200, Json.object(json -> {
            if (offer.isEmpty()) {
                json.text("openId", null);
                return;
            }
            OpenIdLogin.Offer said = offer.get();
            json.object(
                    "openId",
                    openId -> openId.text("issuer", said.issuer())
                            .text("authorizationEndpoint", said.authorization().toString())
                            .text(
                                    "endSessionEndpoint",
                                    said.logout().map(URI::toString).orElse(null))
                            .text("clientId", said.clientId())
                            .text("scope", said.scope()));
        }));
    }

    HttpReply token(HttpCall call) {
        JsonFields fields = call.fields("code", "verifier", "nonce", "redirectUri");
        Optional<String> code = fields.text("code");
        Optional<String> verifier = fields.text("verifier");
        Optional<String> nonce = fields.text("nonce");
        Optional<String> redirect = fields.text("redirectUri");
        OpenIdLogin issuer = login.orElseThrow(() -> RefusedException.invalid(
                "expected an issuer that is configured for the console, but there is none: log in with an API key"));
        OpenIdLogin.Granted granted = issuer.redeem(
                text("code", code),
                random("verifier", verifier),
                random("nonce", nonce),
                text("redirectUri", redirect));
        return HttpReply.json(
                200,
                Json.object(json -> json.text("token", granted.token())
                        .time("expiresAt", granted.untilMs())
                        .number("expiresInMs", granted.leftMs())));
    }

    private static String text(String name, Optional<String> given) {
        return given.filter(text -> !text.isEmpty() && text.length() <= MOST_CHARS)
                .orElseThrow(() -> RefusedException.invalid(
                        "expected a text of 1 to " + MOST_CHARS + " characters as " + name + ", but there is none"));
    }

    private static String random(String name, Optional<String> given) {
        return given.filter(text -> RANDOM.matcher(text).matches())
                .orElseThrow(() -> RefusedException.invalid(
                        "expected 43 to 128 letters, digits and . _ ~ - as " + name + ", but they are not"));
    }
}
