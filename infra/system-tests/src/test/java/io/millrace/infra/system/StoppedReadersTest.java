package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.testing.Await;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A node whose thread no longer reads a topic looks well from outside, and is not. */
class StoppedReadersTest {

    private static final Map<String, String> READS = Map.of(
            "millrace-directory", "directory",
            "millrace-replies", "replies",
            "task-streams-receiver", "task-streams",
            "millrace-notifier-levels", "notifier");

    @Test
    void aNodeThatNoLongerReadsATopicIsNotReadyAndSaysWhich() {
        try (TestServer server = TestServer.withoutNodes(Map.of(), false);
                TestHttp anybody = new TestHttp(null)) {
            READS.forEach((thread, part) -> {
                ThreadGroup own = new ThreadGroup(part);
                MillraceServer node = within(own, () -> server.addNode(part, "ingest,dispatcher,notifier"));
                assertEquals("", node.notReady().orElse(""));
                URI ready = server.http(part, "/_/ready");
                Await.until("the node to be ready", () -> anybody.get(ready).status() == 200);

                List<Thread> reading = Thread.getAllStackTraces().keySet().stream()
                        .filter(one -> one.getName().equals(thread) && own.equals(one.getThreadGroup()))
                        .toList();
                assertEquals(1, reading.size(), thread);
                reading.getFirst().interrupt(); // as an error would that nothing can go on after

                Await.until("the node not to be ready", () -> anybody.get(ready).status() == 503);
                assertTrue(
                        node.notReady().orElseThrow().startsWith(part + ": the thread " + thread + " has ended"),
                        () -> node.notReady().toString());
                server.stopNode(part);
            });
        }
    }

    /** Threads that it starts, and those that these start, are of the group: other nodes of this JVM have some of the same names. */
    private static MillraceServer within(ThreadGroup group, Supplier<MillraceServer> start) {
        CompletableFuture<MillraceServer> started = new CompletableFuture<>();
        new Thread(group, () -> started.completeAsync(start, Runnable::run)).start();
        return started.join();
    }
}
