package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.RawHttp2.Frame;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client that behaves as none should takes from others: nothing. On a server with small limits and long times. */
class DoorTest {

    private static final int CONNECTIONS = 24;

    private static DoorServer server;

    @BeforeAll
    static void start() {
        server = DoorServer.start(CONNECTIONS, Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoTakesItsAnswersGetsThemAll() throws Exception {
        try (TestClient client = server.user()) {
            WorkflowDispatchGrpc.WorkflowDispatchFutureStub stub =
                    WorkflowDispatchGrpc.newFutureStub(client.channel()).withCallCredentials(client.key());
            List<ListenableFuture<GetEventsResponse>> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                answers.add(stub.getEvents(server.historyRequest()));
            }
            for (ListenableFuture<GetEventsResponse> answer : answers) {
                assertTrue(answer.get(120, TimeUnit.SECONDS).getSerializedSize() > DoorServer.HISTORY_BYTES);
            }
        }
    }

    @Test
    void requestsThatComeInPartMayHoldSoMuch() throws IOException {
        try (RawHttp2 client = new RawHttp2(server.port(), Access.DEV_USER_KEY, 1 << 16)) {
            int part = DoorServer.REQUEST_BYTES / 4 - 10_000; // half of the whole is one organisation's
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
    void whoShowsNoKeyHasAFewConnectionsAndLeavesRoomForWhoShowsOne() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try (RawHttp2 known = new RawHttp2(server.port(), Access.DEV_USER_KEY, 1 << 20)) {
            int first = known.call(WorkflowDispatchGrpc.getGetEventsMethod(), ofNobody());
            assertEquals(Optional.of(Status.Code.NOT_FOUND.value()), known.awaitStatus(first));

            for (int i = 0; i < 2 * CONNECTIONS; i++) {
                sockets.add(new Socket("127.0.0.1", server.port()));
            }

            Await.until(
                    "all but a quarter of the connections to be closed",
                    () -> sockets.stream().filter(DoorTest::isClosed).count() >= 2 * CONNECTIONS - CONNECTIONS / 4);
            int second = known.call(WorkflowDispatchGrpc.getGetEventsMethod(), ofNobody());
            assertEquals(Optional.of(Status.Code.NOT_FOUND.value()), known.awaitStatus(second));
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static GetEventsRequest ofNobody() {
        return GetEventsRequest.newBuilder()
                .setWorkflowExecutionId(UUID.randomUUID().toString())
                .build();
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
}
