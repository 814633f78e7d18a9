package io.millrace.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.millrace.infra.embedded.DevServer;
import io.millrace.ingest.config.Access;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What the console costs in a real browser, by the browser's own clock: until something is painted, until a list and an execution
 * of 10,000 events are there, how smoothly a list is scrolled, and what an open page costs the browser and the server.
 */
public final class ConsoleBench implements ProcessBench {

    private static final int EVENTS = 10_000;
    private static final int UNDER_WAY = 64;
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 800;
    private static final int SCROLLED_MS = 3_000;
    /** Until what a page does at first is over. */
    private static final long SETTLE_SECONDS = 5;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Calls back once a selector finds so many elements, with the milliseconds since the page was asked for. */
    private static final String THERE = """
            const [selector, least, then] = arguments;
            const look = () => document.querySelectorAll(selector).length >= least ? then(performance.now()) : requestAnimationFrame(look);
            look();
            """;

    private static final String OPENED = """
            const [place, events, then] = arguments;
            const begun = performance.now();
            const look = () => {
              const count = document.querySelector('#tab-events .count')?.innerText.replaceAll(',', '');
              if (Number(count) < events || !document.querySelector('.timeline rect')) return requestAnimationFrame(look);
              // What is in this frame is painted before the one after the next.
              requestAnimationFrame(() => requestAnimationFrame(() => then(performance.now() - begun)));
            };
            location.hash = place;
            look();
            """;

