package io.millrace.ingest.contract;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A small OpenID issuer on loopback, as strict as a large one: a client with a secret (or without one), authorization codes that count once and
 * only with their PKCE verifier and the address that they were asked for, a session by cookie, and a place to log out. Whoever
 * says a name is logged in by it. Its fields may be changed while it runs.
 */
public final class TestIssuer implements AutoCloseable {

    /** The only client. */
    public static final String CLIENT = "millrace-console";

    /** The secret of the client; its characters have to be encoded twice. */
    public static final String SECRET = "s3cret:+/ %";

    private static final String SESSION = "issuer-session";

    private final HttpServer server;
    private final String place;
    private volatile ECKey key;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final Map<String, String> sessions = new ConcurrentHashMap<>();
    /** Addresses that were asked for, with all that stands behind the question mark. */
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /** Where the client may be sent back to; null: anywhere. */
    public volatile String home;

    /** How long tokens count. */
    public volatile Duration life = Duration.ofMinutes(10);

    /** What is said in access tokens instead. */
    public volatile UnaryOperator<JWTClaimsSet.Builder> access = claims -> claims;

    /** What is said in ID tokens instead. */
    public volatile UnaryOperator<JWTClaimsSet.Builder> id = claims -> claims;

    /** Whether access tokens are a text that only the issuer can read. */
    public volatile boolean opaque;

    /** Whether the client has no secret. */
    public volatile boolean open;

    /** Status of all that it answers, without JSON; 0: it works. */
    public volatile int fault;

    /** Whether only its keys can be had. */
    public volatile boolean keysAlone;

