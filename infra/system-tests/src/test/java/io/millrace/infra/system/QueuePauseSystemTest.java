package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Queues and kinds that are paused, and queues with a limit, on a whole server with workers that wait. */
class QueuePauseSystemTest {

    private static final int MANY = 40;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of(), true);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /**
     * Asks until all partitions go by what was said; a slow machine says first that some have not heard of it.
     *
     * @return the first answer: it says whether that changed anything
     */
    private static JsonNode posted(TestHttp http, String path) {
        AtomicReference<JsonNode> first = new AtomicReference<>();
        return Await.found("all partitions to go by " + path, () -> {
            TestHttp.Answer answer = http.post(server.http("/api/orgs/dev/" + path), "{\"reason\":\"stock-taking\"}");
            assertEquals(200, answer.status(), () -> answer.body().toString());
            first.compareAndSet(null, answer.body());
            return Optional.of(first.get())
                    .filter(body -> answer.body().get("applied").asBoolean());
        });
    }

    private static JsonNode queue(TestHttp http, String name) {
        return http.get(server.http("/api/orgs/dev/queues/" + name)).body();
    }

    private static CompletableFuture<Optional<WorkflowExecution>> poll(TestClient worker, String queue, int seconds) {
        return CompletableFuture.supplyAsync(() -> worker.poll("w", queue, seconds));
    }

    private static void awaitParkedPoll() {
        Await.until(
                "the poll to park",
                () -> server.node(TestServer.FIRST)
                                .notifierStats()
                                .orElseThrow()
                                .parkedPolls()
                        > 0);
    }

    /** The starts are spread over all partitions, each of which has to know. */
    @Test
    void nothingOfAPausedQueueIsHandedOutNotEvenAfterARestartAndAllOfItAtOnceWhenItIsResumed() {
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            Set<String> started = new HashSet<>();
            try (TestClient worker = server.worker()) {
                String held = worker.start("echo", "held");
                assertEquals(held, worker.poll("w", "held", 60).orElseThrow().getId());
                assertTrue(posted(http, "queues/held/pause").get("paused").asBoolean());
                for (int i = 0; i < MANY; i++) {
                    started.add(worker.start("echo", "held"));
                }
                assertEquals(Optional.empty(), worker.poll("w", "held", 1));
                worker.complete(held, "1");
                assertEquals("WORKFLOW_COMPLETED", worker.eventTypes(held).getLast(), "what is in hand goes on");
                String other = worker.start("echo", "other");
                assertEquals(other, worker.poll("w", "other", 60).orElseThrow().getId(), "other queues are open");
            }

            server.stopNode(TestServer.FIRST);
            server.restartNode(TestServer.FIRST);

            try (TestClient worker = server.worker()) {
                JsonNode shown = queue(http, "held");
                assertEquals("stock-taking", shown.at("/paused/reason").asText(), shown::toString);
                Await.until(
                        "the depth to be known again",
                        () -> queue(http, "held")
                                        .path("work")
                                        .path(0)
                                        .path("ready")
                                        .asInt()
                                == MANY);
                CompletableFuture<Optional<WorkflowExecution>> waiting = poll(worker, "held", 60);
                awaitParkedPoll();
                started.add(worker.start("echo", "held"));
                String why = http.get(server.http("/api/orgs/dev/workflow-executions/"
                                + started.iterator().next() + "/why"))
                        .body()
                        .get("sentence")
                        .asText();
                assertTrue(why.contains("queue held is paused since") && why.contains("because: stock-taking"), why);
                assertFalse(waiting.isDone());

                posted(http, "queues/held/resume");
                Set<String> found = new HashSet<>();
                found.add(waiting.join().orElseThrow().getId());
                while (found.size() <= MANY) {
                    found.add(worker.poll("w", "held", 60).orElseThrow().getId());
                }
                assertEquals(started, found);
                assertTrue(queue(http, "held").get("paused").isNull());
            }
        }
    }

    /** Workers that wait for work of a queue, and how many of them have some at once. */
    private static final class Crew implements AutoCloseable {

        private final AtomicInteger atWork = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final Set<String> done = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<CompletableFuture<Void>> all = new ArrayList<>();

        private Crew(String queue, int many) {
            for (int i = 0; i < many; i++) {
                String name = "w" + i;
                all.add(CompletableFuture.runAsync(() -> work(name, queue), Thread.ofVirtual()::start));
            }
        }

        private void work(String name, String queue) {
            try (TestClient worker = server.worker()) {
                while (!over.get()) {
                    worker.poll(name, queue, 2).ifPresent(work -> {
                        most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
                        // So long that others would get some meanwhile, if they could.
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
                        atWork.decrementAndGet();
                        worker.complete(work.getId(), "1");
                        done.add(work.getId());
                    });
                }
            }
        }

        @Override
        public void close() {
            over.set(true);
            all.forEach(CompletableFuture::join);
        }
    }

    /** The work is spread over all partitions, of which there are more than places. */
    @Test
    void aLimitHoldsInAllPartitionsTogetherAndNothingIsLeftOverARestart() {
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            TestHttp.Answer limited = http.post(
                    server.http("/api/orgs/dev/queues/narrow/limit"),
                    "{\"inFlight\":3,\"fairBy\":\"customer\",\"reason\":\"three calls\"}");
            assertEquals(200, limited.status(), () -> limited.body().toString());
            Set<String> started = new HashSet<>();
            try (TestClient client = server.worker()) {
                for (int i = 0; i < MANY; i++) {
                    started.add(client.start("echo", "narrow"));
                }
            }
            Set<String> before;
            try (Crew crew = new Crew("narrow", 8)) {
                Await.until("some of it to be done", () -> crew.done.size() >= MANY / 4);
                assertEquals(3, queue(http, "narrow").at("/limit/inFlight").asInt());
                before = crew.done;
                assertTrue(crew.most.get() <= 3, () -> crew.most.get() + " were in flight");
            }

            server.stopNode(TestServer.FIRST);
            server.restartNode(TestServer.FIRST);

            try (Crew crew = new Crew("narrow", 8)) {
                Await.until("all of it to be done", () -> crew.done.size() + before.size() >= MANY);
                assertTrue(crew.most.get() <= 3, () -> crew.most.get() + " were in flight");
                before.addAll(crew.done);
            }
            assertEquals(started, before);
            Await.until(
                    "nothing to be in flight",
                    () -> queue(http, "narrow").at("/limit/inFlightNow").asInt() == 0);
            http.post(server.http("/api/orgs/dev/queues/narrow/unlimit"), "{}");
            assertTrue(queue(http, "narrow").get("limit").isNull());
        }
    }

    private static JsonNode draining(TestHttp http, String id) {
        for (JsonNode worker :
                http.get(server.http("/api/orgs/dev/workers")).body().get("workers")) {
            if (worker.get("id").asText().equals(id)) {
                return worker.get("draining");
            }
        }
        throw new AssertionError("expected the worker in the list, but it is not");
    }

    @Test
    void aDrainedWorkerGetsNothingNewAndIsShownUntilItIsEmpty() {
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY);
                TestClient worker = server.worker();
                TestClient others = server.worker()) { // a worker is known by its connection too
            String id = worker.workers()
                    .registerWorker(WorkerRegistrationRequest.newBuilder()
                            .setWorkerName("old")
                            .setWorkerVersion("1")
                            .setWorkerType("UNIFIED")
                            .setOrgId(TestClient.pollRequest("w", "q", 1).getOrgId())
                            .addWorkflows(WorkflowCapability.newBuilder().setKind("echo"))
                            .build())
                    .getWorkerId();
            String held = worker.start("echo", "drains");
            assertEquals(held, worker.poll(id, "drains", 60).orElseThrow().getId());
            posted(http, "workers/" + id + "/drain");
            Await.until(
                    "what it has to be shown",
                    () -> draining(http, id).get("inHand").asInt() == 1);
            String next = worker.start("echo", "drains");

            assertEquals(Optional.empty(), worker.poll(id, "drains", 2));
            assertEquals(next, others.poll("other", "drains", 60).orElseThrow().getId());

            worker.complete(held, "1");
            Await.until(
                    "it to be shown as empty",
                    () -> draining(http, id).get("inHand").asInt() == 0);
            posted(http, "workers/" + id + "/undrain");
            assertTrue(draining(http, id).isNull());
            String last = worker.start("echo", "drains");
            assertEquals(last, worker.poll(id, "drains", 60).orElseThrow().getId());
        }
    }

    @Test
    void aPausedKindWaitsWhileOthersOfItsQueueAreHandedOut() {
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY);
                TestClient worker = server.worker()) {
            posted(http, "workflow-kinds/slow/pause");
            String held = worker.start("slow", "kinds");
            String other = worker.start("quick", "kinds");
            assertEquals(other, worker.poll("w", "kinds", 60).orElseThrow().getId());
            assertEquals(Optional.empty(), worker.poll("w", "kinds", 1));
            assertEquals(
                    "slow",
                    http.get(server.http("/api/orgs/dev/kinds"))
                            .body()
                            .at("/kinds/0/kind")
                            .asText());

            CompletableFuture<Optional<WorkflowExecution>> waiting = poll(worker, "kinds", 60);
            posted(http, "workflow-kinds/slow/resume");
            assertEquals(held, waiting.join().orElseThrow().getId());
        }
    }

    @Test
    void aTaskAndItsQueueSayThatTheKindIsPaused() {
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            posted(http, "task-kinds/mail/pause");
            String id = http.post(
                            server.http("/api/orgs/dev/task-executions"),
                            "{\"kind\":\"mail\",\"queue\":\"told\",\"input\":1}")
                    .body()
                    .get("id")
                    .asText();
            for (String path : List.of("task-executions/" + id + "/why", "queues/told/why")) {
                Await.until("the pause to be told by " + path, () -> {
                    String said = http.get(server.http("/api/orgs/dev/" + path))
                            .body()
                            .path("sentence")
                            .asText();
                    return said.contains("task kind mail is paused since") && said.contains("because: stock-taking");
                });
            }
            posted(http, "task-kinds/mail/resume");
        }
    }
}
