package io.millrace.ingest.auth.openid;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.v1.RefusalReason;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Lets people log in to the console at the issuer, by an authorization code with PKCE. The browser goes to the issuer and
 * comes back with a code, and this asks the issuer for the token. So the page talks to no other host than this server,
 * and a secret of the client stays here. Nothing is kept between the two: state, nonce and verifier are the tab's. Safe
 * from any thread; redeeming waits for the issuer.
 */
public final class OpenIdLogin {

    /** Anybody can show codes, each of which costs the issuer a request. */
    private static final int AT_ONCE = 8;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private static final int OK = 200;
    /** The one error of RFC 6749 (5.2) that is about the code. */
    private static final String INVALID_GRANT = "invalid_grant";

    private static final int SHOWN_CHARS = 200;

    private final OpenIdSettings settings;
    private final OpenIdSettings.Console console;
    private final Optional<String> secret;
    private final IssuerKeys keys;
    private final OpenIdTokens tokens;
    private final InstantSource clock;
    private final Outage outage;
    private final ObjectMapper json = new ObjectMapper();
    private final Semaphore atOnce = new Semaphore(AT_ONCE);
    private final DefaultJWTProcessor<SecurityContext> processor;

    /**
     * Where the browser goes, and as whom.
     *
     * @param issuer who answers
     * @param authorization where people log in
     * @param logout where they log out, if the issuer has such a place
     * @param clientId as which client
     * @param scope what is asked for, with blanks between
     */
    public record Offer(String issuer, URI authorization, Optional<URI> logout, String clientId, String scope) {}

    /**
     * What came of a log-in.
     *
     * @param token shown instead of an API key
     * @param untilMs when it is over, milliseconds since the epoch
     * @param leftMs how long that is from now, in milliseconds, by the clock of this server; 0 or more
     */
    public record Granted(String token, long untilMs, long leftMs) {

        /** Leaves the token out. */
        @Override
        public String toString() {
            return "a token until " + untilMs;
        }
    }