    private static final String SCROLLED = """
            const [millis, then] = arguments;
            const rows = document.querySelector('.rows');
            const frames = [];
            const begun = performance.now();
            let last = begun;
            const step = now => {
              frames.push(now - last);
              last = now;
              rows.scrollTop += 300;
              if (now - begun < millis) requestAnimationFrame(step);
              else then({frames: frames.slice(1), drawn: rows.querySelectorAll('.row[id]').length, top: rows.scrollTop});
            };
            requestAnimationFrame(step);
            """;

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Path program = WebDriver.program()
                .orElseThrow(() -> new IllegalStateException("expected chromedriver on the PATH, but there is none; on"
                        + " Debian `apt-get install chromium chromium-driver` brings it"));
        Report report = Report.ofWholeRounds(
                "console",
                "the console in a browser of " + WIDTH + " by " + HEIGHT + " pixels, by its own clock, with "
                        + options.count() + " workflows in the list");
        try (DevServer server = DevServer.start(
                        folder, DevServer.config(folder, Map.of("grpc.port", "0", "http.port", "0"), Map.of()), true);
                HttpClient http = HttpClient.newHttpClient()) {
            URI base = URI.create("http://127.0.0.1:" + server.server().httpPort() + "/");
            String id = execution(http, base);
            ListsBench.fill(server.database().orElseThrow(), options.count());
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            for (int round = 0; round <= options.rounds(); round++) {
                try (WebDriver browser = WebDriver.open(program)) {
                    browser.size(WIDTH, HEIGHT);
                    measure(browser, base, id, options.seconds(), round == 0 ? new Report("console", "") : report);
                }
            }
        }
        return report;
    }

    /** @return id of an open execution with so many events */
    private static String execution(HttpClient http, URI base) throws Exception {
        URI workflows = base.resolve("/api/orgs/dev/workflow-executions");
        String id = JSON.readTree(post(http, workflows, "{\"kind\":\"bench-console\",\"input\":1}")
                        .get(1, TimeUnit.MINUTES))
                .path("id")
                .asText();
        Semaphore room = new Semaphore(UNDER_WAY);
        List<CompletableFuture<?>> all = new ArrayList<>();
        URI signal = URI.create(workflows + "/" + id + "/signal");
        for (int i = 1; i < EVENTS; i++) {
            room.acquire();
            all.add(post(
                            http,
                            signal,
                            "{\"signalName\":\"step-" + i % 20 + "\",\"signalValue\":{\"number\":" + i + "}}")
                    .whenComplete((done, failure) -> room.release()));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        return id;
    }

    private static CompletableFuture<String> post(HttpClient http, URI address, String body) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Authorization", "Bearer " + Access.DEV_USER_KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(answer -> {
            if (answer.statusCode() >= 300) {
                throw new IllegalStateException("expected " + address + " to take it, but got " + answer.body());
            }
            return answer.body();
        });
    }

    private static void measure(WebDriver browser, URI base, String id, int seconds, Report report)
            throws InterruptedException {
        browser.go(URI.create("about:blank"));
        double idle = server(seconds);
        report.add("no page", "% of a core, server", idle);
        // The browser is new, so nothing is in its stores.
        browser.go(base);
        browser.await(THERE, ".login form", 1);
        JsonNode painted =
                browser.run("return {paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,"
                        + " bytes: performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
                        + ".reduce((sum, one) => sum + (one.encodedBodySize ?? 0), 0)}");
        report.add("first visit", "first paint ms", painted.path("paint").asDouble());
        report.add("first visit", "KB loaded", painted.path("bytes").asDouble() / 1e3);

        browser.run("sessionStorage.setItem('millrace.key', arguments[0])", Access.DEV_USER_KEY);
        browser.go(base);
        double list = browser.await(THERE, ".rows .row[id]", 20).asDouble();
        report.add("list of workflows", "there after ms", list);
        report.add(
                "list of workflows",
                "first paint ms",
                browser.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
                        .asDouble());
        scroll(browser, report);
        open("list of workflows", browser, seconds, idle, report);

        String place = "#/workflows/" + id;
        report.add(
                "execution of " + EVENTS + " events",
                "there after ms",
                browser.await(OPENED, place, EVENTS).asDouble());
        open("execution of " + EVENTS + " events", browser, seconds, idle, report);
        browser.run("location.hash = '#/queues'");
        open("queues", browser, seconds, idle, report);
    }

    private static void scroll(WebDriver browser, Report report) {
        JsonNode scrolled = browser.await(SCROLLED, SCROLLED_MS);
        List<Double> frames = new ArrayList<>();
        scrolled.path("frames").forEach(frame -> frames.add(frame.asDouble()));
        frames.sort(null);
        report.add("scrolling that list", "frames/s", frames.size() * 1e3 / SCROLLED_MS);
        report.add("scrolling that list", "p99 ms", frames.get(frames.size() * 99 / 100));
        report.add("scrolling that list", "longest ms", frames.getLast());
        report.add("scrolling that list", "rows drawn", scrolled.path("drawn").asDouble());
        report.add("scrolling that list", "px scrolled", scrolled.path("top").asDouble());
    }

    /**
     * What the page costs while nobody does anything.
     *
     * @param idle what the server needs without any page, % of a core: its Kafka and its own rounds
     */
    private static void open(String row, WebDriver browser, int seconds, double idle, Report report)
            throws InterruptedException {
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        browser.cdp("Performance.enable", Map.of());
        double before = taskSeconds(browser);
        double with = server(seconds);
        report.add(row, "% of a core, open", (taskSeconds(browser) - before) * 100 / seconds);
        report.add(row, "% of a core, server", with);
        report.add(row, "% of a core, of which the page", with - idle);
    }

    /** @return what the server needs in so many seconds, % of a core */
    private static double server(int seconds) throws InterruptedException {
        double before = serverSeconds();
        TimeUnit.SECONDS.sleep(seconds);
        return (serverSeconds() - before) * 100 / seconds;
    }

    /** @return what the page's thread has worked */
    private static double taskSeconds(WebDriver browser) {
        for (JsonNode metric : browser.cdp("Performance.getMetrics", Map.of()).path("metrics")) {
            if (metric.path("name").asText().equals("TaskDuration")) {
                return metric.path("value").asDouble();
            }
        }
        throw new IllegalStateException("expected TaskDuration among the browser's metrics, but it is not there");
    }

    /** @return what this process has worked, which is the server with its Kafka */
    private static double serverSeconds() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
    }
}
