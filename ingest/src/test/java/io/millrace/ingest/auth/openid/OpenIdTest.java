package io.millrace.ingest.auth.openid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.standin.OpenDoor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of an issuer that is there, on loopback. */
class OpenIdTest {

    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final ECKey first = key("first");
    private HttpServer issuer;
    private volatile JWKSet published = new JWKSet(first.toPublicJWK());
    private String place;
    private volatile String keysAt;

    private static ECKey key(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() throws IOException {
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        place = "http://127.0.0.1:" + issuer.getAddress().getPort();
        keysAt = place + "/keys";
        issuer.createContext("/", exchange -> {
            byte[] body = (exchange.getRequestURI().getPath().equals("/keys")
                            ? published.toString()
                            : "{\"issuer\":\"" + place + "\",\"jwks_uri\":\"" + keysAt + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        issuer.start();
    }

    @AfterEach
    void stop() {
        issuer.stop(0);
    }

    private Access access(String organisation) {
        String toml = OpenDoor.TOML + """

                [auth.openid]
                issuer = "%s"
                audience = "millrace"
                %s
                role_claim = "groups"
                roles = [{ value = "admins", role = "ADMIN" }, { value = "staff", role = "MEMBER" }]
                """.formatted(place, organisation);
        return AccessFile.parse(toml);
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(place)
                .audience("millrace")
                .subject("ann@acme.example")
                .expirationTime(new Date(System.currentTimeMillis() + 600_000))
                .claim("groups", List.of("others", "staff", "admins"));
    }

    private static String signed(JWTClaimsSet.Builder claims, ECKey key) {
        try {
            return signed(
                    claims, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()), new ECDSASigner(key));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String signed(JWTClaimsSet.Builder claims, JWSHeader.Builder header, JWSSigner signer) {
        try {
            SignedJWT token = new SignedJWT(header.build(), claims.build());
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static OpenIdTokens.Found find(OpenIdTokens tokens, String token) {
        assertTrue(OpenIdTokens.isToken(token), token);
        return tokens.find(token, KeyDigest.of(token), InetAddress.getLoopbackAddress())
                .join();
    }

    /** The keys are fetched on a thread of their own. */
    private static OpenIdTokens.Found awaitGood(OpenIdTokens tokens, String token) throws InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        OpenIdTokens.Found found = find(tokens, token);
        while (found.refused() != null) {
            assertTrue(System.nanoTime() < end, found.refused());
            Thread.sleep(20);
            found = find(tokens, token);
        }
        return found;
    }

    @Test
    void aTokenStandsForWhomItsClaimsSay() throws InterruptedException {
        Access access = access("org_claim = \"org\"");
        try (OpenIdTokens tokens = new OpenIdTokens(access.openId().orElseThrow(), access, InstantSource.system())) {
            OpenIdTokens.Found found = awaitGood(tokens, signed(claims().claim("org", "beta"), first));

            assertEquals(OpenDoor.BETA, found.holder().orgId());
            assertEquals("ann@acme.example", found.holder().principal().getId());
            assertEquals("ADMIN", found.holder().principal().getRole());
            assertTrue(found.holder().principal().getCredential().matches("token-[0-9a-f]{12}"));
            assertTrue(find(tokens, signed(claims().claim("org", "gamma"), first))
                    .refused()
                    .contains("names no organisation"));
        }
    }

    @Test
    void whatIsNotOfTheIssuerForThisServerAndInForceIsRefused() throws Exception {
        Access access = access("org_id = \"" + OpenDoor.ALPHA + "\"");
        try (OpenIdTokens tokens = new OpenIdTokens(access.openId().orElseThrow(), access, InstantSource.system())) {
            String good = signed(claims(), first);
            awaitGood(tokens, good);

            for (UnaryOperator<JWTClaimsSet.Builder> bent : List.<UnaryOperator<JWTClaimsSet.Builder>>of(
                    each -> each.issuer("https://elsewhere.example"),
                    each -> each.audience("another"),
                    each -> each.audience((String) null),
                    each -> each.expirationTime(new Date(System.currentTimeMillis() - 120_000)),
                    each -> each.expirationTime(null),
                    each -> each.notBeforeTime(new Date(System.currentTimeMillis() + 600_000)),
                    each -> each.subject(null),
                    each -> each.subject("a\nb"),
                    each -> each.claim("groups", List.of("others")),
                    each -> each.claim("groups", null),
                    each -> each.claim("groups", 7))) {
                String token = signed(bent.apply(claims()), first);
                OpenIdTokens.Found found = find(tokens, token);
                assertTrue(found.refused() != null && found.holder() == null, token);
            }
            ECKey forged = key("first");
            String none = new PlainJWT(claims().build()).serialize() + "AA";
            String shared = signed(
                    claims(),
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first"),
                    new MACSigner(first.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8)));
            String changed = good.substring(0, good.indexOf('.') + 10) + "A" + good.substring(good.indexOf('.') + 11);
            for (String token : List.of(signed(claims(), forged), none, shared, changed)) {
                assertTrue(find(tokens, token).refused() != null, token);
            }
            assertFalse(OpenIdTokens.isToken("flovyn_sk_abc"));
            assertEquals(OpenDoor.ALPHA, find(tokens, good).holder().orgId());
        }
    }

    @Test
    void aNewKeyOfTheIssuerIsFetchedWhenATokenNamesIt() throws InterruptedException {
        Access access = access("org_id = \"" + OpenDoor.ALPHA + "\"");
        ECKey second = key("second");
        try (OpenIdTokens tokens = new OpenIdTokens(access.openId().orElseThrow(), access, InstantSource.system())) {
            awaitGood(tokens, signed(claims(), first));

            published = new JWKSet(second.toPublicJWK());

            awaitGood(tokens, signed(claims(), second));
            assertTrue(find(tokens, signed(claims().subject("late"), first)).refused() != null);
        }
    }

    @Test
    void aTokenOpensTheDoor() throws Exception {
        try (OpenDoor door = OpenDoor.open(access("org_id = \"" + OpenDoor.ALPHA + "\""))) {
            String token = signed(claims(), first);
            long end = System.nanoTime() + LONGEST.toNanos();
            HttpResponse<String> answer = me(door, token);
            while (answer.statusCode() == 401 && System.nanoTime() < end) {
                Thread.sleep(20);
                answer = me(door, token);
            }

            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("\"principal\":\"ann@acme.example\""), answer.body());
            HttpResponse<String> refused = me(door, signed(claims().audience("another"), first));
            assertEquals(401, refused.statusCode());
            assertTrue(refused.body().contains("expected a token of " + place), refused.body());
        }
    }

    @Test
    void whatIsTooMuchToCheckIsRefusedAndASecondCallWithTheSameTokenWaitsForTheFirst() throws Exception {
        Access access = access("org_id = \"" + OpenDoor.ALPHA + "\"");
        CountDownLatch goOn = new CountDownLatch(1);
        InstantSource held = () -> {
            if (Thread.currentThread().getName().startsWith("millrace-tokens-")) {
                awaitUninterruptibly(goOn);
            }
            return Instant.now();
        };
        InetAddress here = InetAddress.getLoopbackAddress();
        InetAddress elsewhere = InetAddress.getByName("192.0.2.1");
        try (OpenIdTokens tokens = new OpenIdTokens(access.openId().orElseThrow(), access, held)) {
            List<CompletableFuture<OpenIdTokens.Found>> asked = new ArrayList<>();
            while (asked.isEmpty() || !asked.getLast().isDone()) {
                asked.add(ask(tokens, "a.b.c" + asked.size(), here));
                assertTrue(asked.size() < 10_000, "there is a limit");
            }
            OpenIdTokens.Found tooMany = asked.getLast().join();
            assertTrue(tooMany.unchecked(), tooMany.refused());
            assertTrue(tooMany.refused().contains("at most 512 tokens"), tooMany.refused());
            CompletableFuture<OpenIdTokens.Found> other = ask(tokens, "a.b.other", elsewhere);
            assertFalse(other.isDone(), "one address leaves room for others");
            CompletableFuture<OpenIdTokens.Found> same = ask(tokens, "a.b.c0", here);
            assertFalse(same.isDone(), "it needs no check of its own");

            goOn.countDown();

            asked.removeLast();
            asked.add(other);
            asked.add(same);
            for (CompletableFuture<OpenIdTokens.Found> each : asked) {
                OpenIdTokens.Found found = each.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
                assertTrue(!found.unchecked() && found.refused() != null, String.valueOf(found));
            }
        }
    }

    @Test
    void strangersKeepNoGoodTokenFromBeingCheckedAgain() throws Exception {
        Access access = access("org_id = \"" + OpenDoor.ALPHA + "\"");
        AtomicBoolean holds = new AtomicBoolean();
        AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
        CountDownLatch goOn = new CountDownLatch(1);
        InstantSource clock = () -> {
            String thread = Thread.currentThread().getName();
            if (holds.get() && thread.startsWith("millrace-tokens-") && !thread.endsWith("again")) {
                awaitUninterruptibly(goOn);
            }
            return Instant.now().plus(later.get());
        };
        try (OpenIdTokens tokens = new OpenIdTokens(access.openId().orElseThrow(), access, clock)) {
            String good = signed(claims().expirationTime(new Date(System.currentTimeMillis() + 86_400_000)), first);
            awaitGood(tokens, good);
            holds.set(true);
            for (int address = 1; address < 20; address++) {
                InetAddress stranger = InetAddress.getByName("192.0.2." + address);
                CompletableFuture<OpenIdTokens.Found> asked = ask(tokens, "a.b." + address, stranger);
                for (int i = 0; !asked.isDone(); i++) {
                    asked = ask(tokens, "a.b.c" + address + "x" + i, stranger);
                }
            }
            later.set(Duration.ofMinutes(11)); // from then on it has to be checked again

            OpenIdTokens.Found again =
                    ask(tokens, good, InetAddress.getByName("192.0.2.1")).get(LONGEST.toSeconds(), TimeUnit.SECONDS);

            assertNull(again.refused());
        } finally {
            goOn.countDown();
        }
    }

    private static CompletableFuture<OpenIdTokens.Found> ask(OpenIdTokens tokens, String token, InetAddress from) {
        return tokens.find(token, KeyDigest.of(token), from);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(LONGEST.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpResponse<String> me(OpenDoor door, String token) throws IOException, InterruptedException {
        return door.send(door.request("GET", "/api/me", null).header("Authorization", "Bearer " + token));
    }

    private IssuerKeys keys(String path, Duration patience) {
        return new IssuerKeys(
                access("org_id = \"" + OpenDoor.ALPHA + "\"\njwks_url = \"" + place + path + "\"")
                        .openId()
                        .orElseThrow(),
                patience,
                Duration.ofSeconds(5));
    }

    private static String failure(IssuerKeys keys) {
        return String.valueOf(
                assertThrows(IllegalStateException.class, keys::fetch).getMessage());
    }

    @Test
    void keysComeFromASafePlaceWhoeverNamesIt() {
        keysAt = "http://login.example/keys";
        Access access = access("org_id = \"" + OpenDoor.ALPHA + "\"");
        try (IssuerKeys keys = new IssuerKeys(access.openId().orElseThrow())) {
            String failure = failure(keys);

            assertTrue(failure.contains("begins with https://"), failure);
        }
    }

    @Test
    void anAnswerWithoutEndIsGivenUp() throws Exception {
        CountDownLatch givenUp = new CountDownLatch(1);
        issuer.createContext("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(new byte[1 << 16]);
                }
            } catch (IOException closed) {
                givenUp.countDown();
            }
        });
        try (IssuerKeys keys = keys("/endless", LONGEST)) {
            String failure = failure(keys);

            assertTrue(failure.contains("expected at most 1048576 bytes"), failure);
            assertTrue(givenUp.await(LONGEST.toSeconds(), TimeUnit.SECONDS), "the connection is given up");
        }
    }

    @Test
    void anAnswerThatStopsInTheMiddleIsGivenUpAndTheOutageLasts() {
        CountDownLatch over = new CountDownLatch(1);
        issuer.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (IssuerKeys keys = keys("/slow", Duration.ofMillis(200))) {
            String failure = failure(keys);
            assertTrue(failure.contains("within 200 ms"), failure);

            assertThrows(IllegalStateException.class, keys::look);
            assertThrows(IllegalStateException.class, keys::look, "nothing was fetched meanwhile");
        } finally {
            over.countDown();
        }
    }

    @Test
    void theFileSaysWhatItLacks() {
        assertThrows(ConfigException.class, () -> access(""));
        assertThrows(ConfigException.class, () -> access("org_claim = \"o\"\norg_id = \"" + OpenDoor.ALPHA + "\""));
        String unsafe = assertThrows(ConfigException.class, () -> {
                    place = "http://login.example";
                    access("org_claim = \"o\"");
                })
                .getMessage();
        assertTrue(unsafe.contains("begins with https://"), unsafe);
    }
}
