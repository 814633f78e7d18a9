package io.millrace.ingest.auth.openid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.ingest.contract.TestIssuer;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.UnavailableException;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log-in to the console at an issuer that is there, on loopback; the browser's part is played here. */
class OpenIdLoginTest {

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VERIFIER = "v".repeat(43);
    private static final String NONCE = "n".repeat(43);
    private static final String HOME = "https://millrace.example/";

    @TempDir
    private Path folder;

    private TestIssuer issuer;
    private OpenDoor door;

    @BeforeEach
    void start() throws Exception {
        issuer = new TestIssuer();
        door = OpenDoor.open(access("client_id = \"millrace-console\""));
    }

    @AfterEach
    void stop() {
        door.close();
        issuer.close();
    }

    private Access access(String console) throws IOException {
        return access("", secret(TestIssuer.SECRET + "\n") + console);
    }

    /** @return the setting that names a file with the secret */
    private String secret(String text) throws IOException {
        return "client_secret_file = \"" + Files.writeString(folder.resolve("secret"), text) + "\"\n";
    }

    private Access access(String openId, String console) {
        return AccessFile.parse(OpenDoor.TOML + """

                [auth.openid]
                issuer = "%s"
                audience = "millrace"
                org_id = "%s"
                role_claim = "groups"
                roles = [{ value = "admins", role = "ADMIN" }]
                %s

                [auth.openid.console]
                %s
                """.formatted(issuer.place(), OpenDoor.ALPHA, openId, console));
    }

    /** Opens the door anew. */
    private void open(Access access) throws IOException {
        door.close();
        door = OpenDoor.open(access);
    }

    /** The issuer's configuration is fetched on a thread of its own. */
    private JsonNode ways() throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        HttpResponse<String> answer = door.send(door.request("GET", "/api/login", null));
        while (answer.statusCode() == 503) {
            assertTrue(System.nanoTime() < end, answer.body());
            Thread.sleep(20);
            answer = door.send(door.request("GET", "/api/login", null));
        }
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private String code() {
        return issuer.code(
                "ann", Map.of("redirect_uri", HOME, "nonce", NONCE, "code_challenge", TestIssuer.challenge(VERIFIER)));
    }

    private HttpResponse<String> redeem(String code, String verifier, String nonce, String home) throws Exception {
        ways();
        Map<String, String> body = new LinkedHashMap<>();
        body.put("code", code);
        body.put("verifier", verifier);
        body.put("nonce", nonce);
        body.put("redirectUri", home);
        return door.send(door.request("POST", "/api/login/token", JSON.writeValueAsString(body)));
    }

