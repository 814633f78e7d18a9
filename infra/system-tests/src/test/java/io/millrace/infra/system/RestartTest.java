package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that stop and come back, in order and not. */
class RestartTest {

    /** Long, so that whatever is killed at once after an answer is killed before the commit. */
    private static final String LATE_COMMIT = "dispatcher.commit_interval=8s";

    /** Longer than the restart and all calls of a test take anywhere. */
    private static final String LONG_LEASES = "leases.workflow=30m";

    @Test
    void aRestartedNodeServesOn() throws InterruptedException {
        try (TestServer server = TestServer.start()) {
            String waiting;
            String running;
            try (TestClient before = server.worker()) {
                running = before.start("echo", "over");
                before.poll("w", "over", 60).orElseThrow();
                waiting = before.start("echo", "over");
            }

            server.stopNode(TestServer.FIRST);
            server.restartNode(TestServer.FIRST);

            try (TestClient after = server.worker();
                    TestSubscriber subscriber = new TestSubscriber(after, "w", "over")) {
                subscriber.next();
                assertEquals(waiting, after.poll("w", "over", 60).orElseThrow().getId());
                after.complete(running, "1");
                after.complete(waiting, "2");
                assertEquals("WORKFLOW_COMPLETED", after.eventTypes(running).getLast());
                assertEquals("WORKFLOW_COMPLETED", after.eventTypes(waiting).getLast());
            }
        }
    }

    @Test
    void aStoppedServerEndsSubscriptionsAndPollsInOrder() throws InterruptedException {
        try (TestServer server = TestServer.start();
                TestClient worker = server.worker();
                TestSubscriber subscriber = new TestSubscriber(worker, "w", "end")) {
            worker.start("echo", "end");
            subscriber.next();

            server.stopNode(TestServer.FIRST);

            String said = subscriber
                    .ended()
                    .handle((nothing, failure) -> failure.getMessage())
                    .join();
            assertTrue(said.contains("UNAVAILABLE"), said);
        }
    }

    /** Kills the process between the answer to a command and the commit of what came of it. */
    @Test
    void aServerKilledBetweenAnswerAndCommitLosesNothing(@TempDir Path data) {
        Set<String> started = new HashSet<>();
        String claimed;
        try (ServerProcess process = ServerProcess.start(data, "--set", LATE_COMMIT, "--set", LONG_LEASES);
                TestClient worker = process.worker()) {
            for (int i = 0; i < 50; i++) {
                started.add(worker.start("echo", "killed"));
            }
            claimed = worker.poll("w", "killed", 60).orElseThrow().getId();
            process.kill();
        }
        Set<String> stores = identitiesOfStores(data);

        try (ServerProcess process = ServerProcess.start(data, "--set", LONG_LEASES);
                TestClient worker = process.worker();
                TestHttp user = new TestHttp(Access.DEV_USER_KEY)) {
            Set<String> found = new HashSet<>();
            for (int i = 0; i < 49; i++) {
                WorkflowExecution work = worker.poll("w", "killed", 60).orElseThrow();
                assertTrue(found.add(work.getId()), "handed out twice: " + work.getId());
                worker.complete(work.getId(), "1");
            }
            assertFalse(found.contains(claimed), "claimed work was handed out again within its lease");
            assertEquals(Optional.empty(), worker.poll("w", "killed", 0));
            worker.complete(claimed, "1");
            found.add(claimed);
            assertEquals(started, found);
            Await.until("all 50 in the read model, completed", () -> completed(user, process) == 50);
            assertEquals(DevServer.PARTITIONS, stores.size());
            assertEquals(stores, identitiesOfStores(data), "stores go on after a kill, and are not made anew");
        }
    }

    /** A store gets its name for life when it is made. */
    private static Set<String> identitiesOfStores(Path data) {
        try (Stream<Path> files = Files.walk(data.resolve("streams"))) {
            Set<String> identities = new HashSet<>();
            for (Path file : files.filter(path -> path.endsWith("IDENTITY")).toList()) {
                identities.add(Files.readString(file));
            }
            return identities;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int completed(TestHttp user, ServerProcess process) {
        return user.get(process.http("/api/orgs/dev/workflow-executions?status=COMPLETED&limit=100"))
                .body()
                .path("workflowExecutions")
                .size();
    }
}