    /** @throws ConfigException if the file of the secret cannot be read, or is empty */
    OpenIdLogin(
            OpenIdSettings settings,
            OpenIdSettings.Console console,
            IssuerKeys keys,
            OpenIdTokens tokens,
            InstantSource clock) {
        this.settings = settings;
        this.console = console;
        this.keys = keys;
        this.tokens = tokens;
        this.clock = clock;
        outage = new Outage("nobody can log in to the console at the issuer " + settings.issuer());
        secret = console.secretFile().map(OpenIdLogin::secret);
        processor = tokens.processor(keys::lookForMore);
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                console.clientId(),
                new JWTClaimsSet.Builder().issuer(settings.issuer().toString()).build(),
                Set.of("exp", "iat", "sub", "nonce")));
    }

    private static String secret(Path file) {
        try {
            String secret = Files.readString(file).strip();
            if (secret.isEmpty()) {
                throw new ConfigException("expected the secret of the client in " + file
                        + ", but it is empty: leave client_secret_file out where the client has none");
            }
            return secret;
        } catch (IOException e) {
            throw new ConfigException(
                    "expected the secret of the client in " + file + ", but it cannot be read: " + e, e);
        }
    }

    /** @throws UnavailableException if the issuer has not said yet where that is */
    public Offer offer() {
        try {
            Discovery said = discovery();
            return new Offer(
                    settings.issuer().toString(),
                    said.address("authorization_endpoint"),
                    said.optional("end_session_endpoint"),
                    console.clientId(),
                    String.join(" ", console.scopes()));
        } catch (IllegalStateException e) {
            throw new UnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private Discovery discovery() {
        return keys.discovery()
                .orElseThrow(() -> new UnavailableException("expected the issuer " + settings.issuer()
                        + " to say where people log in, but it has not answered yet"));
    }

    /**
     * Has the issuer give a token for a code.
     *
     * @param code that the issuer gave the browser
     * @param verifier of PKCE, whose hash the browser sent with its request
     * @param nonce that the browser sent with its request, and the ID token has to name
     * @param redirect where the issuer sent the browser with the code
     * @return the access token if this server takes it, otherwise the ID token
     * @throws RefusedException if the issuer does not take the code, or the tokens are not good
     * @throws UnavailableException if the issuer does not answer, does not take this client, or too many ask at once
     */
    public Granted redeem(String code, String verifier, String nonce, String redirect) {
        if (!mayAsk()) {
            throw new UnavailableException(
                    "expected at most " + AT_ONCE + " log-ins at the same moment, but there are more");
        }
        try {
            JsonNode answer = answered(code, verifier, redirect);
            String idToken = answer.path("id_token").asText();
            JWTClaimsSet claims = claims(idToken, nonce);
            Granted granted = granted(answer.path("access_token").asText(), idToken, claims);
            outage.over();
            return granted;
        } catch (RefusedException e) {
            outage.over();
            throw e;
        } catch (IllegalStateException e) {
            outage.failed(e);
            throw new UnavailableException(String.valueOf(e.getMessage()), e);
        } finally {
            atOnce.release();
        }
    }

    private boolean mayAsk() {
        try {
            return atOnce.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private JsonNode answered(String code, String verifier, String redirect) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirect);
        form.put("code_verifier", verifier);
        HttpRequest.Builder request = HttpRequest.newBuilder(discovery().address("token_endpoint"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json");
        if (secret.isPresent()) {
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((encoded(console.clientId()) + ":" + encoded(secret.get()))
                                            .getBytes(StandardCharsets.UTF_8)));
        } else {
            form.put("client_id", console.clientId());
        }
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        HttpResponse<String> answer = keys.http()
                .send(request.POST(HttpRequest.BodyPublishers.ofString(body)).build());
        JsonNode said = said(answer);
        if (answer.statusCode() == OK) {
            return said;
        }
        String fault = answer.statusCode() + shown(said, "error") + shown(said, "error_description");
        if (INVALID_GRANT.equals(said.path("error").asText())) {
            throw RefusedException.invalid("expected a code that the issuer takes, but it answers " + fault);
        }
        // Such as a wrong secret of the client: whoever logs in can do nothing about it.
        throw new IllegalStateException(
                "expected the issuer " + settings.issuer() + " to give a token for a code, but it answers " + fault);
    }

    /** Errors of a proxy before the issuer are often no JSON. */
    private JsonNode said(HttpResponse<String> answer) {
        try {
            return json.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "expected JSON of the issuer " + settings.issuer() + " for a code, but it answers "
                            + answer.statusCode() + " with none",
                    e);
        }
    }

    private static String shown(JsonNode said, String field) {
        String text = said.path(field).asText();
        return text.isEmpty() ? "" : ", " + start(text).replaceAll("\\p{Cntrl}", "?");
    }

    /** Ends between two whole characters. */
    private static String start(String text) {
        int characters = Math.min(SHOWN_CHARS, text.codePointCount(0, text.length()));
        return text.substring(0, text.offsetByCodePoints(0, characters));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JWTClaimsSet claims(String idToken, String nonce) {
        try {
            JWTClaimsSet claims = processor.process(idToken, null);
            if (!nonce.equals(claims.getStringClaim("nonce"))) {
                throw refused("the nonce in the ID token is not that of this log-in");
            }
            List<String> audience = claims.getAudience();
            if (audience.size() > 1 && !console.clientId().equals(claims.getStringClaim("azp"))) {
                throw refused("the ID token is for several clients, and azp names another one");
            }
            return claims;
        } catch (BadJOSEException | JOSEException | ParseException e) {
            throw refused("the ID token is not good: " + e.getMessage());
        }
    }

    private static RefusedException refused(String why) {
        return new RefusedException(RefusalReason.PERMISSION_DENIED, "expected a log-in at the issuer, but " + why);
    }

    /** Some issuers have access tokens that only they can read, or that are for others. */
    private Granted granted(String accessToken, String idToken, JWTClaimsSet claims) {
        String access = fault(accessToken);
        if (access.isEmpty()) {
            JWTClaimsSet own = read(accessToken);
            if (own.getSubject() != null && !own.getSubject().equals(claims.getSubject())) {
                throw refused("the access token is of another subject than the ID token");
            }
            return granted(accessToken, own);
        }
        String id = fault(idToken);
        if (id.isEmpty()) {
            return granted(idToken, claims);
        }
        throw refused("neither its access token lets anybody in (" + access + "), nor its ID token (" + id + ")");
    }

    private Granted granted(String token, JWTClaimsSet claims) {
        long untilMs = claims.getExpirationTime().getTime();
        return new Granted(token, untilMs, Math.max(0, untilMs - clock.millis()));
    }

    /** @return why this server does not take the token; empty: it does */
    private String fault(String token) {
        if (!OpenIdTokens.isToken(token)) {
            return "expected a JWT, but it is none";
        }
        String refused = tokens.check(token, KeyDigest.of(token)).refused();
        return refused == null ? "" : refused;
    }

    private static JWTClaimsSet read(String token) {
        try {
            return JWTParser.parse(token).getJWTClaimsSet();
        } catch (ParseException e) {
            throw refused("the access token cannot be read: " + e.getMessage());
        }
    }
}
