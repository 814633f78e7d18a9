package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.ingest.contract.TestIssuer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** People log in at a real issuer, with a real browser; and make keys for others. */
class ConsoleAccessTest extends ConsoleCase {

    private static final CloseStack PARTS = new CloseStack();

    private static TestIssuer issuer;
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        ConsolePages.assumeABrowser();
        issuer = PARTS.push("issuer", new TestIssuer());
        TempFolder folder = PARTS.push("test folder", new TempFolder());
        Path secret = Files.writeString(folder.path().resolve("secret"), TestIssuer.SECRET);
        Path access = Files.writeString(
                folder.path().resolve("access.toml"), """
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                slug = "dev"

                [auth.static_api_key]
                keys = [
                  { key = "admin-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "bob", role = "ADMIN" },
                  { key = "member-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "carol", role = "MEMBER" },
                ]

                [auth.openid]
                issuer = "%s"
                audience = "millrace"
                org_id = "550e8400-e29b-41d4-a716-446655440000"
                role_claim = "groups"
                roles = [{ value = "admins", role = "ADMIN" }]

                [auth.openid.console]
                client_id = "%s"
                client_secret_file = "%s"
                """.formatted(issuer.place(), TestIssuer.CLIENT, secret));
        server = ConsoleServer.start(PARTS, Map.of("server.access_file", access.toString()));
        issuer.home = server.http("/").toString();
        try (TestHttp anybody = new TestHttp(null)) {
            Await.until(
                    "the server to have heard of the issuer",
                    () -> anybody.get(server.http("/api/login")).status() == 200);
        }
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    @Override
    URI console() {
        return server.http("/");
    }

    @Override
    void comeIn() {
        // Each test does it in its own way.
    }

    @BeforeEach
    void nobodyIsThere() {
        issuer.endSessions();
        issuer.life = Duration.ofMinutes(10);
    }

    private String button() {
        return "Log in at 127.0.0.1:" + URI.create(issuer.place()).getPort();
    }

    /** Logs in at the issuer as Ann, at a place of the console. */
    private void logInAtIssuer(String place) {
        Await.until("Ann to have come in", () -> cameIn(place));
        browser.await("nav .me", "ann · ADMIN");
        assertEquals(console() + "#/" + place, browser.address(), "the code is out of the address");
    }

    /** @return false if the issuer, on this slow machine, took longer than the server waits for it */
    private boolean cameIn(String place) {
        browser.go(console().resolve("/#/" + place));
        pages.press(button());
        browser.type("input[name=name]", "ann");
        browser.click("button");
        Await.until(
                "the console to let her in or to say why not",
                () -> !browser.all("nav .me").isEmpty()
                        || !browser.all(".problem").isEmpty());
        if (!browser.all("nav .me").isEmpty()) {
            return true;
        }
        browser.go(URI.create("about:blank"));
        browser.complaints();
        issuer.endSessions();
        return false;
    }

    /** Changes what the page hears of where people log in: {@code said}, an answer of the server. */
    private void bend(String change) {
        browser.run("const real = window.real ??= window.fetch; window.fetch = async (place, request) => {"
                + " const answer = await real(place, request); if (place !== '/api/login') return answer;"
                + " const said = await answer.json(); " + change + "; return new Response(JSON.stringify(said)); }");
    }

    private void reload() {
        browser.reload();
    }

    @Test
    void whoLogsInAtTheIssuerComesBackToTheSamePlaceAndNoTokenIsKept() {
        logInAtIssuer("queues");
        browser.await("h1", "Queues");
        assertFalse(
                browser.run(
                                "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href,"
                                        + " performance.getEntries().map(one => one.name)]).includes('eyJ')")
                        .asBoolean(),
                "no token is stored, and none stands in an address");

        long before = issuer.asked().size();
        reload();
        browser.await("nav .me", "ann · ADMIN");
        browser.await("h1", "Queues");
        assertTrue(
                issuer.asked().stream()
                        .skip(before)
                        .anyMatch(asked -> asked.startsWith("/authorize?") && asked.contains("prompt=none")),
                "a page that is loaded anew asks the issuer without a question to the person");

        issuer.endSessions();
        reload();
        browser.await(".login", "Your log-in has ended.");
        pages.pictures("log-in-ended");
        assertTrue(
                issuer.asked().stream().noneMatch(asked -> asked.contains("eyJ")),
                () -> issuer.asked().toString());
        pages.assertNoComplaints();
    }

