package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.demo.DemoWorker;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The console in a real browser, on a real server with a real worker. Skipped where there is no browser. Pictures of each page are
 * left in {@code target/pictures}, for people to look at.
 */
class ConsoleTest {

    private static final Path PICTURES = Path.of("target", "pictures");
    private static final String WORKFLOWS = "/api/orgs/dev/workflow-executions";
    private static final String ENTER = "\ue007";
    private static final String DOWN = "\ue015";
    private static final CloseStack PARTS = new CloseStack();
    private static final TestHttp HTTP = new TestHttp("admin-key");

    private static TestServer server;
    private static String order;
    private static String done;
    private static String failed;
    private static String alone;

    private Browser browser;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> program = Browser.program();
        Assumptions.assumeTrue(
                program.isPresent(),
                "there is no chromedriver on the PATH; on Debian `apt-get install chromium chromium-driver` brings it");
        TempFolder folder = PARTS.push("test folder", new TempFolder());
        Path access = Files.writeString(folder.path().resolve("access.toml"), """
                [[orgs]]
                id = "550e8400-e29b-41d4-a716-446655440000"
                slug = "dev"

                [auth.static_api_key]
                keys = [
                  { key = "worker-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "Worker", principal_id = "w1" },
                  { key = "admin-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "eve", role = "ADMIN" },
                  { key = "member-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "ann", role = "MEMBER" },
                ]
                """);
        server = PARTS.push("server", TestServer.start(Map.of("server.access_file", access.toString()), true));
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
        PARTS.push(
                "worker",
                new DemoWorker("127.0.0.1", server.node(TestServer.FIRST).grpcPort(), "worker-key"));
        for (int i = 0; i < 130; i++) {
            start("echo", "{\"n\":" + i + "}");
        }
        failed = start("stateful", "{}");
        done = start("order", "{\"order\":\"A-16\",\"items\":3}");
        awaitStatus(done, "WAITING");
        post(
                "/api/orgs/dev/workflow-executions/" + done + "/signal",
                "{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}");
        promise(done);
        awaitStatus(done, "COMPLETED");
        order = start("order", "{\"order\":\"A-17\",\"items\":3}");
        start("unknown", "{\"nobody\":\"knows\"}");
        post(WORKFLOWS + "/" + start("nobody", "1") + "/cancel", "{\"reason\":\"changed my mind\"}");
        alone = post("/api/orgs/dev/task-executions", "{\"kind\":\"reserve\",\"input\":{\"items\":2}}");
        HTTP.get(server.http(WORKFLOWS + "?q=status%20%3D%20NONSENSE"));
        awaitStatus(order, "WAITING");
        Await.until(
                "lists to have all",
                () -> HTTP.get(server.http(WORKFLOWS + "/counts"))
                                .body()
                                .path("total")
                                .asInt()
                        >= 135);
    }

    private static String start(String kind, String input) {
        return post(WORKFLOWS, "{\"kind\":\"" + kind + "\",\"input\":" + input + ",\"metadata\":{\"team\":\"red\"}}");
    }

    private static String post(String path, String body) {
        TestHttp.Answer answer = HTTP.post(server.http(path), body);
        assertTrue(answer.status() < 300, answer::toString);
        return answer.body().path("id").asText();
    }

    private static void promise(String workflow) {
        Await.until(
                "the promise of " + workflow,
                () -> HTTP.post(
                                        server.http("/api/orgs/dev/promises/" + workflow + ":delivery/resolve"),
                                        "{\"value\":true}")
                                .status()
                        < 300);
    }

    private static void awaitStatus(String workflow, String status) {
        Await.until(
                workflow + " to be " + status,
                () -> HTTP.get(server.http(WORKFLOWS + "/" + workflow))
                        .body()
                        .path("status")
                        .asText()
                        .equals(status));
    }

    @AfterAll
    static void stop() {
        PARTS.close();
        HTTP.close();
    }

    @BeforeEach
    void open() throws Exception {
        browser = Browser.open(Browser.program().orElseThrow());
        browser.size(1360, 860);
    }

    @AfterEach
    void close() {
        browser.close();
    }

    private void logIn(String key) {
        browser.go(server.http("/"));
        browser.type("input[name=key]", key);
        browser.click(".login button[type=submit]");
        browser.find("nav .me");
    }

    private void show(String place) {
        browser.run("location.hash = arguments[0]", "#/" + place);
    }

    /** Wide and narrow, light and dark; and nothing serious in the way of those who do not see or use a mouse. */
    private void pictures(String name) {
        browser.colours("light");
        browser.picture(PICTURES.resolve(name + ".png"));
        assertEquals(List.of(), browser.barriers(), name);
        browser.colours("dark");
        browser.picture(PICTURES.resolve(name + "-dark.png"));
        assertEquals(List.of(), browser.barriers(), name + " in the dark");
        browser.colours("light");
        browser.size(390, 844);
        browser.picture(PICTURES.resolve(name + "-phone.png"));
        int wider = browser.run("return document.documentElement.scrollWidth - innerWidth")
                .asInt();
        browser.size(1360, 860);
        assertTrue(wider <= 0, name + " is " + wider + " pixels wider than a phone");
    }

    private void assertNoComplaints() {
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void aKeyThatIsNotKnownIsRefusedAndOneThatIsStaysInItsTab() {
        browser.go(server.http("/"));
        browser.type("input[name=key]", "guess");
        pictures("login");
        browser.click(".login button[type=submit]");
        browser.await(".problem", "key");
        browser.complaints(); // the browser notes the 401

        logIn("admin-key");
        browser.go(server.http("/#/system"));
        browser.find(".tiles");
        assertEquals(0, browser.run("return localStorage.length").asInt());
        browser.run("[...document.querySelectorAll('button')].find(b => b.innerText === 'Log out').click()");
        browser.find("input[name=key]");
        assertEquals(0, browser.run("return sessionStorage.length").asInt());
        assertNoComplaints();
    }

    @Test
    void workflowsAreFoundByQueriesThatStandInTheAddress() {
        logIn("admin-key");
        browser.find(".rows .body .row");
        browser.await(".chips", "Failed");
        pictures("workflows");

        browser.type(".query input", "status = WAITING AND kind = ord");
        browser.await(".offers", "order");
        browser.picture(PICTURES.resolve("completions.png"));
        browser.press(DOWN + ENTER);
        assertEquals(
                "status = WAITING AND kind = order ",
                browser.run("return document.querySelector('.query input').value")
                        .asText());
        browser.press(ENTER);
        Await.until("one row", () -> browser.all(".rows .body .row").size() == 1);
        assertTrue(browser.address().contains("q=status+%3D+WAITING+AND+kind+%3D+order"), browser.address());
        assertNoComplaints();
    }

    @Test
    void aQueryThatIsWrongShowsWhere() {
        logIn("admin-key");
        browser.find(".rows .body .row");
        browser.type(".query input", "status = DONE AND kind = order" + ENTER);
        browser.await(".fault", "expected PENDING, RUNNING");
        assertEquals("DONE", browser.text(".fault mark"));
        pictures("fault");
    }

    @Test
    void longListsAreScrolledPartByPart() {
        logIn("admin-key");
        browser.find(".rows .body .row");
        int most = 0;
        for (int i = 0; i < 40; i++) {
            browser.run("const at = document.querySelector('.rows'); at.scrollTop += 400");
            most = Math.max(most, browser.all(".rows .body .row").size());
        }
        Await.until("the last row of all", () -> {
            browser.run("const at = document.querySelector('.rows'); at.scrollTop = at.scrollHeight");
            return browser.run("return document.querySelector('.rows').scrollHeight")
                            .asInt()
                    > 135 * 36;
        });
        assertTrue(most < 80, "as many as " + most + " rows were drawn at a time");
        assertNoComplaints();
    }

    @Test
    void anExecutionIsShownAsItGoesAndSignalled() {
        logIn("admin-key");
        show("workflows/" + order);
        browser.await(".why", "only a signal or a cancellation");
        browser.find(".timeline .lane:nth-child(4)");
        pictures("execution");
        browser.run(
                "[...document.querySelectorAll('header button')].find(b => b.innerText.startsWith('Signal')).click()");
        browser.type("dialog input", "approve");
        browser.clear("dialog textarea");
        browser.type("dialog textarea", "not JSON");
        browser.click("dialog button.main");
        browser.await("dialog .problem", "Expected JSON");
        browser.picture(PICTURES.resolve("signal.png"));
        browser.clear("dialog textarea");
        browser.type("dialog textarea", "\"Ada\"");
        browser.click("dialog button.main");
        browser.await(".said", "delivered");
        browser.await(".why", "delivery");
        promise(order);
        // Nobody loads the page again.
        browser.await("h1", "Completed");
        browser.await(".why", "approvedBy");
        assertNoComplaints();
    }

    @Test
    void anExecutionThatEndedShowsAllThatHappened() {
        logIn("admin-key");
        show("workflows/" + done);
        browser.await("h1", "Completed");
        Await.until(
                "attempts",
                () -> browser.all(".timeline rect.bad").size() > 0
                        && browser.all(".timeline rect.good").size() > 3);
        pictures("execution-ended");
        browser.click("#tab-events");
        browser.await(".log", "Task attempt failed");
        pictures("events");
        browser.run("[...document.querySelectorAll('.choice button')].find(b => b.innerText === 'JSON').click()");
        browser.await(".events pre", "\"eventType\": \"WORK_CLAIMED\"");
        browser.click("#tab-tasks");
        browser.await("#panel", "charge");
        browser.picture(PICTURES.resolve("execution-tasks.png"));
        browser.click("#tab-children");
        browser.await("#panel", "invoice");
        browser.click("#tab-payloads");
        browser.await("#panel", "A-16");
        browser.picture(PICTURES.resolve("payloads.png"));
        show("workflows/" + failed);
        browser.await("h1", "Failed");
        browser.picture(PICTURES.resolve("execution-failed.png"));
        assertNoComplaints();
    }

    @Test
    void aWorkflowIsCancelledWithAReason() {
        String id = start("nobody", "1");
        logIn("admin-key");
        show("workflows/" + id);
        browser.await(".why", "No worker is known to live");
        browser.click("header button.danger");
        browser.type("dialog input", "typed by mistake");
        browser.picture(PICTURES.resolve("cancel.png"));
        browser.click("dialog button.danger");
        browser.await("h1", "Cancelled");
        browser.await(".why", "typed by mistake");
        assertEquals(0, browser.all("header button.danger").size());
        assertNoComplaints();
    }

    @Test
    void tasksAreListedAndShown() {
        logIn("admin-key");
        show("tasks?q=kind+%3D+reserve");
        browser.find(".rows .body .row");
        pictures("tasks");
        show("tasks/" + alone);
        browser.await("h1", "reserve");
        browser.await(".page", "\"reserved\": 2");
        pictures("task");
        assertNoComplaints();
    }

    @Test
    void operatorsSeeQueuesWorkersTheTrailAndTheSystem() {
        logIn("admin-key");
        show("queues");
        browser.await("table", "default");
        pictures("queues");
        show("workers");
        browser.await(".card", "demo-worker");
        pictures("workers");
        show("audit");
        browser.await("table", "start_workflow");
        pictures("audit");
        browser.type(".filters input[name=command]", "cancel_workflow" + ENTER);
        Await.until("cancellations alone", () -> {
            JsonNode commands = browser.run(
                    "return [...document.querySelectorAll('tbody td:nth-child(3)')].map(at => at.innerText)");
            return commands.size() > 0
                    && commands.findValues("").isEmpty()
                    && java.util.stream.StreamSupport.stream(commands.spliterator(), false)
                            .allMatch(each -> each.asText().startsWith("cancel_workflow"));
        });
        show("system");
        browser.await(".tiles", "partitions are served");
        browser.await("table", "node-1");
        pictures("system");
        assertNoComplaints();
    }

    @Test
    void whatARoleMayNotIsNotShown() {
        logIn("member-key");
        assertFalse(browser.text("nav").contains("Audit"), browser.text("nav"));
        show("audit");
        browser.await("main", "may not look at the audit trail");
        show("workflows/" + order);
        browser.await("h1", "order");
        assertEquals(0, browser.all("header button.danger").size());
    }

    @Test
    void itIsSteeredByKeysAlone() {
        logIn("admin-key");
        browser.find(".rows .body .row");
        browser.run("document.activeElement.blur()");
        browser.press("gs");
        browser.await("h1", "System");
        browser.press("gw");
        browser.find(".rows .body .row");
        browser.press("/");
        assertEquals(
                "combobox",
                browser.run("return document.activeElement.getAttribute('role')")
                        .asText());
        browser.run("document.querySelector('.rows .body .row').focus()");
        browser.press("jj" + ENTER);
        browser.find(".execution");
        browser.press("?");
        browser.await("dialog", "write a query");
        assertNoComplaints();
    }
}
