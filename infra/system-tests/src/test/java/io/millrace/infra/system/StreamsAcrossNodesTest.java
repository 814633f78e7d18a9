package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.StatusRuntimeException;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.v1.AwaitEndResponse;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Event streams, and those who wait for an end, at a node that owns nothing. */
class StreamsAcrossNodesTest {

    private static final int EXECUTIONS = 8;

    @Test
    void aStreamGoesOnWithTheNewOwnerAndTellsEachEventOnce() throws Exception {
        // The client waits for its streams when it is closed, so the server goes first.
        try (HttpClient http = HttpClient.newHttpClient();
                TestServer server = TestServer.withoutNodes(Map.of(), false)) {
            server.addNode("a", "dispatcher");
            server.addNode("b", "dispatcher");
            server.addNode("i", "ingest");
            server.addNode("n", "notifier");
            try (TestClient client = server.client("i", Access.DEV_WORKER_KEY)) {
                List<String> ids = new ArrayList<>();
                List<BlockingQueue<Integer>> streams = new ArrayList<>();
                List<CompletableFuture<AwaitEndResponse>> waits = new ArrayList<>();
                // Waits are renewed after 30 s; the partition may move for longer.
                WorkerClient waiter =
                        new WorkerClient("127.0.0.1", server.node("i").grpcPort(), Access.DEV_WORKER_KEY);
                for (int i = 0; i < EXECUTIONS; i++) {
                    ids.add(client.start("echo", "watched"));
                    streams.add(sequences(http, server, ids.get(i)));
                    client.workflows().signalWorkflow(signal(ids.get(i)));
                    // Both are told by the owner, whichever it is, before it goes.
                    assertEquals(1, streams.get(i).poll(120, TimeUnit.SECONDS));
                    assertEquals(2, streams.get(i).poll(120, TimeUnit.SECONDS));
                    String id = ids.get(i);
                    waits.add(CompletableFuture.supplyAsync(
                            () -> waiter.awaitWorkflow(id, Duration.ofSeconds(120)), Thread::startVirtualThread));
                }

                server.stopNode("b");
                for (String id : ids) {
                    Await.until("node a to serve " + id, () -> signalled(client, id));
                }
                // Who tries again may have been heard the first time.
                for (int i = 0; i < EXECUTIONS; i++) {
                    int last = client.events(ids.get(i)).size();
                    for (int sequence : IntStream.rangeClosed(3, last).toArray()) {
                        assertEquals(sequence, streams.get(i).poll(120, TimeUnit.SECONDS));
                    }
                }

                try (TestHttp user = new TestHttp(Access.DEV_USER_KEY)) {
                    for (String id : ids) {
                        user.post(server.http("i", "/api/orgs/dev/workflow-executions/" + id + "/cancel"), "{}");
                    }
                }
                for (CompletableFuture<AwaitEndResponse> wait : waits) {
                    assertEquals("CANCELLED", wait.get(120, TimeUnit.SECONDS).getStatus());
                }
                waiter.close();
            }
        }
    }

    private static boolean signalled(TestClient client, String id) {
        try {
            client.workflows().signalWorkflow(signal(id));
            return true;
        } catch (StatusRuntimeException moving) {
            return false;
        }
    }

    private static SignalWorkflowRequest signal(String id) {
        return SignalWorkflowRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkflowExecutionId(id)
                .setSignalName("s")
                .build();
    }

    /** @return the numbers of the events that the stream tells, as they come */
    private static BlockingQueue<Integer> sequences(HttpClient http, TestServer server, String id) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + server.node("i").httpPort()
                + "/api/orgs/dev/workflow-executions/" + id + "/stream");
        HttpResponse<InputStream> response = http.send(
                HttpRequest.newBuilder(address)
                        .header("authorization", "Bearer " + Access.DEV_USER_KEY)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        BlockingQueue<Integer> sequences = new LinkedBlockingQueue<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(() -> {
            try {
                lines.lines()
                        .filter(line -> line.startsWith("id: "))
                        .forEach(line -> sequences.add(Integer.parseInt(line.substring(line.indexOf('.') + 1))));
            } catch (UncheckedIOException stopped) {
                // The server is stopped while its streams are open.
            }
        });
        return sequences;
    }
}