    private void refused(int status, String text, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(text), answer.body());
        assertFalse(answer.body().contains("token\":"), answer.body());
    }

    @Test
    void theBrowserIsToldWhereToGoAndACodeBecomesATokenThatOpensTheDoor() throws Exception {
        JsonNode openId = ways().path("openId");
        HttpResponse<String> granted = redeem(code(), VERIFIER, NONCE, HOME);

        assertEquals(
                issuer.place() + "/authorize",
                openId.path("authorizationEndpoint").asText());
        assertEquals(
                issuer.place() + "/logout", openId.path("endSessionEndpoint").asText());
        assertEquals(TestIssuer.CLIENT, openId.path("clientId").asText());
        assertEquals("openid", openId.path("scope").asText());
        assertEquals(200, granted.statusCode(), granted.body());
        assertEquals("no-store", granted.headers().firstValue("cache-control").orElse(""));
        String token = JSON.readTree(granted.body()).path("token").asText();
        long left = JSON.readTree(granted.body()).path("expiresInMs").asLong();
        assertTrue(left > 0 && left <= issuer.life.toMillis(), granted.body());
        assertTrue(JSON.readTree(granted.body()).path("expiresAt").asText().endsWith("Z"), granted.body());
        HttpResponse<String> me =
                door.send(door.request("GET", "/api/me", null).header("Authorization", "Bearer " + token));
        assertEquals("ann", JSON.readTree(me.body()).path("principal").asText(), me.body());
        assertEquals("ADMIN", JSON.readTree(me.body()).path("role").asText());
    }

    @Test
    void aCodeCountsOnceAndOnlyWithWhatBelongsToIt() throws Exception {
        String code = code();
        assertEquals(200, redeem(code, VERIFIER, NONCE, HOME).statusCode());

        refused(400, "invalid_grant", redeem(code, VERIFIER, NONCE, HOME));
        refused(400, "invalid_grant", redeem(code(), "w".repeat(43), NONCE, HOME));
        refused(400, "invalid_grant", redeem(code(), VERIFIER, NONCE, "https://elsewhere.example/"));
        refused(403, "the nonce in the ID token is not", redeem(code(), VERIFIER, "m".repeat(43), HOME));
        refused(400, "as verifier", redeem(code(), "short", NONCE, HOME));
        refused(400, "as nonce", redeem(code(), VERIFIER, "", HOME));
        refused(400, "as code", redeem("", VERIFIER, NONCE, HOME));
        refused(413, "at most 16384 bytes", redeem("x".repeat(20_000), VERIFIER, NONCE, HOME));
    }

    @Test
    void tokensThatAreNotForThisServerAndThisClientAreRefused() throws Exception {
        issuer.access = claims -> claims.claim("groups", List.of("guests"));
        refused(403, "names no role", redeem(code(), VERIFIER, NONCE, HOME));
        issuer.access = claims -> claims.subject("bob");
        refused(403, "of another subject", redeem(code(), VERIFIER, NONCE, HOME));
        issuer.access = claims -> claims;
        issuer.id = claims -> claims.audience("another-client");
        refused(403, "the ID token is not good", redeem(code(), VERIFIER, NONCE, HOME));
        issuer.id = claims ->
                claims.audience(List.of(TestIssuer.CLIENT, "another-client")).claim("azp", "another-client");
        refused(403, "azp names another", redeem(code(), VERIFIER, NONCE, HOME));
        issuer.id = claims -> claims.issuer("https://elsewhere.example");
        refused(403, "the ID token is not good", redeem(code(), VERIFIER, NONCE, HOME));
        issuer.id = claims -> claims.claim("nonce", null);
        refused(403, "the ID token is not good", redeem(code(), VERIFIER, NONCE, HOME));
    }

    @Test
    void whereOnlyTheIssuerCanReadItsAccessTokensTheIdTokenIsShown() throws Exception {
        issuer.opaque = true;
        refused(403, "neither its access token", redeem(code(), VERIFIER, NONCE, HOME));

        issuer.id = claims -> claims.audience(List.of("millrace", TestIssuer.CLIENT))
                .claim("azp", TestIssuer.CLIENT)
                .claim("groups", List.of("admins"));
        HttpResponse<String> granted = redeem(code(), VERIFIER, NONCE, HOME);

        assertEquals(200, granted.statusCode(), granted.body());
    }

    @Test
    void whoHasATokenGetsInThoughTheIssuerDoesNotSayWherePeopleLogIn() throws Exception {
        issuer.keysAlone = true;
        open(access("jwks_url = \"" + issuer.place() + "/keys\"", "client_id = \"" + TestIssuer.CLIENT + "\""));
        String token = issuer.token("ann");
        long end = System.nanoTime() + LONGEST.toNanos();
        HttpResponse<String> me;
        do {
            assertTrue(System.nanoTime() < end, "the keys are fetched");
            me = door.send(door.request("GET", "/api/me", null).header("Authorization", "Bearer " + token));
        } while (me.statusCode() == 401);

        assertEquals(200, me.statusCode(), me.body());
        refused(503, "has not answered yet", door.send(door.request("GET", "/api/login", null)));
    }

    @Test
    void aClientWithoutASecretIsOnlyNamed() throws Exception {
        issuer.open = true;
        open(access("", "client_id = \"" + TestIssuer.CLIENT + "\""));

        HttpResponse<String> granted = redeem(code(), VERIFIER, NONCE, HOME);

        assertEquals(200, granted.statusCode(), granted.body());
    }

    @Test
    void whatThePersonCannotMendIsNotHeldAgainstThem() throws Exception {
        ways();
        issuer.fault = 502;
        refused(503, "it answers 502", redeem(code(), VERIFIER, NONCE, HOME));
        issuer.fault = 0;
        door.close();
        assertEquals(List.of(), door.log.refusals());

        open(access("", secret("another") + "client_id = \"" + TestIssuer.CLIENT + "\""));
        refused(503, "it answers 401, invalid_client", redeem(code(), VERIFIER, NONCE, HOME));
        door.close();
        assertEquals(List.of(), door.log.refusals());
    }

    @Test
    void everyBodyThatIsRefusedIsNoted() throws Exception {
        refused(400, "invalid_grant", redeem("unknown", VERIFIER, NONCE, HOME));
        refused(413, "at most 16384 bytes", redeem("x".repeat(20_000), VERIFIER, NONCE, HOME));
        refused(
                415,
                "application/json",
                door.send(door.request("POST", "/api/login/token", null)
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))));
        door.close();

        assertEquals(1, door.log.refusals().size());
        String noted = door.log.refusals().get(0).getRecordRefusal().getText();
        assertTrue(noted.contains("3 from 127.0.0.1"), noted);
    }

    @Test
    void theFirstLogInAfterANewKeyOfTheIssuerIsNotRefused() throws Exception {
        Access access = access("client_id = \"millrace-console\"");
        OpenIdSettings settings = access.openId().orElseThrow();
        try (OpenIdTokens tokens = new OpenIdTokens(
                settings,
                access,
                InstantSource.system(),
                new IssuerKeys(settings, IssuerHttp.PATIENCE, Duration.ZERO))) {
            OpenIdLogin login = tokens.login().orElseThrow();
            awaitOffer(login);
            login.redeem(code(), VERIFIER, NONCE, HOME);

            issuer.rotate();

            assertTrue(OpenIdTokens.isToken(
                    login.redeem(code(), VERIFIER, NONCE, HOME).token()));
        }
    }

    private static void awaitOffer(OpenIdLogin login) throws InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (true) {
            try {
                login.offer();
                return;
            } catch (UnavailableException e) {
                assertTrue(System.nanoTime() < end, e.getMessage());
                Thread.sleep(20);
            }
        }
    }

    @Test
    void oneAddressCannotKeepOthersFromLoggingIn() throws Exception {
        try (Socket one = halfARequest();
                Socket other = halfARequest()) {
            HttpResponse<String> third = awaitOther(400);
            refused(503, "from one address", third);
            assertTrue(one.isConnected() && other.isConnected());
        }
        HttpResponse<String> later = awaitOther(503);
        refused(400, "as verifier", later);
    }

    private Socket halfARequest() throws IOException {
        Socket socket = new Socket("127.0.0.1", door.httpPort());
        socket.getOutputStream()
                .write(("POST /api/login/token HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 9\r\n\r\n{")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** @return the first answer that is another one */
    private HttpResponse<String> awaitOther(int status) throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        HttpResponse<String> answer = redeem("junk", "short", NONCE, HOME);
        while (answer.statusCode() == status) {
            assertTrue(System.nanoTime() < end, answer.body());
            Thread.sleep(20);
            answer = redeem("junk", "short", NONCE, HOME);
        }
        return answer;
    }

    @Test
    void withoutAnIssuerForTheConsoleThereAreKeysAlone() throws Exception {
        try (OpenDoor keysOnly = OpenDoor.open()) {
            assertEquals(
                    "{\"openId\":null}",
                    keysOnly.send(keysOnly.request("GET", "/api/login", null)).body());
        }
    }

    @Test
    void theFileSaysWhatItLacks() {
        for (String lacking : List.of(
                "",
                "client_id = \"c\"\nscopes = [\"profile\"]",
                "client_id = \"c\"\nscopes = [\"openid a\"]",
                "client_id = \"c\"\nid = 1")) {
            assertThrows(ConfigException.class, () -> access(lacking), lacking);
        }
    }

    @Test
    void aFileWithoutASecretIsNoSecret() throws Exception {
        Access access = access("", secret("\n") + "client_id = \"c\"");
        OpenIdSettings settings = access.openId().orElseThrow();
        try (IssuerKeys keys = new IssuerKeys(settings)) {
            String fault = assertThrows(
                            ConfigException.class,
                            () -> new OpenIdTokens(settings, access, InstantSource.system(), keys))
                    .getMessage();

            assertTrue(fault.contains("but it is empty"), fault);
        }
    }
}
