package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * The console in a real browser, on a real server with a real worker. Skipped where there is no browser. Pictures of each page are
 * left in {@code target/pictures}, for people to look at.
 */
@Order(1)
class ConsoleTest extends ConsoleCase {

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
                  { key = "admin-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "eve", role = "ADMIN" },
                  { key = "member-key", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "ann", role = "MEMBER" },
                ]
                """);
        server = ConsoleServer.start(PARTS, Map.of("server.access_file", access.toString()));
        ConsoleServer.work(PARTS, server, "worker-key");
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
        HTTP.post(server.http(WORKFLOWS + "/" + order + "/reset"), "{\"toEvent\":0}");
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

    @Override
    URI console() {
        return server.http("/");
    }

    @Override
    void comeIn() {} // each test does it by the key that it needs

    @Test
    void aKeyThatIsNotKnownIsRefusedAndOneThatIsStaysInItsTab() {
        browser.go(server.http("/"));
        browser.type("input[name=key]", "guess");
        pages.pictures("login");
        browser.click(".login button[type=submit]");
        browser.await(".problem", "key");
        browser.awaitComplaint("401");

        pages.logIn("admin-key");
        browser.go(server.http("/#/system"));
        browser.find(".tiles");
        assertEquals(0, browser.run("return localStorage.length").asInt());
        pages.press("Log out");
        browser.find("input[name=key]");
        assertEquals(0, browser.run("return sessionStorage.length").asInt());
        pages.assertNoComplaints();
    }

    @Test
    void workflowsAreFoundByQueriesThatStandInTheAddress() {
        pages.logIn("admin-key");
        browser.find(".rows .body .row");
        browser.await(".chips", "Failed");
        pages.pictures("workflows");

        browser.type(".query input", "status = WAITING AND kind = ord");
        browser.await(".offers", "order");
        pages.picture("completions");
        browser.press(DOWN);
        browser.await(".offers [aria-selected=true]", "order");
        browser.press(ENTER);
        Await.until(
                "the offer to be taken",
                () -> browser.value(".query input").equals("status = WAITING AND kind = order "));
        browser.press(ENTER);
        Await.until("one row", () -> browser.all(".rows .body .row").size() == 1);
        assertTrue(browser.address().contains("q=status+%3D+WAITING+AND+kind+%3D+order"), browser.address());
        pages.assertNoComplaints();
    }

    @Test
    void anIdOpensWhatHasItAndTimesAreShownInUtc() {
        pages.logIn("admin-key");
        browser.find(".rows .body .row");
        browser.type(".query input", done + ENTER);
        browser.await(".idline", done);
        assertFalse(browser.text(".facts").contains("UTC"));
        browser.set("select[name=times]", "utc", "change");
        browser.await(".facts", "UTC");
        browser.await(".idline", done);
        pages.assertNoComplaints();
    }

    private List<Integer> histories() {
        List<Integer> histories = new ArrayList<>();
        browser.run("return [...document.querySelectorAll('.rows .body .of-history')].map(at => Number(at.innerText))")
                .forEach(length -> histories.add(length.asInt()));
        return histories;
    }

    @Test
    void listsAreNarrowedToAKindAndOrderedByTheHeadsOfTheirColumns() {
        pages.logIn("admin-key");
        browser.find(".rows .body .row");
        browser.click("select[name=kind]"); // which there are is asked for then
        browser.set("select[name=kind]", "order", "change");
        Await.until("orders alone", () -> {
            String kinds = browser.run("return [...new Set([...document.querySelectorAll('.rows .body .of-kind')]"
                            + ".map(at => at.innerText))].join()")
                    .asText();
            return kinds.equals("order");
        });
        assertTrue(browser.address().endsWith("?kind=order"), browser.address());
        pages.press("History");
        browser.find("[aria-sort=descending] button.order");
        assertEquals("ORDER BY history DESC", browser.value(".query input"));
        Await.until(
                "the longest first",
                () -> histories().size() > 1
                        && histories()
                                .equals(histories().stream()
                                        .sorted(Comparator.reverseOrder())
                                        .toList()));
        pages.pictures("ordered");
        browser.click("[aria-sort=descending] button.order");
        browser.find("[aria-sort=ascending] button.order");
        Await.until(
                "the shortest first",
                () -> histories().size() > 1
                        && histories().equals(histories().stream().sorted().toList()));
        browser.click("[aria-sort=ascending] button.order");
        Await.until("the usual order", () -> browser.value(".query input").isEmpty());
        assertTrue(browser.address().endsWith("?kind=order"), browser.address());
        pages.assertNoComplaints();
    }

    @Test
    void aQueryThatIsWrongShowsWhere() {
        pages.logIn("admin-key");
        browser.find(".rows .body .row");
        browser.type(".query input", "status = DONE AND kind = order" + ENTER);
        browser.await(".fault", "expected PENDING, RUNNING");
        Await.until(
                "no rows, since those of another query are no answer to this one",
                () -> browser.all(".rows").isEmpty());
        assertEquals("DONE", browser.text(".fault mark"));
        pages.pictures("fault");
    }

    @Test
    void longListsAreScrolledPartByPart() {
        pages.logIn("admin-key");
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
        pages.assertNoComplaints();
    }

    @Test
    void rowsOfAnotherQueryAreNeverAddedToAList() {
        pages.logIn("admin-key");
        browser.find(".rows .body .row");
        slow("cursor=", 1_000);
        browser.run("const at = document.querySelector('.rows'); at.scrollTop = at.scrollHeight");
        Await.until(
                "a further part to be asked for",
                () -> browser.run("return window.asked").asInt() > 0);
        pages.show("workflows?q=kind+%3D+unknown");
        Await.until("one row", () -> browser.all(".rows .body .row").size() == 1);
        Await.until(
                "the further part to have come",
                () -> browser.run("return window.drawn").asInt() > 0);
        assertEquals(1, browser.all(".rows .body .row").size());
        pages.assertNoComplaints();
    }

    @Test
    void anExecutionWhereMuchHappensIsShownThoughAnswersAreSlow() {
        String busy = start("nobody", "1");
        pages.logIn("admin-key");
        slow("/events?", 700);
        pages.show("workflows/" + busy);
        Await.until("something to be shown while more and more happens", () -> {
            post(WORKFLOWS + "/" + busy + "/signal", "{\"signalName\":\"more\",\"signalValue\":1}");
            return !browser.all(".timeline .lane").isEmpty();
        });
        post(WORKFLOWS + "/" + busy + "/cancel", "{\"reason\":\"enough\"}");
    }

    /** Answers to what asks for such an address come later by so much; {@code asked} and {@code drawn} count them until the page is left. */
    private void slow(String address, int ms) {
        browser.run(
                "const [part, ms] = arguments; const usual = window.fetch; window.asked = 0; window.drawn = 0;"
                        + " window.fetch = async (url, options) => {"
                        + " if (!String(url).includes(part)) return usual(url, options);"
                        + " window.asked++;"
                        + " await new Promise(over => setTimeout(over, ms));"
                        + " const answer = await usual(url, options);"
                        + " setTimeout(() => window.drawn++, 300);"
                        + " return answer; }",
                address,
                ms);
    }

    @Test
    void anExecutionIsShownAsItGoesAndSignalled() {
        String signalled = start("order", "{\"order\":\"A-18\",\"items\":3}");
        awaitStatus(signalled, "WAITING");
        pages.logIn("admin-key");
        pages.show("workflows/" + signalled);
        browser.await(".why", "only a signal or a cancellation");
        browser.find(".timeline .lane:nth-child(4)");
        pages.pictures("execution");
        pages.press("Signal…");
        Await.until(
                "the signal that it waits for to be filled in",
                () -> browser.value("dialog input[name=name]").equals("approve"));
        browser.type("dialog textarea", "not JSON");
        browser.click("dialog button.main");
        browser.await("dialog .problem", "Expected JSON as the value, but it is none from line 1, character 1 on.");
        assertEquals("not", browser.text("dialog .fault mark"));
        pages.picture("signal");
        browser.clear("dialog textarea");
        browser.type("dialog textarea", "\"Ada\"");
        browser.click("dialog button.main");
        browser.await(".said", "delivered");
        browser.await(".why", "delivery");
        promise(signalled);
        // Nobody loads the page again.
        browser.await("h1", "Completed");
        browser.await(".why", "approvedBy");
        pages.assertNoComplaints();
    }

    @Test
    void anExecutionThatEndedShowsAllThatHappened() {
        pages.logIn("admin-key");
        pages.show("workflows/" + done);
        browser.await("h1", "Completed");
        Await.until(
                "attempts",
                () -> browser.all(".timeline rect.bad").size() > 0
                        && browser.all(".timeline rect.good").size() > 3);
        pages.pictures("execution-ended");
        browser.click(".timeline .lane:nth-child(3) .twig");
        browser.await(".timeline .bars", "attempt 1 with worker demo-worker");
        pages.pictures("timeline-parts");
        browser.click("#tab-events");
        browser.await(".log", "Task attempt failed");
        pages.pictures("events");
        pages.press("JSON");
        browser.await(".events pre", "\"eventType\": \"WORK_CLAIMED\"");
        browser.click("#tab-tasks");
        browser.await("#panel", "charge");
        pages.picture("execution-tasks");
        browser.click("#tab-family");
        browser.await("#panel .tree", "invoice");
        pages.pictures("family");
        browser.click(".tree a.id");
        browser.await(".crumbs", "child of");
        browser.click("#tab-family");
        browser.await("#panel .tree", "this one");
        assertTrue(browser.text(".tree").startsWith("Completed"), browser.text(".tree"));
        assertTrue(browser.text(".tree").contains("order"), browser.text(".tree"));
        pages.show("workflows/" + done);
        browser.click("#tab-payloads");
        browser.await("#panel", "A-16");
        pages.picture("payloads");
        pages.show("workflows/" + failed);
        browser.await("h1", "Failed");
        pages.picture("execution-failed");
        pages.assertNoComplaints();
    }

    private List<String> changed() {
        List<String> changed = new ArrayList<>();
        browser.run("return [...document.querySelectorAll('.stand .changed')].map(at => at.innerText)")
                .forEach(line -> changed.add(line.asText().replace('\t', ' ').strip()));
        return changed;
    }

    @Test
    void howItStoodAtAMomentIsShown() {
        pages.logIn("admin-key");
        pages.show("workflows/" + done);
        browser.await("h1", "Completed");
        browser.click("#tab-time");
        browser.await(".stand", "\"approvedBy\":\"Ada\"");
        slideTo(0);
        browser.await(".in-time [role=status]", "event 1 of");
        toMoment("2999-01-01T00:00:00");
        int all = browser.run("return Number(document.querySelector('input[name=at]').max) + 1")
                .asInt();
        browser.await(".in-time [role=status]", "event " + all + " of " + all);
        toMoment("2000-01-01T00:00:00");
        browser.await(".in-time [role=status]", "event 1 of");
        browser.await(".in-time [role=status]", "Workflow started");
        pages.pictures("in-time-moment");
        pages.assertNoComplaints();
    }

    private void toMoment(String local) {
        browser.set("input[name=moment]", local, "input");
    }

    private void slideTo(int event) {
        browser.set("input[name=at]", String.valueOf(event), "input");
    }

    @Test
    void howItStoodWithEachEventIsShownAndWhatThatChanged() {
        pages.logIn("admin-key");
        pages.show("workflows/" + done);
        browser.await("h1", "Completed");
        browser.click("#tab-time");
        browser.await(".stand", "\"approvedBy\":\"Ada\"");
        slideTo(0);
        browser.await(".in-time [role=status]", "Workflow started");
        browser.await(".stand", "status\tPending (new)");
        pages.pictures("in-time-start");
        slideTo(2);
        browser.await(".in-time [role=status]", "event 3 of");
        assertEquals(
                List.of("status Running (before: Pending)"),
                changed().stream().filter(line -> line.startsWith("status")).toList());
        assertTrue(browser.address().contains("at=2"), browser.address());
        browser.run("document.querySelector('input[name=at]').focus()");
        browser.press("\ue014"); // the right arrow
        browser.await(".in-time [role=status]", "event 4 of");
        pages.pictures("in-time");
        browser.click("#tab-events");
        browser.await(".log", "Signal received");
        browser.click(".log li.signal-received .may button", "as it stood");
        browser.await(".stand .changed", "signal approve");
        assertEquals("signal approve \"Ada\" (new)", changed().getFirst());
        pages.assertNoComplaints();
    }

    private int heightOfTheMenu() {
        return browser.run("return document.querySelector('#pages').offsetHeight")
                .asInt();
    }

    @Test
    void noColumnIsCutOnAUsualScreenAndAPhoneHasAMenuWithNames() {
        pages.logIn("admin-key");
        for (String list : List.of("workflows", "tasks")) {
            browser.size(1280, 800);
            pages.show(list);
            browser.find("[aria-label=" + list + "].rows .body .row");
            assertEquals(
                    0,
                    browser.run("const at = document.querySelector('.rows'); return at.scrollWidth - at.clientWidth")
                            .asInt(),
                    list);
            pages.picture(list + "-1280");
        }
        browser.size(390, 844);
        assertEquals(0, heightOfTheMenu());
        browser.click("nav .menu");
        browser.await("#pages", "Workers");
        pages.picture("menu-phone");
        assertEquals(List.of(), browser.barriers());
        browser.click("#pages a[href='#/workers']");
        browser.await("h1", "Workers");
        assertEquals(0, heightOfTheMenu());
        browser.size(1360, 860);
        pages.assertNoComplaints();
    }

    @Test
    void aWorkflowIsCancelledWithAReason() {
        String id = start("nobody", "1");
        pages.logIn("admin-key");
        pages.show("workflows/" + id);
        browser.await(".why", "No worker is known to live");
        pages.press("Cancel…");
        browser.type("dialog input[name=reason]", "typed by mistake");
        pages.pictures("cancel");
        browser.click("dialog button.danger");
        browser.await("h1", "Cancelled");
        browser.await(".why", "typed by mistake");
        assertFalse(pages.buttons(".execution header").contains("Cancel…"));
        pages.assertNoComplaints();
    }

    @Test
    void tasksAreListedAndShown() {
        pages.logIn("admin-key");
        pages.show("tasks?q=kind+%3D+reserve");
        browser.find(".rows .body .row");
        pages.pictures("tasks");
        pages.show("tasks/" + alone);
        browser.await("h1", "reserve");
        browser.await(".page", "\"reserved\": 2");
        pages.pictures("task");
        pages.assertNoComplaints();
    }

    @Test
    void operatorsSeeQueuesWorkersTheTrailAndTheSystem() {
        pages.logIn("admin-key");
        pages.show("queues");
        browser.await("table", "default");
        pages.pictures("queues");
        pages.show("workers");
        browser.await(".card", "demo-worker");
        pages.pictures("workers");
        pages.show("audit");
        browser.await("table", "start_workflow");
        pages.pictures("audit");
        browser.type(".filters input[name=command]", "cancel_workflow" + ENTER);
        Await.until("cancellations alone", () -> {
            JsonNode commands = browser.run(
                    "return [...document.querySelectorAll('tbody td:nth-child(3)')].map(at => at.innerText)");
            return commands.size() > 0
                    && commands.findValues("").isEmpty()
                    && java.util.stream.StreamSupport.stream(commands.spliterator(), false)
                            .allMatch(each -> each.asText().startsWith("cancel_workflow"));
        });
        pages.show("system");
        browser.await(".tiles", "partitions are served");
        browser.await("table", "node-1");
        pages.pictures("system");
        pages.assertNoComplaints();
    }

    @Test
    void whatARoleMayNotIsNotShown() {
        pages.logIn("member-key");
        assertFalse(browser.text("nav").contains("Audit"), browser.text("nav"));
        pages.show("audit");
        browser.await("main", "may not look at the audit trail");
        pages.show("workflows/" + order);
        browser.await("h1", "order");
        assertEquals("Download,Signal…,Start another…", String.join(",", pages.buttons(".execution header")));
        pages.show("approvals");
        browser.await("main", "may not look at what waits for an approval");
    }

    @Test
    void itIsSteeredByKeysAlone() {
        pages.logIn("admin-key");
        browser.find(".rows .body .row");
        browser.run("document.activeElement.blur()");
        keys("gs", "System");
        keys("gw", "Workflows");
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
        pages.assertNoComplaints();
    }

    /** The second key counts only soon after the first one, which a slow machine may miss. */
    private void keys(String keys, String heading) {
        Await.until(heading + " by the keys " + keys, () -> {
            browser.press(keys);
            return browser.text("h1").contains(heading);
        });
    }
}
