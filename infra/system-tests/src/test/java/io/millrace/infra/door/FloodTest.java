package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.infra.system.ServerProcess;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Floods in full size, against `millrace dev` with 512 MB of heap and 3,000 files, and the usual limits. Waits for a patience of
 * 30 s, so it is run by hand: with {@code -Dmillrace.flood=true}.
 */
@EnabledIfSystemProperty(named = "millrace.flood", matches = "true")
class FloodTest {

    private static final int FILES = 3_000;
    private static final int HEAP_MB = 512;
    private static final int CALLS = 800;
    private static final int SIGNALS = 4;
    private static final int SIGNAL_BYTES = 800_000;
    private static final long OTHERS_WAIT_S = 10;

    private static TempFolder folder;
    private static ServerProcess server;

    @BeforeAll
    static void start() {
        folder = new TempFolder();
        server = ServerProcess.startSmall(folder.path(), FILES, HEAP_MB, Map.of());
    }

    /** It stops in order, or this fails. */
    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
        folder.close();
    }

    @Test
    void whoAsksForManyLongHistoriesAndTakesNothingIsCutOffWhileOthersAreServed() throws IOException {
        try (TestClient other = new TestClient(server.grpcPort(), Access.DEV_USER_KEY);
                RawHttp2 greedy = new RawHttp2(server.grpcPort(), Access.DEV_USER_KEY, 0)) {
            GetEventsRequest history = GetEventsRequest.newBuilder()
                    .setWorkflowExecutionId(longHistory(other))
                    .build();

            for (int i = 0; i < CALLS; i++) {
                greedy.call(WorkflowDispatchGrpc.getGetEventsMethod(), history);
            }

            Optional<RawHttp2.Frame> frame = greedy.next();
            while (frame.isPresent() && frame.get().type() != RawHttp2.GO_AWAY) {
                assertServed(other, history.getWorkflowExecutionId());
                frame = greedy.next();
            }
            assertServed(other, history.getWorkflowExecutionId());
            assertReady();
        }
    }

    @Test
    void silentConnectionsTakeNoFilesThatKafkaAndTheStoresNeed() throws IOException {
        List<Socket> silent = new ArrayList<>();
        try (TestClient known = new TestClient(server.grpcPort(), Access.DEV_USER_KEY)) {
            known.start("flow", "flood");
            for (int i = 0; i < FILES; i++) {
                silent.add(new Socket(
                        "127.0.0.1",
                        i % 2 == 0 ? server.grpcPort() : server.http("/").getPort()));
            }

            known.start("flow", "flood");
            assertReady();
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
        try (TestClient later = new TestClient(server.grpcPort(), Access.DEV_USER_KEY)) {
            later.start("flow", "flood");
        }
    }

    /** @return an execution with 3.2 MB of history */
    private static String longHistory(TestClient client) {
        String id = client.start("long", "flood");
        for (int i = 0; i < SIGNALS; i++) {
            client.workflows()
                    .signalWorkflow(SignalWorkflowRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkflowExecutionId(id)
                            .setSignalName("long")
                            .setSignalValue(ByteString.copyFromUtf8("\"" + "x".repeat(SIGNAL_BYTES) + "\""))
                            .build());
        }
        return id;
    }

    private static void assertServed(TestClient other, String history) {
        long beganNanos = System.nanoTime();
        other.start("flow", "flood");
        assertTrue(other.events(history).size() > SIGNALS);
        long tookS = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos);
        assertTrue(tookS < OTHERS_WAIT_S, "others waited " + tookS + " s");
    }

    private static void assertReady() {
        try (TestHttp http = new TestHttp(null)) {
            Await.until(
                    "the server to be ready",
                    () -> http.get(server.http("/_/ready")).status() == 200);
            assertEquals(200, http.get(server.http("/_/health")).status());
        }
    }
}
