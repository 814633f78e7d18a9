package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A node whose partitions are shared by two stream threads, of which one fails again and again. */
class TwoStreamThreadsTest {

    private static final String NODE = "two-threads";
    private static final int WORKFLOWS = 24;

    /** Events that each workflow that was acknowledged is known to have. */
    private final Map<String, Integer> known = new ConcurrentHashMap<>();

    private static List<Thread> streamThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches(".*-" + NODE + "-StreamThread-\\d+"))
                .toList();
    }

    private void startOne(TestClient client, String queue) {
        known.put(client.start("echo", queue), 1);
    }

    private void completeOne(TestClient worker, String queue) {
        String id = worker.poll("w", queue, 60).orElseThrow().getId();
        worker.complete(id, "1");
        known.merge(id, 2, Math::max);
    }

    private void assertAllIsThere(TestClient client) {
        known.forEach((id, events) ->
                assertTrue(client.events(id).size() >= events, () -> "expected " + events + " events of " + id));
    }

    @Test
    void partitionsOfOneGoOnWhileTheOtherFailsAndAllDoAfterwardsAndAfterARestart() throws Exception {
        try (TestServer server = TestServer.withoutNodes(Map.of("dispatcher.threads", "2"), false)) {
            server.addNode(NODE, "ingest,dispatcher,notifier");
            try (TestClient client = server.client(NODE, Access.DEV_WORKER_KEY)) {
                for (int i = 0; i < WORKFLOWS; i++) {
                    startOne(client, "before");
                }
                oneFailsAgainAndAgain(client);
                Await.until(
                        "the node to be ready",
                        () -> server.node(NODE).notReady().isEmpty());
                assertEquals(2, streamThreads().size());
                for (int i = 0; i < WORKFLOWS; i++) {
                    completeOne(client, "before");
                    startOne(client, "after");
                }
                assertAllIsThere(client);
            }
            server.stopNode(NODE);
            server.restartNode(NODE);
            try (TestClient client = server.client(NODE, Access.DEV_WORKER_KEY)) {
                assertAllIsThere(client);
                for (int i = 0; i < WORKFLOWS; i++) {
                    completeOne(client, "after");
                }
            }
        }
    }

    private void oneFailsAgainAndAgain(TestClient client) throws Exception {
        List<Thread> both = streamThreads();
        assertEquals(2, both.size());
        Thread survivor = both.getFirst();
        AtomicBoolean failing = new AtomicBoolean(true);
        AtomicInteger failures = new AtomicInteger();
        Thread killer = Thread.ofPlatform().start(() -> {
            while (failing.get()) {
                for (Thread each : streamThreads()) {
                    if (each != survivor) {
                        each.interrupt();
                        failures.incrementAndGet();
                    }
                }
                LockSupport.parkNanos(1_000_000);
            }
        });
        List<CompletableFuture<Void>> starts = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Await.until("failures", () -> failures.get() > 10);
            for (int i = 0; i < WORKFLOWS; i++) {
                starts.add(CompletableFuture.runAsync(() -> startOne(client, "meanwhile"), callers));
            }
            Await.until(
                    "a start in a partition of the other thread",
                    () -> starts.stream().anyMatch(start -> start.isDone() && !start.isCompletedExceptionally()));
            assertTrue(survivor.isAlive());
            failing.set(false);
            killer.join();
        } finally {
            failing.set(false);
        }
        assertTrue(survivor.isAlive(), "it is the same thread throughout");
    }
}
