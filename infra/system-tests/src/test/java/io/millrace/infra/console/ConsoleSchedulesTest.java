package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Schedules in the console: made, looked at, and what may be done to them. */
class ConsoleSchedulesTest extends ConsoleCase {

    private static final CloseStack PARTS = new CloseStack();
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

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

    private static String status(String name) {
        return HTTP.get(server.http("/api/orgs/dev/schedules/" + name))
                .body()
                .path("status")
                .asText();
    }

    private void made(String name) {
        pages.show("schedules");
        pages.press("Make a schedule…");
        browser.type("dialog input[name=name]", name);
        browser.type("dialog input[name=kind]", "echo");
        pages.choose("dialog select[name=due]", "every");
        browser.clear("dialog input[name=seconds]");
        browser.type("dialog input[name=seconds]", "3600");
        pages.press("Make the schedule");
        browser.await(".said", "It is made: " + name);
    }

    @Test
    void aScheduleIsMadeAndWhatIsWrongWithItIsTold() {
        pages.show("schedules");
        pages.press("Make a schedule…");
        browser.type("dialog input[name=name]", "nightly");
        browser.type("dialog input[name=kind]", "echo");
        browser.type("dialog input[name=cron]", "61 * * * *");
        pages.press("Make the schedule");
        browser.await("dialog .problem", "61");
        pages.pictures("schedule-wrong");
        browser.awaitComplaint("400");
        browser.clear("dialog input[name=cron]");
        browser.type("dialog input[name=cron]", "30 6 * * MON-FRI");
        browser.clear("dialog input[name=timeZone]");
        browser.type("dialog input[name=timeZone]", "Europe/Berlin");
        pages.press("Make the schedule");
        browser.await(".said", "It is made: nightly");
        browser.await("table", "30 6 * * MON-FRI · Europe/Berlin");
        pages.pictures("schedules");
        browser.click("tbody th a");
        browser.await("h1", "Active");
        pages.assertNoComplaints();
    }

    @Test
    void whatSomebodyElseHasChangedMeanwhileIsLeftAlone() {
        made("shared");
        browser.click(".said a");
        browser.await("h1", "shared");
        pages.press("Delete…");
        assertEquals(
                200,
                HTTP.post(server.http("/api/orgs/dev/schedules/shared/pause"), "{\"reason\":\"elsewhere\"}")
                        .status());
        browser.await("h1", "Paused");
        pages.press("Delete the schedule");
        browser.await("dialog .problem", "it has changed meanwhile, so look at it again");
        browser.await("dialog .warn", "Nothing was done.");
        pages.pictures("schedule-changed");
        browser.awaitComplaint("412");
        assertEquals("PAUSED", status("shared"));
        pages.press("Keep it");
        pages.press("Resume…");
        pages.press("Resume the schedule");
        browser.await("h1", "Active");
        pages.assertNoComplaints();
    }

    /** Lists are drawn again every few seconds, also behind a dialog in which somebody writes. */
    @Test
    void whatIsWrittenInADialogStaysWhenTheListBehindItIsDrawnAgain() {
        pages.show("schedules");
        pages.press("Make a schedule…");
        browser.type("dialog input[name=name]", "slowly");
        browser.type("dialog input[name=kind]", "written by mistake");
        browser.clear("dialog input[name=kind]");
        browser.set("dialog input[name=timeZone]", "Asia/Tokyo", "change");
        HTTP.post(
                server.http("/api/orgs/dev/schedules"),
                "{\"name\":\"elsewhere\",\"kind\":\"echo\",\"everyMs\":3600000}");
        browser.await("table", "elsewhere");
        assertEquals("slowly", value("name"));
        assertEquals("", value("kind"));
        assertEquals("Asia/Tokyo", value("timeZone"));
        browser.type("dialog input[name=kind]", "echo");
        browser.type("dialog input[name=cron]", "0 4 * * *");
        pages.press("Make the schedule");
        browser.await(".said", "It is made: slowly");
        browser.await("table", "0 4 * * * · Asia/Tokyo");
        pages.assertNoComplaints();
    }

    /** The browser tells of a closed dialog some time later, when the next one may stand there already. */
    @Test
    void aDialogThatIsClosedDoesNotCloseTheNextOne() {
        made("quickly");
        browser.click(".said a");
        browser.await("h1", "quickly");
        pages.press("Pause…");
        browser.find("dialog[open] input[name=reason]");
        assertEquals(
                "Delete the schedule",
                browser.run(
                                "return (async () => { const press = text => [...document.querySelectorAll('button')]"
                                        + ".find(at => at.innerText.trim() === text).click();"
                                        + " const drawn = () => new Promise(then => queueMicrotask(() => queueMicrotask(then)));"
                                        + " const told = new Promise(then => document.querySelector('dialog').addEventListener('close', then));"
                                        + " press('Close'); await drawn(); press('Delete…'); await told;"
                                        + " await new Promise(then => setTimeout(then));"
                                        + " return document.querySelector('dialog[open] button.danger')?.innerText ?? 'no dialog' })()")
                        .asText());
        pages.press("Keep it");
    }

    private String value(String field) {
        return browser.value("dialog input[name=" + field + "]");
    }

    @Test
    void aScheduleIsPausedResumedTriggeredAndDeleted() {
        made("hourly");
        browser.click(".said a");
        browser.await("h1", "hourly");
        Await.until(
                "the next time to be told",
                () -> browser.text(".facts").lines().anyMatch(line -> line.matches(".*\\(in 5[0-9] min\\).*")));
        pages.press("Pause…");
        browser.type("dialog input[name=reason]", "stock-taking");
        pages.press("Pause the schedule");
        browser.await("h1", "Paused");
        browser.await(".facts", "stock-taking");
        assertEquals("PAUSED", status("hourly"));
        pages.press("Resume…");
        pages.press("Resume the schedule");
        browser.await("h1", "Active");

        pages.press("Change…");
        pages.choose("dialog select[name=due]", "cron");
        browser.type("dialog input[name=cron]", "0 4 * * *");
        pages.pictures("schedule-change");
        pages.press("Change the schedule");
        browser.await(".said", "It is changed.");
        browser.await(".facts", "0 4 * * * · UTC");

        pages.press("Start now…");
        pages.press("Start a run");
        browser.await(".said", "It has started as");
        browser.await("table", "Triggered");
        Await.until("the run to have ended", () -> browser.text("table").contains("Completed"));
        pages.pictures("schedule");

        pages.press("Make up for a range…");
        browser.set("dialog input[name=from]", "2020-01-02T00:00:00", "input");
        browser.set("dialog input[name=until]", "2020-01-01T00:00:00", "input");
        pages.press("Make up for it");
        browser.find("dialog .problem");
        browser.awaitComplaint("400");
        pages.press("Close");

        pages.press("Delete…");
        browser.type("dialog input[name=reason]", "not needed any more");
        pages.press("Delete the schedule");
        browser.await(".said", "It is deleted.");
        Await.until(
                "nobody to know it any more",
                () -> HTTP.get(server.http("/api/orgs/dev/schedules/hourly")).status() == 404);
        browser.complaints(); // the browser notes the 404
        HTTP.post(server.http("/api/orgs/dev/schedules"), "{\"name\":\"later\",\"kind\":\"echo\",\"everyMs\":3600000}");
        pages.show("schedules");
        browser.await("tbody", "later");
        Await.until("the list to leave it out", () -> !browser.text("tbody").contains("hourly"));
    }
}
