package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.client.ClientMain;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import io.millrace.infra.demo.DemoWorker;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands that ask a server, against one with a worker. */
class ClientCommandsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestServer server;
    private static DemoWorker worker;

    /** What a command did. */
    private record Done(int code, String out, String err) {

        Done expect(int expected) {
            assertEquals(expected, code, () -> "out: " + out + "\nerr: " + err);
            return this;
        }

        String line() {
            return out.strip();
        }

        JsonNode json() throws Exception {
            return JSON.readTree(out);
        }
    }

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of(), true);
        worker = new DemoWorker("127.0.0.1", server.node(TestServer.FIRST).grpcPort(), Access.DEV_WORKER_KEY);
        Await.until("the read model", () -> run("workflow", "list").code == 0);
    }

    @AfterAll
    static void stop() {
        worker.close();
        server.close();
    }

    @Test
    void anOrderIsStartedSteeredWatchedAndItsResultIsPrintedAlone() throws Exception {
        String id = run("workflow", "start", "order", "-i", "{\"order\":\"A-17\",\"items\":3}", "--metadata", "team=a")
                .expect(0)
                .line();
        CompletableFuture<Done> result = CompletableFuture.supplyAsync(() -> run("workflow", "result", id));

        run("workflow", "signal", id, "approve", "--value", "\"Ada\"").expect(0);
        Done watched =
                run("workflow", "watch", id, "--until", "PROMISE_CREATED").expect(0);
        run("promise", "resolve", id + ":delivery", "--value", "true").expect(0);

        assertEquals(
                JSON.readTree(
                        "{\"reserved\":3,\"chargedAtAttempt\":2,\"approvedBy\":\"Ada\",\"delivered\":true,\"invoice\":\"A-17-1\"}"),
                result.get().expect(0).json());
        assertTrue(watched.out().contains("TASK_SCHEDULED"), watched::out);
        assertTrue(watched.out().lines().toList().getLast().contains("  PROMISE_CREATED  "), watched::out);
        assertEquals(
                "COMPLETED",
                run("workflow", "show", id, "-o", "json").json().get("status").textValue());
        assertTrue(run("workflow", "events", id).out().contains("TASK_ATTEMPT_FAILED"));
        Done late = run("promise", "resolve", id + ":delivery").expect(1);
        assertTrue(late.err().contains("stays as it is"), late::err);
        run("workflow", "cancel", id).expect(1);
        Await.until(
                "the trail to tell of the start",
                () -> run("audit", "list", "--execution", id, "--command", "start_workflow", "--from", "1h")
                                .out()
                                .lines()
                                .count()
                        == 2);
    }

    @Test
    void inputComesFromStandardInputAndIsKeptByteForByte() {
        String id = runWith("[ 1.50,\"ä\" ]", "workflow", "start", "nobody", "-q", "kept", "-i", "-")
                .expect(0)
                .line();

        assertTrue(run("workflow", "show", id, "-o", "json").out().contains("1.50"));
        assertEquals(
                "[\"ä\"]",
                runWith("[\"ä\"]", "workflow", "start", "echo", "-i", "-", "--wait")
                        .expect(0)
                        .line());
        assertEquals(
                "plain",
                run("workflow", "start", "echo", "-i", "\"plain\"", "--wait", "--raw")
                        .expect(0)
                        .line());
    }

    @Test
    void aListPagesByItselfAndChoosesWhatIsAskedFor() {
        List<String> started = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            started.add(run("workflow", "start", "nobody", "--queue", "listed", "--metadata", "n=" + i % 2)
                    .expect(0)
                    .line());
        }
        Await.until(
                "the list to have all",
                () -> run("workflow", "list", "--queue", "listed", "--all", "-o", "id")
                                .out()
                                .lines()
                                .count()
                        == 7);

        List<String> newest = run("workflow", "list", "--queue", "listed", "--limit", "3", "-o", "id")
                .expect(0)
                .out()
                .lines()
                .toList();
        assertEquals(started.reversed().subList(0, 3), newest);
        assertEquals(
                4,
                run("workflow", "list", "--queue", "listed", "--metadata", "n=0", "-o", "id")
                        .out()
                        .lines()
                        .count());
        assertEquals(
                started.subList(0, 2),
                run("workflow", "list", "-q", "queue = listed ORDER BY created ASC", "--limit", "2", "-o", "id")
                        .expect(0)
                        .out()
                        .lines()
                        .toList());
        assertEquals(
                List.of("STATUS  COUNT", "PENDING  7"),
                run("workflow", "count", "-q", "queue = listed")
                        .expect(0)
                        .out()
                        .lines()
                        .map(line -> line.replaceAll(" {2,}", "  "))
                        .toList());
        assertWrong(2, "at character 8 of the query", "workflow", "list", "-q", "status > FAILED");
        List<String> table = run("workflow", "list", "--queue", "listed", "--status", "pending")
                .out()
                .lines()
                .toList();
        assertEquals(8, table.size());
        assertTrue(table.getFirst().matches("ID +KIND +QUEUE +STATUS +AGE +TOOK"), table::toString);
        assertTrue(table.get(1).matches(started.getLast() + "  nobody  listed  PENDING  \\d+\\w*"), table::toString);
        assertEquals(
                "listed",
                run("queue", "list", "-o", "id")
                        .out()
                        .lines()
                        .filter("listed"::equals)
                        .findFirst()
                        .orElse(""));
    }

    @Test
    void anOperatorLimitsAQueueAndLiftsTheLimit() throws Exception {
        run("workflow", "start", "nobody", "--queue", "narrow").expect(0);
        assertEquals(
                "queue narrow limited",
                run("queue", "limit", "narrow", "--in-flight", "3", "--rate", "5", "--burst", "2", "--reason", "slow")
                        .expect(0)
                        .line());
        assertEquals(
                "queue narrow is limited so already",
                run("queue", "limit", "narrow", "--in-flight", "3", "--rate", "5", "--burst", "2")
                        .expect(0)
                        .line());
        String shown = run("queue", "show", "narrow").out();
        assertTrue(shown.contains("0 of 3 in flight; 5/s, 2 at once"), shown);
        assertTrue(shown.contains(": slow"), shown);
        assertTrue(run("queue", "list", "-o", "json").out().contains("\"inFlightNow\""));
        Await.until(
                "the depth of the queue to be known",
                () -> run("queue", "why", "narrow").out().contains("Its queue narrow has a limit: 0 of 3 in flight"));
        Done none = run("queue", "limit", "narrow").expect(2);
        assertTrue(none.err().contains("expected inFlight, rate or fairBy"), none::err);
        Done seen = run("queue", "unlimit", "narrow", "--version", "1").expect(1);
        assertTrue(seen.err().contains("it has changed meanwhile"), seen::err);
        assertEquals(
                "queue narrow limited no more",
                run("queue", "unlimit", "narrow").expect(0).line());
    }

    @Test
    void anOperatorHoldsAWorkflowBackEndsItAndHasItGoOn() throws Exception {
        String id = run("workflow", "start", "nobody", "-q", "held").expect(0).line();
        assertEquals(
                "workflow " + id + " paused",
                run("workflow", "pause", id, "--reason", "stock-taking")
                        .expect(0)
                        .line());
        assertTrue(run("workflow", "show", id).out().contains(": stock-taking"));
        assertEquals(
                "workflow " + id + " resumed",
                run("workflow", "resume", id).expect(0).line());
        Done changed = run("workflow", "terminate", id, "--sequence", "7").expect(1);
        assertTrue(changed.err().contains("it has changed meanwhile"), changed::err);
        assertEquals(
                "workflow " + id + " terminated",
                run("workflow", "terminate", id, "--sequence", "1").expect(0).line());

        String shown = run("workflow", "show", id).out();
        assertTrue(shown.contains("CANCELLED (terminated)") && shown.contains("terminated by  dev-admin"), shown);
        assertTrue(
                run("workflow", "why", id).expect(0).line().startsWith("The workflow was terminated by dev-admin at "));
        run("workflow", "terminate", id).expect(1);
        Await.until(
                "the trail to tell the two apart",
                () -> run("audit", "list", "--execution", id, "--command", "terminate_workflow", "-o", "json")
                        .out()
                        .contains("ALREADY_CLOSED"));
        Await.until(
                "the list to tell who terminated it",
                () -> run("workflow", "list", "-q", "terminator = dev-admin")
                        .out()
                        .contains(id + "  nobody  held   CANCELLED (terminated)"));

        Done dry = run("workflow", "retry", id, "--dry-run").expect(0);
        assertEquals("millrace: nothing that happened before happens again\n", dry.err());
        assertEquals("", dry.out());
        String retried = run("workflow", "retry", id).expect(0).line();
        assertEquals(
                retried,
                run("workflow", "show", id, "-o", "json").json().get("resetTo").textValue());
        String restarted =
                run("workflow", "restart", retried, "-i", "[2]").expect(0).line();
        assertEquals(
                "[2]",
                run("workflow", "show", restarted, "-o", "json")
                        .json()
                        .get("input")
                        .toString());
        Done anew = run("workflow", "continue-as-new", restarted, "--dry-run").expect(0);
        assertTrue(anew.err().contains("the workflow would do all of its work anew"), anew::err);
        run("workflow", "reset", restarted, "--to", "9").expect(1);
        Await.until(
                "the list to tell which run goes on from which",
                () -> run("workflow", "list", "-q", "predecessor = " + retried, "-o", "id")
                                .out()
                                .strip()
                                .equals(restarted)
                        && run("workflow", "list", "-q", "successor = " + restarted)
                                .out()
                                .contains("CANCELLED (reset)"));
        assertEquals(
                "workflow " + restarted + " asked to end",
                run("workflow", "cancel", restarted, "--force-after", "1h")
                        .expect(0)
                        .line());
        run("workflow", "cancel", restarted).expect(0);
    }

    @Test
    void theSameIsAskedOfManyWaitedForAndToldItemByItem() {
        for (int i = 0; i < 3; i++) {
            run("workflow", "start", "nobody", "--queue", "many").expect(0);
        }
        Await.until(
                "the read model to have them",
                () -> run("workflow", "list", "--queue", "many", "-o", "id")
                                .out()
                                .lines()
                                .count()
                        == 3);
        Done dry = run("bulk", "begin", "cancel", "-q", "queue = many", "--reason", "wrong price", "--dry-run")
                .expect(0);
        assertTrue(dry.err().contains("nothing is done; the query finds 3"), dry::err);
        assertEquals(4, dry.out().lines().count(), dry::out);

        Done done = run("bulk", "begin", "cancel", "-q", "queue = many", "--reason", "wrong price", "--wait")
                .expect(0);
        assertTrue(done.err().contains("is COMPLETED: 3 done, 0 refused, 0 skipped"), done::err);
        Await.until(
                "the read model to have the items, which stand in other partitions than the job",
                () -> run("bulk", "items", done.line(), "--result", "done", "-o", "id")
                                .expect(0)
                                .out()
                                .lines()
                                .count()
                        == 3);
        String shown = run("bulk", "show", done.line()).expect(0).out();
        assertTrue(shown.contains("wrong price"), shown);
        assertTrue(run("bulk", "list").expect(0).out().contains("3/3"));
        Done again = run("bulk", "begin", "pause", "-q", "queue = many", "--reason", "too late", "--wait")
                .expect(1);
        assertTrue(again.err().contains("0 done, 3 refused, 0 skipped"), again::err);
        Done over = run("bulk", "stop", done.line()).expect(3);
        assertTrue(over.err().contains("that has not ended"), over::err);
        Await.until("the trail to have that refusal", () -> refusedForAbsence().contains("that has not ended"));
        assertFalse(
                refusedForAbsence().contains("GET /api/orgs/{slug}/bulk-jobs/{id}"),
                "nobody asked for a job that was not there yet");
        run("bulk", "begin", "forget", "-q", "queue = many", "--reason", "r").expect(2);
    }

    @Test
    void manyAreResetToTheFirstEventOfATypeAndARequestThatIsSentAgainBeginsNoSecondJob() {
        for (int i = 0; i < 2; i++) {
            run("workflow", "start", "nobody", "--queue", "resets").expect(0);
        }
        Await.until("the read model to have them", () -> inQueue("resets") == 2);
        String[] begin = {
            "bulk",
            "begin",
            "reset",
            "-q",
            "queue = resets",
            "--to-first",
            "WORKFLOW_STARTED",
            "--reason",
            "mended",
            "--key",
            "reset-1",
            "--wait"
        };
        Done done = run(begin).expect(0);
        assertTrue(done.err().contains("is COMPLETED: 2 done, 0 refused, 0 skipped"), done::err);
        Done again = run(begin).expect(0);
        assertEquals(done.line(), again.line());
        Await.until("the read model to have the new runs", () -> inQueue("resets") == 4);
        assertTrue(run("bulk", "show", done.line()).out().contains("WORKFLOW_STARTED"));
        begin[4] = "queue = many";
        Done other = run(begin).expect(1);
        assertTrue(other.err().contains("expected a key of which no other bulk job was begun"), other::err);
    }

    private long inQueue(String queue) {
        return run("workflow", "list", "--queue", queue, "-o", "id")
                .out()
                .lines()
                .count();
    }

    @Test
    void aWorkflowIsAnnotatedShownWithThatAndFoundByIt() {
        String id = run("workflow", "start", "nobody", "-q", "noted").expect(0).line();
        run("workflow", "annotate", id, "ticket 4711").expect(0);
        run("workflow", "annotate", id, "the customer has called").expect(0);
        Await.until(
                "the read model to have both",
                () -> run("workflow", "show", id).out().contains("the customer has called"));
        String shown = run("workflow", "show", id).expect(0).out();
        assertTrue(shown.contains("ticket 4711 (dev-admin, "), shown);
        assertEquals(
                id,
                run("workflow", "list", "-q", "annotation ~ 4711", "-o", "id")
                        .expect(0)
                        .line());
        assertTrue(run("workflow", "events", id).out().contains("WORKFLOW_ANNOTATED"));
        run("workflow", "annotate", id, "two\nlines").expect(2);
    }

    @Test
    void aQueryHasANameByWhichListsFind() {
        String id = run("workflow", "start", "nobody", "-q", "named").expect(0).line();
        run("query", "save", "mine", "queue = named", "--about", "for this test")
                .expect(0);
        Await.until(
                "the read model to know the name",
                () -> run("query", "list").out().contains("for this test"));
        Await.until(
                "the read model to have the workflow",
                () -> run("workflow", "list", "--saved", "mine", "-o", "id")
                        .line()
                        .equals(id));
        assertTrue(run("workflow", "count", "--saved", "mine").expect(0).out().contains("PENDING"));
        run("task", "list", "--saved", "mine").expect(2);
        run("workflow", "list", "--saved", "nobodys").expect(3);
        run("query", "save", "broken", "queue ==").expect(2);
        run("query", "delete", "mine").expect(0);
        run("query", "delete", "mine").expect(3);
        Await.until(
                "the read model to have forgotten the name",
                () -> run("workflow", "list", "--saved", "mine").code() == 3);
    }

    @Test
    void whatIsOutOfAttemptsIsShownAndRetriedFromThere() {
        String id = run("task", "submit", "charge", "-i", "{\"items\":3}", "--max-retries", "0")
                .expect(0)
                .line();
        run("task", "result", id).expect(1);
        Await.until(
                "it to be among the dead letters",
                () -> run("dead-letters", "-o", "id").out().contains(id));
        Done dead = run("dead-letters").expect(0);
        assertTrue(dead.out().contains("the bank did not answer"), dead::out);
        assertTrue(
                dead.err().contains(" task that is out of attempts:")
                        || dead.err().contains(" tasks that are out of attempts:"),
                dead::err);
        assertTrue(
                dead.err().contains("./millrace bulk begin retry-tasks -q 'status = FAILED AND left = 0 AND "),
                dead::err);

        run("bulk", "begin", "retry-tasks", "-q", "id = " + id, "--reason", "the bank is back", "--wait")
                .expect(0);

        run("task", "result", id).expect(0);
        Await.until(
                "it to be there no more",
                () -> !run("dead-letters", "-o", "id").out().contains(id));
        assertEquals(
                id,
                run("task", "list", "-q", "left = 0 AND id = " + id, "-o", "id").line());
    }

    private String refusedForAbsence() {
        return run("audit", "list", "--outcome", "NOT_FOUND", "-o", "json").out();
    }

    @Test
    void whatSomebodyHasLookedAtIsNoDeadLetterUntilItIsTriedAgain() {
        List<String> ids = IntStream.range(0, 3)
                .mapToObj(i -> run("task", "submit", "charge", "-i", "{\"items\":3}", "--max-retries", "0")
                        .expect(0)
                        .line())
                .toList();
        Await.until(
                "them to be among the dead letters",
                () -> run("dead-letters", "-o", "id").out().lines().toList().containsAll(ids));
        String id = ids.getFirst();

        run("task", "dismiss", id).expect(2);
        run("task", "dismiss", id, "--reason", " ").expect(2);
        Done seenBefore = run("task", "dismiss", id, "--reason", "the bank was away", "--attempt", "7")
                .expect(1);
        assertTrue(
                seenBefore.err().contains("as it was after attempt 7, but it is at attempt 1 by now"), seenBefore::err);
        run("workflow", "dismiss", id, "--reason", "it is no workflow").expect(3);
        run("task", "dismiss", id, "--reason", "the bank was away", "--attempt", "1")
                .expect(0);

        Await.until(
                "it to be there no more",
                () -> !run("dead-letters", "-o", "id").out().contains(id));
        assertEquals(
                "task " + id + " was dismissed before",
                run("task", "dismiss", id, "--reason", "twice").expect(0).line());
        assertTrue(run("task", "list", "-q", "dismissed > -1d AND id = " + id, "-o", "json")
                .expect(0)
                .out()
                .contains("the bank was away"));
        String shown = run("task", "show", id).expect(0).out();
        assertTrue(
                shown.lines().anyMatch(line -> line.matches("dismissed +.* ago .* by dev-admin: the bank was away")),
                shown);
        String why = run("task", "why", id).expect(0).line();
        assertTrue(why.contains(" It was dismissed as a dead letter by dev-admin at "), why);
        assertTrue(run("audit", "list", "--command", "record_note", "-o", "json")
                .expect(0)
                .out()
                .contains("the bank was away"));

        // The others by a query, which finds the first one as well: what is dismissed already is none of the job's.
        String job = run(
                        "bulk",
                        "begin",
                        "dismiss-tasks",
                        "-q",
                        "id IN (" + String.join(", ", ids) + ")",
                        "--reason",
                        "all the same",
                        "--wait")
                .expect(0)
                .line();
        Await.until(
                "the read model to have both items, and no more",
                () -> Set.copyOf(run("bulk", "items", job, "-o", "id")
                                .out()
                                .lines()
                                .toList())
                        .equals(Set.copyOf(ids.subList(1, 3))));
        Await.until(
                "the others to be there no more",
                () -> run("dead-letters", "-o", "id").out().lines().noneMatch(ids::contains));

        // It is tried again, so nobody has looked at what it is now.
        run("task", "retry", id, "--reason", "once more").expect(0);
        run("task", "result", id).expect(0);
        Await.until(
                "the lists to know that it has ended well",
                () -> run("task", "dismiss", id, "--reason", "x")
                        .err()
                        .contains("but " + id + " is COMPLETED at attempt 2"));
        run("task", "dismiss", id, "--reason", "x").expect(1);
        String later = run("task", "show", id).expect(0).out();
        assertFalse(later.contains("dismissed"), later);
    }

    @Test
    void waitingEndsByTheOutcome() {
        String open =
                run("workflow", "start", "nobody", "-q", "silent").expect(0).line();
        Done late = run("workflow", "result", open, "--timeout", "50ms").expect(7);
        assertTrue(late.err().contains("to end in time, but it is PENDING"), late::err);

        CompletableFuture<Done> cancelled = CompletableFuture.supplyAsync(() -> run("workflow", "result", open));
        run("workflow", "cancel", open, "--reason", "changed my mind").expect(0);
        assertEquals(
                "millrace: workflow " + open + " was cancelled\n",
                cancelled.join().expect(8).err());

        Done failed = run("workflow", "start", "stateful", "-i", "{\"numbers\":[]}", "--wait")
                .expect(1);
        assertTrue(failed.err().contains(" failed: "), failed::err);
    }

    @Test
    void aTaskIsSubmittedWaitedForAndShown() throws Exception {
        Done output = run("task", "submit", "reserve", "-i", "{\"items\":2}", "--wait")
                .expect(0);
        assertEquals("{\"reserved\":2}", output.line());

        String id = run("task", "submit", "reserve", "-i", "{\"items\":4}", "--key", "k-1")
                .expect(0)
                .line();
        Done again = run("task", "submit", "reserve", "--key", "k-1").expect(0);
        assertEquals(id, again.line());
        assertTrue(again.err().contains("submitted before"), again::err);
        run("task", "result", id).expect(0);
        assertEquals(
                "TASK_COMPLETED",
                JSON.readTree(run("task", "watch", id, "-o", "json")
                                .expect(0)
                                .out()
                                .lines()
                                .toList()
                                .getLast())
                        .at("/data/event/eventType")
                        .textValue());
        assertTrue(run("task", "show", id).out().contains("attempts   1/4\n"));
    }

    @Test
    void workersAndTheServerTellOfThemselves() {
        assertTrue(run("worker", "list", "--status", "online").expect(0).out().contains("demo-worker"));
        Done status = run("status").expect(0);
        assertTrue(status.out().contains("node          " + TestServer.FIRST + "\n"), status::out);
        assertTrue(status.out().contains("status        ready\n"), status::out);
    }

    @Test
    void whatGoesWrongIsOneLineAndAnExitCode() {
        String nobody = "00000000-0000-4000-8000-000000000000";
        assertWrong(3, "there is none of the id " + nobody, "workflow", "show", nobody);
        assertWrong(2, "at line 1, column", "workflow", "start", "echo", "-i", "{oops");
        assertWrong(2, "expected no control characters in", "workflow", "start", "a\u0001b");
        assertWrong(6, "does not know the key", "workflow", "list", "--token", "guess");
        String unknown = UUID.randomUUID().toString();
        assertWrong(2, "expected one of DONE, ALREADY_CLOSED, UNCHANGED, ", "audit", "list", "--outcome", "nope");
        assertWrong(2, "expected one of start_workflow, ", "audit", "list", "--command", "nope");
        assertWrong(2, "expected one of WORKFLOW_STARTED, ", "workflow", "watch", unknown, "--until", "NOPE");
        assertWrong(2, "expected one of TASK_PENDING, ", "task", "watch", unknown, "--until", "NOPE");
        assertWrong(2, "expected the id of a bulk job, a whole UUID, but got 'abc'", "bulk", "items", "abc");
        assertWrong(2, "expected the id of an API key, a whole UUID, but got 'nope'", "key", "revoke", "nope");
        assertWrong(2, "expected the id of a worker, a whole UUID, but got 'w1'", "worker", "drain", "w1");
        assertWrong(2, "expected the id of an execution, a whole UUID, but got 'abc'", "audit", "proof", "abc");
        assertWrong(3, "expected an execution that the read model knows", "audit", "proof", unknown);
        assertWrong(6, "does not know the key", "audit", "proof", unknown, "--token", "guess");
        assertWrong(
                4, "nobody listens there", "audit", "proof", unknown, "--url", "http://127.0.0.1:1", "--org", "dev");
        assertWrong(6, "expected a key with the role", "workflow", "cancel", nobody, "--token", Access.DEV_WORKER_KEY);
        assertWrong(4, "nobody listens there", "workflow", "list", "--url", "http://127.0.0.1:1");
        assertWrong(3, "organisation", "workflow", "list", "--org", "other");
    }

    private static void assertWrong(int code, String text, String... args) {
        Done done = run(args).expect(code);
        assertEquals("", done.out());
        assertEquals(1, done.err().lines().count(), done.err());
        assertTrue(done.err().startsWith("millrace: ") && done.err().contains(text), done::err);
    }

    private static Done run(String... args) {
        return runWith("", args);
    }

    private static Done runWith(String in, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Invocation around = new Invocation(
                Map.of(
                        "XDG_CONFIG_HOME",
                        "/nowhere",
                        "MILLRACE_URL",
                        server.http("").toString(),
                        "MILLRACE_ORG",
                        "dev",
                        "MILLRACE_TOKEN",
                        Access.DEV_USER_KEY),
                Path.of("/"),
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                Screen.NONE,
                InstantSource.system(),
                ZoneOffset.UTC);
        int code = ClientMain.execute(args, around, new PrintWriter(out, true), new PrintWriter(err, true));
        return new Done(code, out.toString(), err.toString());
    }
}
