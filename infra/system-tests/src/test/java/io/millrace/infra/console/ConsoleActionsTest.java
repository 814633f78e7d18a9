package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What operators do by the console, in a real browser, on a real server with a real worker. */
@Order(1)
class ConsoleActionsTest extends ConsoleCase {

    private static final String WORKFLOWS = "/api/orgs/dev/workflow-executions";
    private static final CloseStack PARTS = new CloseStack();
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

    /** So many that a job which does one a second can be paused before it is through, in a browser that is slow. */
    private static final int MANY = 90;

    private static TestServer server;

    @BeforeAll
    static void start() {
        ConsolePages.assumeABrowser();
        server = ConsoleServer.start(PARTS, Map.of());
        ConsoleServer.work(PARTS, server, Access.DEV_WORKER_KEY);
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

    private static String start(String kind, String input) {
        return post(WORKFLOWS, "{\"kind\":\"" + kind + "\",\"input\":" + input + "}")
                .path("id")
                .asText();
    }

    private static JsonNode post(String path, String body) {
        TestHttp.Answer answer = HTTP.post(server.http(path), body);
        assertTrue(answer.status() < 300, answer::toString);
        return answer.body();
    }

    private static JsonNode shown(String id) {
        return HTTP.get(server.http(WORKFLOWS + "/" + id)).body();
    }

    private void awaitWholeHistory(String id) {
        Await.until(
                "the page to tell of each event",
                () -> browser.text(".facts")
                        .contains(shown(id).path("historyLength").asText() + " events"));
    }

    private static String ended(String id) {
        return HTTP.ended(server.http(WORKFLOWS + "/" + id)).path("status").asText();
    }

    private void open(String id, String dialog) {
        pages.show("workflows/" + id);
        browser.await(".idline", id);
        pages.press(dialog);
        browser.find("dialog[open]");
    }

    private void because(String reason) {
        browser.type("dialog input[name=reason]", reason);
    }

    /** Follows the link to the new run; returns its id. */
    private String followed(String earlier) {
        browser.await(".said", "It goes on as");
        browser.click(".said a.id");
        browser.await(".crumbs", "goes on from");
        String id = shown(earlier).path("resetTo").asText();
        browser.await(".idline", id);
        return id;
    }

    @Test
    void aWorkflowIsPausedAndResumedWithAReason() {
        String id = start("nobody", "1");
        open(id, "Pause…");
        because("stock-taking");
        pages.pictures("pause");
        pages.press("Pause the workflow");
        browser.await(".said", "It is paused.");
        browser.await("h1", "paused");
        browser.await(".facts", "stock-taking");
        assertEquals("stock-taking", shown(id).path("pauseReason").asText());
        pages.pictures("paused");

        pages.press("Resume…");
        pages.press("Resume the workflow");
        browser.await(".said", "It is resumed.");
        Await.until("the page to tell so", () -> !browser.text("h1").contains("paused"));
        assertTrue(shown(id).path("pausedAt").isNull());
        pages.assertNoComplaints();
    }

    /** The next request to a path with this end is done, and its answer is lost on the way. */
    private void loseAnAnswerOf(String path) {
        browser.run(
                "const usual = window.fetch; window.fetch = async (url, options) => { const answer = await usual(url, options);"
                        + " if (options?.method !== 'POST' || !String(url).endsWith(arguments[0])) return answer;"
                        + " window.fetch = usual; throw new TypeError('the line is dead'); }",
                path);
    }

    /** What the README does by commands: an order is started, signalled, and its promise resolved. */
    @Test
    void aWorkflowIsStartedSignalledAndItsPromiseResolved() {
        pages.show("workflows?q=metadata.team%20%3D%20green");
        browser.await(".empty", "No workflow is like that.");
        pages.press("Start a workflow…");
        browser.type("dialog input[name=kind]", "ordr");
        browser.click("dialog input[name=queue]");
        browser.await("dialog .warn", "No living worker has registered the kind ordr.");
        browser.clear("dialog input[name=kind]");
        browser.type("dialog input[name=kind]", "order");
        Await.until(
                "nobody to be warned of a kind that is known",
                () -> browser.all("dialog .warn").isEmpty());
        browser.type("dialog input[name=queue]", "defualt");
        browser.await("dialog .warn", "No worker is known to poll the queue defualt for workflows.");
        browser.await("dialog .warn", "Polled: default");
        pages.pictures("start-queue");
        browser.clear("dialog input[name=queue]");
        Await.until(
                "nobody to be warned of the usual queue",
                () -> browser.all("dialog .warn").isEmpty());
        browser.type("dialog textarea[name=input]", "{\"order\": \"A-20\",\n \"items\": three}");
        pages.press("Start the workflow");
        browser.await("dialog .problem", "Expected JSON as the input, but it is none from line 2, character 11 on.");
        browser.await(
                "dialog .fault",
                "In line 2, character 11: expected a value; texts stand in double quotes, but found \"three\".");
        assertEquals("three", browser.text("dialog .fault mark"));
        pages.pictures("start-wrong");
        browser.clear("dialog textarea[name=input]");
        browser.type("dialog textarea[name=input]", "{\"order\":\"A-20\",\"items\":3,\"number\":12345678901234567890}");
        browser.click("dialog summary");
        browser.type("dialog textarea[name=metadata]", "team=green\nno entry");
        pages.press("Start the workflow");
        browser.await("dialog .problem", "Expected NAME=VALUE in line 2 of the metadata, but found no entry.");
        browser.clear("dialog textarea[name=metadata]");
        browser.type("dialog textarea[name=metadata]", "team=green");
        browser.type("dialog input[name=key]", "order-A-20");
        pages.pictures("start");
        pages.press("Start the workflow");
        browser.await(".said", "It has started as");
        browser.await(".rows .body", "order");
        Await.until(
                "nobody to be told that it is not in the list",
                () -> !browser.text(".said").contains("The list"));
        pages.assertNoComplaints();

        pages.press("Start a workflow…");
        browser.type("dialog input[name=kind]", "order");
        browser.click("dialog summary");
        browser.type("dialog input[name=key]", "order-A-20");
        pages.press("Start the workflow");
        browser.await(".said", "Nothing was started: this key stands for");
        browser.click(".said a.id");

        browser.await(".why", "only a signal or a cancellation");
        pages.press("Signal…");
        Await.until(
                "the signal that it waits for to be filled in",
                () -> browser.value("dialog input[name=name]").equals("approve"));
        assertEquals("", browser.value("dialog textarea[name=value]"), "so what is typed is all that is sent");
        pages.pictures("signal");
        browser.type("dialog textarea[name=value]", "\"Ada\"");
        pages.press("Send the signal");
        browser.await(".said", "The signal is delivered.");
        browser.await(".waits", "delivery");
        pages.pictures("promise-open");
        pages.press("Resolve…");
        browser.type("dialog textarea[name=value]", "tru");
        pages.press("Resolve the promise");
        browser.await("dialog .problem", "Expected JSON as the value");
        browser.await(
                "dialog .fault",
                "In line 1, character 1: expected a value; texts stand in double quotes, but found \"tru\".");
        browser.type("dialog textarea[name=value]", "e");
        pages.pictures("resolve");
        pages.press("Resolve the promise");
        browser.await(".said", "The promise delivery is resolved.");
        browser.await("h1", "Completed");
        String id = browser.text(".idline code");
        assertEquals("12345678901234567890", shown(id).at("/input/number").toString(), "as it was written");
        assertEquals("true", shown(id).at("/output/delivered").toString());
        pages.assertNoComplaints();
    }

    /** From now on what was to be done after so long that it is done unasked is never done. */
    private void doNothingUnasked() {
        browser.run(
                "const usual = window.setTimeout;"
                        + " window.setTimeout = (then, millis, ...more) => millis >= 15000 ? 0 : usual(then, millis, ...more);");
    }

    @Test
    void listsFollowWhatHappensWithoutAskingForIt() {
        pages.show("workflows?q=metadata.team%20%3D%20live");
        browser.await(".empty", "No workflow is like that.");
        browser.await(".page header", "live");
        doNothingUnasked();
        // The first may still be found by what was to be done before.
        String first = startedIn("live");
        browser.await(".rows .body", first.substring(0, 8));
        String second = startedIn("live");
        browser.await(".rows .body", second.substring(0, 8));
        browser.await(".page header", "2 in all");
        pages.assertNoComplaints();
    }

    private static String startedIn(String team) {
        return post(WORKFLOWS, "{\"kind\":\"nobody\",\"input\":1,\"metadata\":{\"team\":\"" + team + "\"}}")
                .path("id")
                .asText();
    }

    @Test
    void whoPressesAgainSinceAnAnswerGotLostStartsOneWorkflow() {
        pages.show("workflows?q=metadata.team%20%3D%20blue");
        pages.press("Start a workflow…");
        browser.type("dialog input[name=kind]", "nobody");
        // As an input is shown that was erased.
        browser.type("dialog textarea[name=input]", "{\"erasedAt\":\"2026-05-04T09:00:00Z\"}");
        browser.click("dialog summary");
        browser.type("dialog textarea[name=metadata]", "team=blue");
        loseAnAnswerOf("/workflow-executions");
        pages.press("Start the workflow");
        browser.await("dialog .problem", "The server does not answer.");
        pages.press("Start the workflow");
        browser.await(".said", "It has started as");
        browser.click(".said a.id");
        browser.await(".facts", "blue");
        String id = browser.text(".idline code");
        Await.until("the read model to have it", () -> found("metadata.team = blue") == 1);

        // Another one like it is another one.
        pages.press("Start another…");
        assertEquals("nobody", browser.value("dialog input[name=kind]"));
        assertEquals("", browser.value("dialog textarea[name=input]"), "what tells of an erased input is none");
        pages.press("Start the workflow");
        browser.await(".said", "It has started as");
        browser.click(".said a.id");
        Await.until(
                "the page of the other one", () -> !browser.text(".idline code").equals(id));
        browser.await(".facts", "blue");
        Await.until("the read model to have both", () -> found("metadata.team = blue") == 2);

        pages.press("Signal…");
        browser.type("dialog input[name=name]", "twice");
        loseAnAnswerOf("/signal");
        pages.press("Send the signal");
        browser.await("dialog .problem", "The server does not answer.");
        pages.press("Send the signal");
        browser.await(".said", "The signal is delivered.");
        assertEquals(
                1,
                HTTP.get(server.http(WORKFLOWS + "/" + browser.text(".idline code") + "/events"))
                        .body()
                        .findValuesAsText("signalName")
                        .size());
        assertEquals(2, found("metadata.team = blue"));
        pages.assertNoComplaints();
    }

    @Test
    void aPromiseIsRejectedAndSettledOnce() {
        String id = start("order", "{\"order\":\"A-21\",\"items\":1}");
        post(WORKFLOWS + "/" + id + "/signal", "{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}");
        pages.show("workflows/" + id);
        browser.await(".waits", "delivery");
        pages.press("Reject…");
        browser.type("dialog input[name=error]", "the parcel is lost");
        pages.press("Reject the promise");
        browser.await(".said", "The promise delivery is rejected.");
        browser.await("h1", "Failed");
        browser.await(".why", "the parcel is lost");

        String late = start("order", "{\"order\":\"A-22\",\"items\":1}");
        pages.show("workflows/" + late);
        browser.await(".idline", late);
        browser.await("h1", "live");
        browser.await(".why", "only a signal or a cancellation");
        awaitWholeHistory(late);
        // The page follows what others do.
        post(WORKFLOWS + "/" + late + "/signal", "{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}");
        browser.await(".waits", "delivery");
        awaitWholeHistory(late);
        pages.press("Resolve…");
        browser.find("dialog[open]");
        post("/api/orgs/dev/promises/" + late + ":delivery/resolve", "{\"value\":true}");
        pages.press("Resolve the promise");
        browser.await(".said", "The promise delivery was settled before, or had timed out: it stays as it is.");
        browser.await("h1", "Completed");
        pages.assertNoComplaints();
    }

    @Test
    void aTaskWithoutAWorkflowIsStarted() {
        pages.show("tasks?q=metadata.team%20%3D%20green");
        browser.await(".empty", "No task is like that.");
        pages.press("Start a task…");
        browser.type("dialog input[name=kind]", "reserve");
        browser.type("dialog textarea[name=input]", "{\"items\":2}");
        browser.click("dialog summary");
        browser.type("dialog textarea[name=metadata]", "team=green");
        browser.type("dialog input[name=retries]", "0");
        pages.pictures("start-task");
        pages.press("Start the task");
        browser.await(".rows .body", "reserve");
        browser.click(".said a.id");
        browser.await("h1", "Completed");
        browser.await(".page", "\"reserved\": 2");
        browser.await(".facts", "1 of 1");
        pages.assertNoComplaints();
    }

    @Test
    void aWorkflowContinuesAsNewAndItsRunsLeadToEachOther() {
        String first = start("nobody", "{\"page\":1}");
        post(WORKFLOWS + "/" + first + "/signal", "{\"signalName\":\"kept\",\"signalValue\":1}");
        String second = continued(first, "{\"page\":2}");
        browser.await(".why", "No worker is known to live");
        assertEquals("{\"page\":2}", shown(second).path("input").toString());
        String third = continued(second, "{\"page\":3}");
        browser.await(".idline", third);
        browser.click("#tab-family");
        browser.await(".runs", "this one");
        assertEquals("[\"" + first + "\",\"" + second + "\",\"this one\"]", runs().toString());
        pages.pictures("runs");
        browser.click(".runs li:first-child a.id");
        browser.await(".idline", first);
        browser.await("h1", "Continued as new");
        browser.await(".crumbs", "goes on as");
        assertFalse(pages.buttons(".execution header").contains("Continue as new…"), "the newest run has the buttons");
        browser.click(".crumbs a.id");
        browser.await(".idline", second);
        browser.await(".crumbs", "goes on from");
        browser.await(".crumbs", "goes on as");
        pages.assertNoComplaints();
    }

    /** The runs that are listed: their ids, but of the one whose page it is. */
    private JsonNode runs() {
        return browser.run("return [...document.querySelectorAll('.runs li')]"
                + ".map(run => run.querySelector('a.id')?.title ?? 'this one')");
    }

    /** Continues it as new with this input, and follows the link; returns the id of the new run. */
    private String continued(String earlier, String input) {
        open(earlier, "Continue as new…");
        browser.click("dialog input[name=other]");
        browser.clear("dialog textarea[name=input]");
        browser.type("dialog textarea[name=input]", input);
        because("the history is long");
        pages.press("What would happen again?");
        browser.await("dialog", "the workflow does all of its work anew");
        pages.press("Continue as new");
        return followed(earlier);
    }

    private static int found(String query) {
        return HTTP.post(
                        server.http("/api/orgs/dev/bulk-jobs"),
                        "{\"action\":\"PAUSE\",\"query\":\"" + query + "\",\"reason\":\"look\",\"dryRun\":true}")
                .body()
                .path("expected")
                .asInt();
    }

    @Test
    void theSameIsAskedOfThoseThatAreSelectedAndOfAllThatMatch() {
        for (int i = 0; i < MANY; i++) {
            start("unattended", "" + i);
        }
        Await.until("the read model to have them", () -> found("kind = unattended") == MANY);
        pages.show("workflows?q=kind%20%3D%20unattended");
        browser.await(".bulkbar", "For all " + MANY + " that match…");
        browser.click(".rows .body .row:nth-child(1) .pick input");
        browser.click(".rows .body .row:nth-child(2) .pick input");
        browser.await(".bulkbar", "For the 2 selected…");
        pages.pictures("selected");
        pages.press("For the 2 selected…");
        pages.choose("dialog select[name=action]", "TERMINATE");
        because("runs wild");
        pages.press("How many would that be?");
        browser.await("dialog .again", "2 workflows now");
        pages.pictures("bulk-dialog");
        pages.press("Begin with 2 workflows");
        browser.await(".said", "The job has begun");
        browser.click(".said a");
        browser.await("h1", "Completed");
        browser.await("table", "Done");
        pages.pictures("bulk-job");
        Await.until(
                "the read model to have all ends", () -> found("kind = unattended AND status = PENDING") == MANY - 2);

        pages.show("workflows?q=kind%20%3D%20unattended&status=PENDING");
        pages.press("For all " + (MANY - 2) + " that match…");
        pages.choose("dialog select[name=action]", "RESET");
        browser.type("dialog input[name=last]", "WORKFLOW_STARTED");
        because("mended");
        pages.press("How many would that be?");
        browser.await("dialog .again", (MANY - 2) + " workflows now");
        pages.pictures("bulk-reset");
        pages.press("Begin with " + (MANY - 2) + " workflows");
        browser.click(".said a");
        browser.await("h1", "Completed");
        browser.await(".facts", "the first");

        pages.show("workflows?q=kind%20%3D%20unattended&status=PENDING");
        pages.press("For all " + (MANY - 2) + " that match…");
        browser.clear("dialog input[name=rate]");
        browser.type("dialog input[name=rate]", "1");
        because("wrong price");
        pages.press("How many would that be?");
        pages.press("Begin with " + (MANY - 2) + " workflows");
        browser.click(".said a");
        pages.press("Pause…");
        pages.press("Pause the job");
        browser.await("h1", "Paused");
        pages.press("Stop…");
        because("look first");
        // Somebody else has it go on meanwhile.
        post("/api/orgs/dev/bulk-jobs/" + browser.text(".idline code") + "/resume", "{}");
        pages.press("Stop the job");
        browser.await("dialog .problem", "it has changed meanwhile");
        browser.click("dialog input[name=seen]");
        pages.press("Stop the job");
        browser.await("h1", "Stopped");
        browser.await(".facts", "look first");
        pages.show("bulk");
        browser.await("table", "kind = unattended");
        pages.pictures("bulk-jobs");
        browser.complaints(); // a job that has just begun is not known yet: the browser notes the 404
    }

    @Test
    void somethingIsNotedAboutAWorkflowAndAQueryThatFindsItGetsAName() {
        String id = start("nobody", "1");
        open(id, "Note…");
        browser.type("dialog input[name=text]", "ticket 4711");
        pages.press("Note it");
        browser.await(".said", "It is noted.");
        browser.await(".facts", "ticket 4711");
        pages.pictures("noted");

        pages.show("workflows?q=annotation%20~%204711");
        browser.await(".rows", "nobody");
        pages.press("Save this query…");
        browser.type("dialog input[name=name]", "tickets");
        browser.type("dialog input[name=about]", "what customers have asked about");
        pages.press("Save the query");
        browser.await(".saved", "Saved as tickets.");
        pages.press("Forget tickets…"); // it is known by now, and chosen
        pages.pictures("saved-query");
        pages.press("Forget the query");
        browser.await(".saved", "tickets is forgotten.");
        pages.assertNoComplaints();
    }

    @Test
    void whatIsOutOfAttemptsIsShownAndRetriedFromThere() {
        String id = post("/api/orgs/dev/task-executions", "{\"kind\":\"charge\",\"input\":{},\"maxRetries\":0}")
                .path("id")
                .asText();
        pages.show("dead-letters");
        browser.await("main", "the bank did not answer");
        pages.pictures("dead-letters");
        int all = HTTP.get(server.http("/api/orgs/dev/dead-letters"))
                .body()
                .at("/tasks/total")
                .asInt();
        pages.press(all == 1 ? "Retry or dismiss it…" : "Retry or dismiss all " + all + "…");
        because("the bank is back");
        pages.press("How many would that be?");
        pages.press("Begin with " + (all == 1 ? "1 task" : all + " tasks"));
        browser.await(".said", "The job has begun");
        Await.until(
                "it to have succeeded",
                () -> HTTP.get(server.http("/api/orgs/dev/task-executions/" + id))
                        .body()
                        .path("status")
                        .asText()
                        .equals("COMPLETED"));
    }

    @Test
    void oneOfThoseThatAreOutOfAttemptsIsRetriedByItself() {
        String id = post("/api/orgs/dev/task-executions", "{\"kind\":\"charge\",\"input\":{},\"maxRetries\":0}")
                .path("id")
                .asText();
        pages.show("dead-letters");
        browser.click("button[aria-label='Retry " + id + "…']");
        because("the bank is back");
        pages.press("Retry the task");
        browser.await(".said", "It is tried again.");
        assertEquals(
                "COMPLETED",
                HTTP.ended(server.http("/api/orgs/dev/task-executions/" + id))
                        .path("status")
                        .asText());
        pages.assertNoComplaints();
    }

    @Test
    void whoHasLookedAtADeadLetterDismissesItWithAReason() {
        String id = post("/api/orgs/dev/task-executions", "{\"kind\":\"charge\",\"input\":{},\"maxRetries\":0}")
                .path("id")
                .asText();
        pages.show("dead-letters");
        browser.click("button[aria-label='Dismiss " + id + "…']");
        pages.press("Dismiss the task");
        because("the bank was away");
        pages.pictures("dismiss");
        pages.press("Dismiss the task");
        browser.await(".said", "It is dismissed.");
        Await.until(
                "it to be among the dead letters no more",
                () -> !HTTP.get(server.http("/api/orgs/dev/dead-letters"))
                        .body()
                        .toString()
                        .contains(id));
        assertEquals(
                "the bank was away",
                HTTP.get(server.http("/api/orgs/dev/task-executions?q=id%3D" + id))
                        .body()
                        .at("/taskExecutions/0/dismissal/reason")
                        .asText());
        pages.show("tasks/" + id);
        browser.await(".facts", "by dev-admin: the bank was away");
        browser.await("h1", "Failed");
        pages.pictures("dismissed");
        pages.assertNoComplaints();
    }

    @Test
    void aWorkflowIsTerminatedAndListsTellByWhom() {
        String id = start("nobody", "1");
        open(id, "Terminate…");
        because("runs wild");
        pages.picture("terminate");
        pages.press("Terminate the workflow");
        browser.await(".said", "It is terminated.");
        browser.await("h1", "terminated");
        browser.await(".why", "Terminated by dev-admin");
        browser.await(".why", "runs wild");
        pages.pictures("terminated");
        assertFalse(pages.buttons(".execution header").contains("Terminate…"));
        pages.show("workflows?q=terminator+%3D+dev-admin");
        browser.await(".rows .body .row .status", "Terminated");
        pages.assertNoComplaints();
    }

    @Test
    void whatHasChangedMeanwhileIsToldAndNothingIsDoneUnlessTheOperatorWantsIt() {
        String id = start("nobody", "1");
        open(id, "Terminate…");
        post(WORKFLOWS + "/" + id + "/signal", "{\"signalName\":\"late\",\"signalValue\":1}");
        pages.press("Terminate the workflow");
        browser.await("dialog .problem", "it has changed meanwhile");
        browser.await("dialog .warn", "Nothing was done.");
        pages.pictures("changed");
        assertEquals("PENDING", shown(id).path("status").asText());
        browser.awaitComplaint("412");

        browser.click("dialog input[name=seen]");
        pages.press("Terminate the workflow");
        browser.await("h1", "terminated");
        pages.assertNoComplaints();
    }

    @Test
    void aWorkerIsGivenTimeToCleanUp() {
        String id = start("nobody", "1");
        open(id, "Cancel…");
        pages.choose("dialog select[name=grace]", "3600000");
        because("sold out");
        pages.press("Cancel the workflow");
        browser.await(".said", "It is asked to end");
        browser.await(".why", "It was asked to cancel");
        assertFalse(shown(id).path("cancelledByForceAt").isNull());
        pages.assertNoComplaints();
    }

    @Test
    void aWorkflowThatFailedGoesOnWhereItWasGood() {
        String id = start("stateful", "{}");
        assertEquals("FAILED", ended(id));
        open(id, "Retry…");
        assertEquals(List.of("Close", "What would happen again?"), pages.buttons("dialog"));
        pages.press("What would happen again?");
        browser.await("dialog", "Nothing that happened before happens again.");
        because("the worker is mended");
        pages.pictures("retry");
        pages.press("Retry the workflow");
        String next = followed(id);
        assertEquals(id, shown(next).path("resetFrom").asText());
        browser.click(".crumbs a.id");
        browser.await(".crumbs", "goes on as");
        assertFalse(pages.buttons(".execution header").contains("Retry…"), "the newest run has the buttons");
        pages.assertNoComplaints();
    }

    @Test
    void aWorkflowIsResetToAnEventThatIsChosenInTheListAndItIsSaidWhatRunsAgain() {
        String id = start("order", "{\"order\":\"A-19\",\"items\":1}");
        post(WORKFLOWS + "/" + id + "/signal", "{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}");
        Await.until(
                "the promise",
                () -> HTTP.post(server.http("/api/orgs/dev/promises/" + id + ":delivery/resolve"), "{\"value\":true}")
                                .status()
                        < 300);
        assertEquals("COMPLETED", ended(id));
        pages.show("workflows/" + id + "?tab=events");
        browser.await(".log", "Task completed");
        browser.click(".log li.task-completed .may button", "reset to here…");
        browser.find("dialog select[name=event]");
        String chosen = browser.run(
                        "return document.querySelector('dialog select[name=event]').selectedOptions[0].text")
                .asText();
        assertTrue(chosen.endsWith(": Task completed"), chosen);
        pages.press("What would happen again?");
        browser.await("dialog .again", "task charge");
        because("charged twice");
        pages.pictures("reset");
        pages.choose("dialog select[name=event]", "1");
        assertTrue(
                pages.buttons("dialog").contains("What would happen again?"),
                "what was said of one event says nothing of another");
        pages.press("What would happen again?");
        browser.await("dialog .again", "task reserve");
        pages.press("Reset the workflow");
        String next = followed(id);
        assertEquals(shown(id).path("input"), shown(next).path("input"));
        browser.await("h1", "live");
        pages.show("workflows/" + id);
        browser.await("h1", "Completed");
        pages.assertNoComplaints();
    }

    @Test
    void aWorkflowBeginsAnewWithAnotherInputAndWhatIsNoJsonIsTold() {
        String id = start("echo", "{\"n\":1}");
        assertEquals("COMPLETED", ended(id));
        open(id, "Restart…");
        browser.click("dialog input[name=other]");
        browser.clear("dialog textarea");
        browser.type("dialog textarea", "no JSON");
        pages.press("What would happen again?");
        browser.await("dialog .problem", "Expected JSON");
        browser.clear("dialog textarea");
        browser.type("dialog textarea", "{\"n\":2}");
        pages.press("What would happen again?");
        browser.await("dialog", "Nothing that happened before happens again.");
        pages.pictures("restart");
        pages.press("Restart the workflow");
        String next = followed(id);
        assertEquals("COMPLETED", ended(next));
        assertEquals("{\"n\":2}", shown(next).path("output").toString());
        pages.assertNoComplaints();
    }

    @Test
    void aTaskIsCancelledAndTriedAgain() {
        String id = post("/api/orgs/dev/task-executions", "{\"kind\":\"nobody\",\"input\":1}")
                .path("id")
                .asText();
        pages.show("tasks/" + id);
        browser.await("h1", "Pending");
        pages.press("Cancel…");
        because("not now");
        pages.press("Cancel the task");
        browser.await("h1", "Cancelled");
        pages.press("Retry…");
        because("now");
        pages.pictures("task-retry");
        pages.press("Retry the task");
        browser.await(".said", "It is tried again.");
        browser.await("h1", "Pending");
        pages.assertNoComplaints();
    }

    @Test
    void dialogsAreUsedByKeysAlone() {
        String id = start("nobody", "1");
        open(id, "Pause…");
        browser.press("by keys");
        browser.press("\ue007"); // Enter
        browser.await("h1", "paused");
        assertEquals("by keys", shown(id).path("pauseReason").asText());
        pages.press("Terminate…");
        browser.find("dialog[open]");
        browser.press("\ue00c"); // Escape
        Await.until("the dialog to be closed", () -> browser.all("dialog").isEmpty());
        pages.assertNoComplaints();
    }
}
