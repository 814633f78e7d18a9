package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.client.ClientMain;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import io.millrace.infra.demo.DemoWorker;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules over all layers: from the command line to the workers, over a kill of the server too. */
@Order(1)
class ScheduleSystemTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CloseStack PARTS = new CloseStack();

    /** No schedule is due sooner. */
    private static final Duration LEAST = Duration.ofSeconds(30);

    /** Of the server that all tests share which do not kill theirs. */
    private static String url;

    @BeforeAll
    static void start() {
        TestServer server = PARTS.push("server", TestServer.start(Map.of(), true));
        PARTS.push(
                "worker",
                new DemoWorker("127.0.0.1", server.node(TestServer.FIRST).grpcPort(), Access.DEV_WORKER_KEY));
        url = server.http("").toString();
        awaitReadModel(url);
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    private record Done(int code, String out, String err) {

        Done expect(int expected) {
            assertEquals(expected, code, () -> "out: " + out + "\nerr: " + err);
            return this;
        }
    }

    private static Done run(String url, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Invocation around = new Invocation(
                Map.of(
                        "XDG_CONFIG_HOME",
                        "/nowhere",
                        "MILLRACE_URL",
                        url,
                        "MILLRACE_ORG",
                        "dev",
                        "MILLRACE_TOKEN",
                        Access.DEV_USER_KEY),
                Path.of("/"),
                new ByteArrayInputStream(new byte[0]),
                Screen.NONE,
                InstantSource.system(),
                ZoneOffset.UTC);
        int code = ClientMain.execute(args, around, new PrintWriter(out, true), new PrintWriter(err, true));
        return new Done(code, out.toString(), err.toString());
    }

    private static JsonNode json(String url, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-o", "json"));
        try {
            return JSON.readTree(run(url, all.toArray(String[]::new)).expect(0).out());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitReadModel(String url) {
        Await.until(
                "the read model to answer", () -> run(url, "schedule", "list").code() == 0);
    }

    private static void awaitKnown(String url, String name) {
        Await.until(
                "the read model to know the schedule",
                () -> run(url, "schedule", "show", name).code() == 0);
    }

    private static long runs(String url, String name, String decision, String status) {
        long count = 0;
        for (JsonNode run : json(url, "schedule", "runs", name, "--all")) {
            if (run.get("decision").asText().equals(decision)
                    && (status == null || run.get("status").asText().equals(status))) {
                count++;
            }
        }
        return count;
    }

    @Test
    void aScheduleStartsWorkflowsIsSteeredAndTellsWhatItDid() {
        assertEquals(
                "tick",
                run(url, "schedule", "create", "tick", "echo", "--every", "1s", "--overlap", "allow", "-i", "\"hello\"")
                        .expect(0)
                        .out()
                        .strip());
        Done twice =
                run(url, "schedule", "create", "tick", "echo", "--every", "1s").expect(1);
        assertTrue(twice.err().contains("there is a schedule tick"), twice::err);
        Done wrong = run(url, "schedule", "create", "bad", "echo", "--cron", "0 0 30 2 *")
                .expect(2);
        assertTrue(wrong.err().contains("(cron, position 5)"), wrong::err);

        awaitKnown(url, "tick");
        Await.until("three runs to complete", () -> runs(url, "tick", "STARTED", "COMPLETED") >= 3);
        JsonNode one = json(url, "schedule", "show", "tick");
        assertEquals("ACTIVE", one.get("status").asText());
        JsonNode last = json(url, "workflow", "show", one.get("lastRunId").asText());
        assertEquals("\"hello\"", last.get("input").toString());

        String made = version(url, "schedule", "show", "tick");
        run(url, "schedule", "pause", "tick", "--reason", "stock-taking", "--version", made)
                .expect(0);
        awaitPaused(url);
        assertTrue(run(url, "schedule", "show", "tick").out().contains("stock-taking"));
        String triggered =
                run(url, "schedule", "trigger", "tick").expect(0).out().strip();
        assertEquals(
                "\"hello\"",
                run(url, "workflow", "result", triggered).expect(0).out().strip());

        expectChanged(run(url, "schedule", "delete", "tick", "--version", made));
        String paused = version(url, "schedule", "show", "tick");
        run(url, "schedule", "resume", "tick", "--version", paused).expect(0);
        Instant until = Instant.now().minusSeconds(60);
        run(
                        url,
                        "schedule",
                        "backfill",
                        "tick",
                        "--from",
                        until.minusSeconds(100).toString(),
                        "--until",
                        until.toString())
                .expect(0);
        Await.until(
                "the range to be over, in which an interval that begins later has no times",
                () -> !json(url, "schedule", "show", "tick").get("backfilling").asBoolean());

        String none = run(url, "schedule", "stop-backfill", "tick").expect(0).out();
        assertTrue(none.contains("makes up for no range"), none);

        run(url, "schedule", "update", "tick", "--every", "1h", "--overlap", "allow")
                .expect(0);
        Await.until(
                "it to be due otherwise",
                () -> json(url, "schedule", "show", "tick").get("everyMs").asLong() == 3_600_000
                        && !json(url, "schedule", "show", "tick")
                                .get("nextRunAt")
                                .isNull());
        Instant next = Instant.parse(
                json(url, "schedule", "show", "tick").get("nextRunAt").asText());
        assertTrue(next.isAfter(Instant.now().plusSeconds(1_800)), next::toString);

        run(url, "schedule", "delete", "tick", "--reason", "ticket 4711").expect(0);
        run(url, "schedule", "pause", "tick").expect(3);
        Await.until(
                "it to leave the list",
                () -> run(url, "schedule", "list", "-o", "id").out().lines().noneMatch("tick"::equals));
        Await.until(
                "the trail to tell who ended it and why",
                () -> run(url, "audit", "list", "--command", "delete_schedule", "--from", "1h", "-o", "json")
                        .out()
                        .contains("ticket 4711"));
    }

    private static String version(String url, String... show) {
        return json(url, show).get("version").asText();
    }

    private static void expectChanged(Done done) {
        done.expect(1);
        assertTrue(done.err().contains("it has changed meanwhile, so look at it again"), done::err);
    }

    @Test
    void aRangeThatIsMadeUpForIsStoppedAndOneThatIsTooLongDoesNotBegin() {
        run(url, "schedule", "create", "often", "nobody-does-it", "--cron", "* * * * *", "--paused")
                .expect(0);
        awaitKnown(url, "often");
        Instant now = Instant.now();
        String[] range = {
            "schedule",
            "backfill",
            "often",
            "--from",
            now.minusSeconds(60 * 10_100).toString(),
            "--until",
            now.minusSeconds(30).toString()
        };
        Done tooLong = run(url, range).expect(2);
        assertTrue(tooLong.err().contains("expected a range with at most 10000 due times"), tooLong::err);
        range[4] = now.minusSeconds(600).toString();
        run(url, "schedule", "resume", "often").expect(0);
        run(url, range).expect(0);
        Await.until("the first run, for whose end all others wait", () -> runs(url, "often", "STARTED", null) >= 1);
        run(url, "schedule", "stop-backfill", "often", "--reason", "too many").expect(0);
        Await.until(
                "the read model to know of the end",
                () -> !json(url, "schedule", "show", "often").get("backfilling").asBoolean());
        String first = "";
        for (JsonNode run : json(url, "schedule", "runs", "often", "--all")) {
            if (run.get("cause").asText().equals("BACKFILL")) {
                assertEquals("", first, "only one has started");
                first = run.get("workflowExecutionId").asText();
            }
        }
        run(url, "workflow", "terminate", first).expect(0);
        assertEquals(
                "schedule often makes up for no range",
                run(url, "schedule", "stop-backfill", "often").out().strip());
        run(url, "schedule", "delete", "often").expect(0);
    }

    @Test
    void whatHasChangedSinceItWasSeenStaysAsItIs() {
        String id = run(url, "task", "submit", "nobody-does-it").expect(0).out().strip();
        String seen = version(url, "task", "show", id);
        expectChanged(run(url, "task", "cancel", id, "--version", seen + "1"));
        run(url, "task", "cancel", id, "--version", seen).expect(0);
        expectChanged(run(url, "task", "retry", id, "--version", seen));
        run(url, "task", "retry", id, "--version", version(url, "task", "show", id))
                .expect(0);

        String workflow =
                run(url, "workflow", "start", "nobody-does-it").expect(0).out().strip();
        run(url, "workflow", "pause", workflow).expect(0);
        expectChanged(run(url, "workflow", "resume", workflow, "--sequence", "77"));
        run(url, "workflow", "resume", workflow, "--sequence", "1").expect(0);

        run(url, "query", "save", "late", "attempt > 1", "--version", "0").expect(0);
        expectChanged(run(url, "query", "save", "late", "attempt > 2", "--version", "0"));
        Await.until(
                "the query to be known",
                () -> run(url, "query", "list", "-o", "id").out().contains("late"));
        String saved = json(url, "query", "list").get(0).get("version").asText();
        run(url, "query", "save", "late", "attempt > 3", "--version", saved).expect(0);
        expectChanged(run(url, "query", "delete", "late", "--version", saved));
    }

    @Test
    void runsThatAreDueTogetherStartOnceEach() {
        long begun = System.nanoTime();
        once("look", Instant.now().plusSeconds(3_600));
        run(url, "schedule", "delete", "once-look").expect(0);
        // However slow this machine is, all of them are there before the first is due.
        Duration enough = Duration.ofNanos(System.nanoTime() - begun).multipliedBy(400);
        Instant at = Instant.now().plus(enough.compareTo(LEAST) < 0 ? LEAST : enough);
        for (int i = 0; i < 100; i++) {
            once(String.valueOf(i), at);
        }
        Await.until(
                "each to have run",
                () -> json(url, "workflow", "list", "--kind", "doubler", "--status", "completed", "--all")
                                .size()
                        == 100);
        Await.until(
                "each schedule to have ended",
                () -> onces().stream()
                                .filter(schedule ->
                                        schedule.get("status").asText().equals("ENDED"))
                                .count()
                        == 100);
        for (JsonNode schedule : onces()) {
            assertEquals(1, schedule.get("runs").asInt(), schedule::toString);
        }
    }

    private static List<JsonNode> onces() {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode schedule : json(url, "schedule", "list", "--all")) {
            if (schedule.get("name").asText().matches("once-\\d+")) {
                found.add(schedule);
            }
        }
        return found;
    }

    private static void awaitPaused(String url) {
        Await.until(
                "the read model to know of the pause",
                () -> json(url, "schedule", "show", "tick")
                        .get("status")
                        .asText()
                        .equals("PAUSED"));
    }

    private static void once(String name, Instant at) {
        run(url, "schedule", "create", "once-" + name, "doubler", "-i", "{\"n\":1}", "--at", at.toString())
                .expect(0);
    }

    /** Each second is due once, whatever the server was doing when it was killed. */
    @Test
    void aServerThatIsKilledNeitherLosesNorDoublesARun(@TempDir Path data) {
        for (int i = 0; i < 3; i++) {
            try (ServerProcess process = ServerProcess.start(data, "--set", "dispatcher.commit_interval=8s")) {
                String url = process.http("").toString();
                awaitReadModel(url);
                if (i == 0) {
                    run(
                                    url,
                                    "schedule",
                                    "create",
                                    "tick",
                                    "nobody",
                                    "--every",
                                    "1s",
                                    "--overlap",
                                    "allow",
                                    "--missed",
                                    "all")
                            .expect(0);
                }
                awaitKnown(url, "tick");
                int before = i;
                Await.until(
                        "runs to start",
                        () -> json(url, "workflow", "list", "--kind", "nobody", "--all")
                                        .size()
                                > 4 * before + 3);
                process.kill();
            }
        }
        try (ServerProcess process = ServerProcess.start(data)) {
            String url = process.http("").toString();
            awaitReadModel(url);
            Instant ready = Instant.now();
            Await.until("missed runs to start, and those that are due behind them", () -> isDueBehind(url, ready));
            run(url, "schedule", "pause", "tick").expect(0);
            awaitPaused(url);
            Set<String> workflows = new HashSet<>();
            List<Long> dues = new ArrayList<>();
            for (JsonNode run : json(url, "schedule", "runs", "tick", "--all")) {
                assertEquals("STARTED", run.get("decision").asText(), run::toString);
                assertTrue(workflows.add(run.get("workflowExecutionId").asText()), run::toString);
                dues.add(Instant.parse(run.get("dueAt").asText()).toEpochMilli());
            }
            for (int i = 1; i < dues.size(); i++) {
                assertEquals(1_000, dues.get(i - 1) - dues.get(i), "no due time is missing, and none is there twice");
            }
            Await.until("all workflows to be there", () -> {
                Set<String> there = new HashSet<>();
                json(url, "workflow", "list", "--kind", "nobody", "--all")
                        .forEach(one -> there.add(one.get("id").asText()));
                return there.equals(workflows);
            });
        }
    }

    private static boolean isDueBehind(String url, Instant moment) {
        JsonNode runs = json(url, "schedule", "runs", "tick", "--limit", "1");
        return runs.size() == 1
                && Instant.parse(runs.get(0).get("dueAt").asText()).isAfter(moment);
    }
}
