package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Queues are paused and resumed, and workers drained, in a real browser. */
class ConsoleQueuesTest extends ConsoleCase {

    private static final CloseStack PARTS = new CloseStack();
    private static final TestHttp HTTP = PARTS.push("http", new TestHttp(Access.DEV_USER_KEY));
    private static TestServer server;
    private static TestClient client;

    @BeforeAll
    static void start() {
        ConsolePages.assumeABrowser();
        server = ConsoleServer.start(PARTS, Map.of());
        ConsoleServer.work(PARTS, server, Access.DEV_WORKER_KEY);
        client = PARTS.push("client", server.worker());
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    @Override
    URI console() {
        return server.http("/");
    }

    @Test
    void aQueueIsPausedWithAReasonAndResumed() {
        client.start("nobody", "orders");
        pages.show("queues");
        browser.await("table", "orders");
        pages.press("Pause orders…");
        browser.type("dialog input[name=reason]", "stock-taking");
        pages.press("Pause the queue");
        browser.await(".said", "orders is paused.");
        browser.await("table", "stock-taking");
        assertEquals(
                "stock-taking",
                HTTP.get(server.http("/api/orgs/dev/queues/orders"))
                        .body()
                        .at("/paused/reason")
                        .asText());
        HTTP.post(server.http("/api/orgs/dev/task-kinds/pay/pause"), "{\"reason\":\"no money\"}");
        browser.await("h2", "Kinds that are held back");
        pages.pictures("queues-paused");

        pages.press("Resume pay…");
        pages.press("Resume the kind");
        browser.await(".said", "pay is resumed.");
        pages.press("Resume orders…");
        pages.press("Resume the queue");
        browser.await(".said", "orders is resumed.");
        assertTrue(HTTP.get(server.http("/api/orgs/dev/queues/orders"))
                .body()
                .get("paused")
                .isNull());
        pages.assertNoComplaints();
    }

    @Test
    void aKindIsPausedInWhicheverQueueItIs() {
        pages.show("queues");
        pages.press("Pause a kind…");
        pages.choose("dialog select[name=workType]", "TASK");
        browser.type("dialog input[name=kind]", "charge");
        browser.type("dialog input[name=reason]", "no money");
        pages.pictures("kind-pause");
        pages.press("Pause the kind");
        browser.await(".said", "charge is paused.");
        browser.await("section", "Kinds that are held back");
        assertEquals(
                "no money",
                HTTP.get(server.http("/api/orgs/dev/kinds"))
                        .body()
                        .at("/kinds/0/paused/reason")
                        .asText());
        pages.press("Resume charge…");
        pages.press("Resume the kind");
        browser.await(".said", "charge is resumed.");
        pages.assertNoComplaints();
    }

    @Test
    void howFastWorkOfAQueueComesAndIsTakenIsShown() {
        for (int i = 0; i < 3; i++) {
            client.start("nobody", "parcels");
        }
        pages.show("queues");
        browser.await("table", "parcels");
        browser.click("a[href='#/queues?queue=parcels']");
        browser.await("h2", "Rates of parcels");
        browser.await("section[aria-label='Rates of parcels'] table", "a minute");
        browser.await("[aria-label='Kinds that wait in parcels'] tbody", "nobody");
        Await.until(
                "the age of the oldest to be drawn",
                () -> !browser.all("svg[aria-label^='How long the oldest work of parcels'] polyline")
                        .isEmpty());
        browser.await("table", "not polled for 3 minutes");
        browser.find(".plot canvas");
        browser.await(".plot .u-legend", "With workers");
        pages.pictures("queue-rates");
        browser.click("[aria-label='Kinds that wait in parcels'] tbody a");
        browser.await(".rows .body", "parcels");
        assertEquals("parcels", browser.value("select[name=queue]"));
        assertEquals("nobody", browser.value("select[name=kind]"));
        pages.assertNoComplaints();
    }

    @Test
    void aQueueIsLimitedWithAReasonAndTheLimitIsLifted() {
        client.start("nobody", "mails");
        pages.show("queues");
        browser.await("table", "mails");
        pages.press("Limit mails…");
        browser.type("dialog input[name=inFlight]", "3");
        browser.type("dialog input[name=rate]", "10");
        browser.type("dialog input[name=fairBy]", "customer");
        browser.type("dialog input[name=reason]", "three calls");
        pages.press("Limit the queue");
        browser.await(".said", "mails is limited.");
        browser.await("table", "0 of 3 in flight; 10/s, 10 at once; in turn by customer");
        pages.pictures("queue-limited");
        assertEquals(
                "three calls",
                HTTP.get(server.http("/api/orgs/dev/queues/mails"))
                        .body()
                        .at("/limit/reason")
                        .asText());

        pages.press("Unlimit mails…");
        pages.press("Lift the limits");
        browser.await(".said", "mails is not limited any more.");
        assertTrue(HTTP.get(server.http("/api/orgs/dev/queues/mails"))
                .body()
                .get("limit")
                .isNull());
        pages.assertNoComplaints();
    }

    @Test
    void aWorkerIsDrainedAndGetsWorkAgain() {
        pages.show("workers");
        browser.await(".card", "demo-worker");
        pages.press("Drain…");
        browser.type("dialog input[name=reason]", "a new version");
        pages.press("Drain the worker");
        browser.await(".said", "demo-worker is drained.");
        browser.await(".card", "a new version");
        browser.await(".card", "0 in hand");
        pages.pictures("worker-drained");
        String id = client.start("echo", "default");
        pages.press("Give it work again…");
        pages.press("Give it work again");
        browser.await(".said", "demo-worker gets work again.");
        Await.until("the work to be done", () -> client.eventTypes(id).getLast().equals("WORKFLOW_COMPLETED"));
        pages.assertNoComplaints();
    }
}
