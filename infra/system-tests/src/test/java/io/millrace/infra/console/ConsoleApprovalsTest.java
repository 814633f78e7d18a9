package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Four eyes in the console: what one person asks for, another one approves or rejects. */
class ConsoleApprovalsTest extends ConsoleCase {

    private static final String WORKFLOWS = "/api/orgs/dev/workflow-executions";
    private static final CloseStack PARTS = new CloseStack();
    private static final TestHttp HTTP = new TestHttp("ann-key");

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        ConsolePages.assumeABrowser();
        TempFolder folder = PARTS.push("test folder", new TempFolder());
        Path access = Files.writeString(folder.path().resolve("access.toml"), """
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                slug = "dev"

                [auth.static_api_key]
                keys = [
                  { key = "worker-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "Worker", principal_id = "w1" },
                  { key = "ann-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                  { key = "bob-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "bob", role = "ADMIN" },
                ]
                """);
        server = ConsoleServer.start(
                PARTS, Map.of("server.access_file", access.toString(), "approvals.required", "CANCEL"));
    }

    @AfterAll
    static void stop() {
        PARTS.close();
        HTTP.close();
    }

    @Override
    URI console() {
        return server.http("/");
    }

    @Override
    void comeIn() {
        pages.logIn("ann-key");
    }

    /** Ann asks for an end; Bob looks at what waits. */
    private String asked(String dialog, String send) {
        String id = HTTP.post(server.http(WORKFLOWS), "{\"kind\":\"nobody\",\"input\":1}")
                .body()
                .path("id")
                .asText();
        pages.show("workflows/" + id);
        browser.await(".idline", id);
        pages.press(dialog);
        browser.type("dialog input[name=reason]", "wrong order");
        pages.press(send);
        browser.await(".said", "somebody else has to approve it");
        browser.click(".said a");
        browser.await("table", id.substring(0, 8));
        browser.await("table", "not by who asked");
        pages.logInAs("bob-key");
        pages.show("approvals");
        browser.await("table", id.substring(0, 8));
        browser.await("table", "wrong order");
        return id;
    }

    private static String status(String id) {
        return HTTP.get(server.http(WORKFLOWS + "/" + id)).body().path("status").asText();
    }

    @Test
    void whatOneAsksForAnotherOneApprovesAndItIsCarriedOut() {
        String id = asked("Terminate…", "Terminate the workflow");
        pages.pictures("approvals");
        pages.press("Approve…");
        browser.type("dialog input[name=reason]", "seen");
        pages.pictures("approve");
        pages.press("Approve and carry out");
        browser.await(".said", "It is approved and carried out.");
        assertEquals("CANCELLED", status(id));
        Await.until("nothing to wait any more", () -> !browser.text("main").contains(id.substring(0, 8)));
        pages.press("All");
        browser.await("table", "by bob: seen");
        pages.pictures("approvals-all");
        pages.assertNoComplaints();
    }

    @Test
    void whatAnotherOneRejectsIsNotDone() {
        String id = asked("Cancel…", "Cancel the workflow");
        pages.press("Reject…");
        browser.type("dialog input[name=reason]", "it is the right one");
        pages.press("Reject");
        browser.await(".said", "It is rejected.");
        assertEquals("PENDING", status(id));
        pages.press("All");
        browser.await("table", "by bob: it is the right one");
        assertTrue(browser.text("table").contains("Refused"), browser.text("table"));
        pages.assertNoComplaints();
    }

    @Test
    void aKeyThatCanEndWorkIsToldAtOnceAndCountsOnceAnotherOneApprovesIt() {
        pages.show("keys");
        pages.press("Make a key…");
        pages.choose("dialog select[name=type]", "WORKER");
        browser.type("dialog input[name=principal]", "packers");
        browser.type("dialog input[name=reason]", "a new line");
        pages.press("Make the key");
        browser.await("dialog", "somebody else has to approve it");
        String secret = browser.text("dialog .secret code");
        pages.pictures("key-waits");
        pages.press("I have kept it");
        try (TestHttp packers = new TestHttp(secret)) {
            URI me = server.http("/api/me");
            assertEquals(401, packers.get(me).status());
            pages.show("approvals");
            browser.await("table", "not by who asked");
            pages.logInAs("bob-key");
            pages.show("approvals");
            browser.await("table", "packers");
            pages.pictures("approvals-key");
            pages.press("Approve…");
            browser.await("dialog", "The making of the key is carried out at once");
            browser.type("dialog input[name=reason]", "seen");
            pages.press("Approve and carry out");
            browser.await(".said", "It is approved and carried out.");
            Await.until(
                    "the key to let the worker in",
                    () -> packers.get(me).body().path("principal").asText().equals("packers"));
        }
        pages.assertNoComplaints();
    }
}