    @Test
    void whoLogsOutIsLoggedOutAtTheIssuerToo() {
        logInAtIssuer("workflows");
        pages.press("Log out");
        Await.until(
                "the issuer to be told",
                () -> issuer.asked().stream()
                        .anyMatch(asked -> asked.startsWith("/logout?") && !asked.contains("eyJ")));
        browser.await(".login", "API key");
        assertEquals("", browser.text(".login .lag"), "nobody has to be told why");
        reload();
        browser.await(".login", button());
        assertTrue(browser.all("nav").isEmpty());
        pages.pictures("log-in");
        pages.assertNoComplaints();
    }

    @Test
    void whoStaysLoggedInAtTheIssuerIsTold() {
        browser.go(console().resolve("/#/workflows"));
        browser.await(".login", button());
        bend("said.openId.endSessionEndpoint = null");
        pages.press(button());
        browser.type("input[name=name]", "ann");
        browser.click("button");
        browser.await("nav .me", "ann · ADMIN");
        pages.press("Log out");
        browser.await(
                ".login .lag",
                "You are still logged in at 127.0.0.1:"
                        + URI.create(issuer.place()).getPort() + ".");
        assertEquals(console() + "#/workflows", browser.address());
    }

    @Test
    void theEndOfATokenIsToldBeforeAndAfter() {
        issuer.life = Duration.ofSeconds(100);
        logInAtIssuer("audit");
        browser.await(".ending", "Your log-in ends at");
        pages.picture("log-in-ends");
        bend("said.openId = null");
        pages.press("Log in again now");
        browser.await(".problem", "the server has none any more");
        bend("");

        browser.run("Object.defineProperty(document, 'hidden', { value: true });"
                + " const real = Date.now; Date.now = () => real() + 100_000");
        browser.await(".login", "Your log-in has ended.");
        issuer.life = Duration.ofMinutes(10);
        pages.press(button());
        browser.await("h1", "Audit trail");
        assertTrue(browser.all(".ending").isEmpty());
        pages.assertNoComplaints();
    }

    @Test
    void anAnswerThatThisTabDidNotAskForIsNotRedeemed() {
        strangeAnswer();
        pages.press("Try again");
        browser.await(".login", button());

        pages.press(button());
        browser.find("input[name=name]");
        strangeAnswer();
    }

    private void strangeAnswer() {
        long redeemed = issuer.asked().stream().filter("/token"::equals).count();
        browser.go(console().resolve("/?code=stolen&state=another"));
        browser.await(".problem", "it is of another one");
        assertEquals(console().toString(), browser.address());
        assertEquals(redeemed, issuer.asked().stream().filter("/token"::equals).count());
    }

    @Test
    void aKeyIsMadeShownOnceAndRevoked() {
        pages.logIn("admin-key");
        pages.show("keys");
        browser.await("table", "carol");
        pages.press("Make a key…");
        browser.type("dialog input[name=principal]", "billing");
        browser.type("dialog input[name=name]", "nightly bills");
        browser.type("dialog input[name=reason]", "new service");
        assertFalse(browser.text("dialog select[name=role]").contains("OWNER"), "only an owner makes owners");
        pages.pictures("key-make");
        pages.press("Make the key");
        browser.await("dialog", "it is not shown again");
        String secret = browser.text("dialog .secret code");
        assertTrue(secret.startsWith("flovyn_sk_"), secret);
        try (TestHttp billing = new TestHttp(secret)) {
            URI me = server.http("/api/me");
            assertEquals("billing", billing.get(me).body().path("principal").asText());
            pages.press("I have kept it");
            browser.await("table", "nightly bills");
            assertFalse(browser.text("body").contains(secret));
            pages.pictures("keys");

            browser.click("button[aria-label^='End of']");
            pages.press("Set the end");
            browser.await(".said", "has another end.");
            browser.await("table", "in 23 h");
            browser.click("button[aria-label^='Revoke']");
            browser.type("dialog input[name=reason]", "the service is gone");
            pages.press("Revoke the key");
            browser.await(".said", "is revoked.");
            browser.await("table", "Revoked");
            Await.until("the key to let nobody in", () -> billing.get(me).status() == 401);
        }
        pages.assertNoComplaints();

        pages.logInAs("member-key");
        assertFalse(browser.text("nav").contains("API keys"));
        pages.show("keys");
        browser.await("main", "Your role may not look at API keys.");
    }
}
