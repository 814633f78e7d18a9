package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.RawHttp2.Frame;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestServer;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client that behaves as none should takes from others: nothing. On a server with small limits. */
class DoorTest {

    private static final int CONNECTIONS = 24;
    private static final int HISTORY_BYTES = 800_000;
    private static final int UNREAD_BYTES = 2 * HISTORY_BYTES + 100_000;
    private static final int REQUEST_BYTES = 2_000_000;

    private static TestServer server;
    private static String longHistory;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                Map.of(
                        "grpc.max_connections", String.valueOf(CONNECTIONS),
                        "grpc.unread_bytes_per_connection", String.valueOf(UNREAD_BYTES),
                        "grpc.histories_per_connection", "3",
                        "grpc.stranger_timeout", "2s",
                        "grpc.patience", "2s",
                        "limits.request_bytes", String.valueOf(REQUEST_BYTES)),
                false);
        try (TestClient client = server.user()) {
            longHistory = client.start("long", "door");
            client.workflows().signalWorkflow(SignalWorkflowRequest.newBuilder()
                    .setOrgId(Access.DEV_ORG.toString())
                    .setWorkflowExecutionId(longHistory)
                    .setSignalName("long")
                    .setSignalValue(ByteString.copyFromUtf8("\"" + "x".repeat(HISTORY_BYTES) + "\""))
                    .build());
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoTakesNothingIsGivenLittleAndCutOffWhileOthersAreServed() throws IOException {
        try (RawHttp2 greedy = new RawHttp2(port(), Access.DEV_USER_KEY, 0);
                TestClient other = server.user()) {
            for (int i = 0; i < 100; i++) {
                greedy.call(WorkflowDispatchGrpc.getGetEventsMethod(), historyRequest());
            }

            assertTrue(other.events(longHistory).size() > 1);

            // The headers of an answer come whatever the window: they show which answers have been begun.
            Set<Integer> begun = new HashSet<>();
            Optional<Frame> frame = greedy.next();
            while (frame.isPresent() && frame.get().type() != RawHttp2.GO_AWAY) {
                if (frame.get().type() == RawHttp2.HEADERS) {
                    begun.add(frame.get().stream());
                }
                frame = greedy.next();
            }
            assertTrue(begun.size() <= 3, "answers begun although nothing was taken: " + begun);
            other.start("flow", "door");
        }
    }

    @Test
    void whoTakesItsAnswersGetsThemAll() throws Exception {
        try (TestClient client = server.user()) {
            WorkflowDispatchGrpc.WorkflowDispatchFutureStub stub = WorkflowDispatchGrpc.newFutureStub(client.channel())
                    .withCallCredentials(client.key());
            List<ListenableFuture<GetEventsResponse>> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                answers.add(stub.getEvents(historyRequest()));
            }
            for (ListenableFuture<GetEventsResponse> answer : answers) {
                assertTrue(answer.get(60, TimeUnit.SECONDS).getSerializedSize() > HISTORY_BYTES);
            }
        }
    }

    @Test
    void requestsThatComeInPartMayHoldSoMuch() throws IOException {
        try (RawHttp2 client = new RawHttp2(port(), Access.DEV_USER_KEY, 1 << 16)) {
            int part = REQUEST_BYTES / 4 - 10_000; // half of the whole is one organisation's
            int first = client.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            client.begin(first, 1 << 20, part);
            int second = client.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            client.begin(second, 1 << 20, part);
            int third = client.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            client.begin(third, 1 << 20, part);

            Frame refusal = awaitEnd(client);

            assertEquals(third, refusal.stream());
            assertEquals(Optional.of(Status.Code.RESOURCE_EXHAUSTED.value()), refusal.status());
            assertEquals("1000", refusal.headers().get("grpc-retry-pushback-ms").toString());
        }
    }

    @Test
    void aRequestThatDoesNotComeOnEndsAndGivesBackWhatItHeld() throws IOException {
        try (RawHttp2 client = new RawHttp2(port(), Access.DEV_USER_KEY, 1 << 16)) {
            int part = REQUEST_BYTES / 3;
            int first = client.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            client.begin(first, 1 << 20, part);

            assertEquals(Optional.of(Status.Code.DEADLINE_EXCEEDED.value()), client.awaitStatus(first));

            int second = client.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            client.begin(second, 1 << 20, part);
            assertEquals(Optional.of(Status.Code.DEADLINE_EXCEEDED.value()), client.awaitStatus(second));
        }
    }

    @Test
    void aCallThatAsksForNothingEnds() throws IOException {
        try (RawHttp2 client = new RawHttp2(port(), Access.DEV_USER_KEY, 1 << 16)) {
            int call = client.open(WorkflowDispatchGrpc.getGetEventsMethod());

            assertEquals(Optional.of(Status.Code.DEADLINE_EXCEEDED.value()), client.awaitStatus(call));
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws IOException {
        try (Socket silent = new Socket("127.0.0.1", port())) {
            awaitClosed(silent);
        }
    }

    @Test
    void aConnectionThatShowsNoKnownKeyIsClosed() throws IOException {
        try (RawHttp2 stranger = new RawHttp2(port(), "unknown", 1 << 16)) {
            int call = stranger.call(WorkflowDispatchGrpc.getGetEventsMethod(), historyRequest());
            assertEquals(Optional.of(Status.Code.UNAUTHENTICATED.value()), stranger.awaitStatus(call));

            Optional<Frame> frame = stranger.next();
            while (frame.isPresent()) {
                frame = stranger.next();
            }
        }
    }

    @Test
    void aConnectionThatShowedAKeyStaysThoughItAsksForNothing() throws IOException {
        try (RawHttp2 known = new RawHttp2(port(), Access.DEV_USER_KEY, 1 << 20);
                Socket silent = new Socket("127.0.0.1", port())) {
            GetEventsRequest ofNobody = GetEventsRequest.newBuilder()
                    .setWorkflowExecutionId(UUID.randomUUID().toString())
                    .build();
            int first = known.call(WorkflowDispatchGrpc.getGetEventsMethod(), ofNobody);
            assertEquals(Optional.of(Status.Code.NOT_FOUND.value()), known.awaitStatus(first));
            awaitClosed(silent); // whoever has shown no key has gone by now

            int second = known.call(WorkflowDispatchGrpc.getGetEventsMethod(), ofNobody);
            assertEquals(Optional.of(Status.Code.NOT_FOUND.value()), known.awaitStatus(second));
        }
    }

    @Test
    void oneAddressLeavesRoomForOthers() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * CONNECTIONS; i++) {
                Socket socket = new Socket("127.0.0.1", port());
                socket.setSoTimeout(60_000);
                sockets.add(socket);
            }
            // The last one was turned away at once, or pushed the first one out as the oldest without a key.
            Await.until("connections to be closed", () -> sockets.stream().filter(DoorTest::isClosed).count()
                    >= 2 * CONNECTIONS - CONNECTIONS / 2);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Reads until the server has closed the connection; it begins with its settings. */
    private static void awaitClosed(Socket socket) throws IOException {
        socket.setSoTimeout(60_000);
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static Frame awaitEnd(RawHttp2 client) throws IOException {
        Frame frame = client.next().orElseThrow();
        while (frame.status().isEmpty()) {
            frame = client.next().orElseThrow();
        }
        return frame;
    }

    private static GetEventsRequest historyRequest() {
        return GetEventsRequest.newBuilder().setWorkflowExecutionId(longHistory).build();
    }

    private static int port() {
        return server.node(TestServer.FIRST).grpcPort();
    }
}