    /** Starts it. */
    public TestIssuer() throws IOException {
        rotate();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        place = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/", exchange -> {
            asked.add(String.valueOf(exchange.getRequestURI()));
            try (exchange) {
                answer(exchange);
            }
        });
        server.start();
    }

    /** @return its name, which is its address */
    public String place() {
        return place;
    }

    /** @return what was asked for so far */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** From now on it signs with another key, and shows that one alone. */
    public void rotate() throws IOException {
        try {
            key = new ECKeyGenerator(Curve.P_256)
                    .keyID("key-" + UUID.randomUUID())
                    .generate();
        } catch (JOSEException e) {
            throw new IOException(e);
        }
    }

    /** @return an access token, as a log-in gives it */
    public String token(String name) throws IOException {
        return signed(access.apply(forServer(name)));
    }

    /** @return a code for who has logged in, as the browser would get it for that request */
    public String code(String name, Map<String, String> request) {
        Map<String, String> kept = new LinkedHashMap<>(request);
        kept.put("name", name);
        String code = "code-" + UUID.randomUUID();
        codes.put(code, kept);
        return code;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (fault != 0 || keysAlone && !path.equals("/keys")) {
            send(exchange, fault == 0 ? 503 : fault, "text/plain", "not at this moment");
            return;
        }
        Map<String, String> query = fields(exchange.getRequestURI().getRawQuery());
        switch (path) {
            case "/.well-known/openid-configuration" ->
                send(
                        exchange,
                        200,
                        "application/json",
                        "{\"issuer\":\"" + place + "\",\"jwks_uri\":\"" + place
                                + "/keys\",\"authorization_endpoint\":\""
                                + place + "/authorize\",\"token_endpoint\":\"" + place
                                + "/token\",\"end_session_endpoint\":\"" + place + "/logout\"}");
            case "/favicon.ico" -> exchange.sendResponseHeaders(204, -1);
            case "/keys" -> send(exchange, 200, "application/json", new JWKSet(key.toPublicJWK()).toString());
            case "/authorize" -> authorize(exchange, query);
            case "/token" -> token(exchange);
            case "/logout" -> logout(exchange, query);
            default -> send(exchange, 404, "text/plain", "no such path");
        }
    }

    private void authorize(HttpExchange exchange, Map<String, String> query) throws IOException {
        String back = query.getOrDefault("redirect_uri", "");
        boolean good = CLIENT.equals(query.get("client_id"))
                && (home == null || home.equals(back))
                && "code".equals(query.get("response_type"))
                && "S256".equals(query.get("code_challenge_method"))
                && query.getOrDefault("code_challenge", "").length() == 43
                && query.getOrDefault("scope", "").contains("openid");
        if (!good) {
            send(exchange, 400, "text/plain", "no request that this issuer takes: " + query);
            return;
        }
        Map<String, String> form = exchange.getRequestMethod().equals("POST") ? body(exchange) : Map.of();
        String name = form.containsKey("name") ? form.get("name") : sessions.get(session(exchange));
        if (name == null && "none".equals(query.get("prompt"))) {
            redirect(exchange, back, Map.of("error", "login_required", "state", query.get("state"), "iss", place));
        } else if (name == null) {
            send(
                    exchange,
                    200,
                    "text/html",
                    "<!doctype html><title>Issuer</title><form method='post'><input name='name'><button>Go</button></form>");
        } else {
            String session = UUID.randomUUID().toString();
            sessions.put(session, name);
            exchange.getResponseHeaders().add("Set-Cookie", SESSION + "=" + session + "; Path=/; HttpOnly");
            redirect(exchange, back, Map.of("code", code(name, query), "state", query.get("state"), "iss", place));
        }
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form = body(exchange);
        String expected = "Basic "
                + Base64.getEncoder()
                        .encodeToString((encoded(CLIENT) + ":" + encoded(SECRET)).getBytes(StandardCharsets.UTF_8));
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        if (open ? shown != null || !CLIENT.equals(form.get("client_id")) : !expected.equals(shown)) {
            send(exchange, 401, "application/json", "{\"error\":\"invalid_client\"}");
            return;
        }
        Map<String, String> request = codes.remove(form.getOrDefault("code", ""));
        if (request == null
                || !"authorization_code".equals(form.get("grant_type"))
                || !request.get("redirect_uri").equals(form.get("redirect_uri"))
                || !request.get("code_challenge").equals(challenge(form.getOrDefault("code_verifier", "")))) {
            send(
                    exchange,
                    400,
                    "application/json",
                    "{\"error\":\"invalid_grant\",\"error_description\":\"no such code\"}");
            return;
        }
        String name = request.get("name");
        JWTClaimsSet.Builder forClient = claims(name).audience(CLIENT).claim("nonce", request.get("nonce"));
        send(
                exchange,
                200,
                "application/json",
                "{\"token_type\":\"Bearer\",\"access_token\":\""
                        + (opaque ? "opaque-" + UUID.randomUUID() : token(name))
                        + "\",\"id_token\":\"" + signed(id.apply(forClient)) + "\"}");
    }

    private void logout(HttpExchange exchange, Map<String, String> query) throws IOException {
        String back = query.getOrDefault("post_logout_redirect_uri", "");
        if (!CLIENT.equals(query.get("client_id")) || home != null && !home.equals(back)) {
            send(exchange, 400, "text/plain", "no request that this issuer takes: " + query);
            return;
        }
        endSessions();
        redirect(exchange, back, Map.of());
    }

    /** Logs everybody out. */
    public void endSessions() {
        sessions.clear();
    }

    private JWTClaimsSet.Builder forServer(String name) {
        return claims(name).audience("millrace").claim("groups", List.of("admins"));
    }

    private JWTClaimsSet.Builder claims(String name) {
        long now = System.currentTimeMillis();
        return new JWTClaimsSet.Builder()
                .issuer(place)
                .subject(name)
                .issueTime(new Date(now))
                .expirationTime(new Date(now + life.toMillis()));
    }

    private String signed(JWTClaimsSet.Builder claims) throws IOException {
        ECKey by = key;
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256)
                            .keyID(by.getKeyID())
                            .build(),
                    claims.build());
            token.sign(new ECDSASigner(by));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IOException(e);
        }
    }

    /** @return what belongs to the verifier, by RFC 7636 */
    public static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String session(HttpExchange exchange) {
        List<String> cookies = exchange.getRequestHeaders().getOrDefault("Cookie", List.of());
        for (String cookie : String.join("; ", cookies).split("; ")) {
            if (cookie.startsWith(SESSION + "=")) {
                return cookie.substring(SESSION.length() + 1);
            }
        }
        return "";
    }

    private static Map<String, String> body(HttpExchange exchange) throws IOException {
        return fields(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : text == null || text.isEmpty() ? new String[0] : text.split("&")) {
            int cut = field.indexOf('=');
            fields.put(
                    URLDecoder.decode(field.substring(0, cut), StandardCharsets.UTF_8),
                    URLDecoder.decode(field.substring(cut + 1), StandardCharsets.UTF_8));
        }
        return fields;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static void redirect(HttpExchange exchange, String to, Map<String, String> query) throws IOException {
        String behind = query.entrySet().stream()
                .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
        exchange.getResponseHeaders().set("Location", behind.isEmpty() ? to : to + "?" + behind);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
