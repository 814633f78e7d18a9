package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.RawHttp2.Frame;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What one client may have under way, on a server where an organisation may have 100 calls, and a connection two histories. */
class SeatsTest {

    private static DoorServer server;

    @BeforeAll
    static void start() {
        server = DoorServer.start(Map.of(
                "limits.calls", "200",
                "grpc.unread_bytes_per_connection", String.valueOf(64 << 20),
                "grpc.histories_per_connection", "2",
                "grpc.patience", "3s"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void noMoreHistoriesAreReadForAConnectionThanItMayHaveThoughTheirBytesWouldFit() throws IOException {
        try (RawHttp2 client = new RawHttp2(server.port(), Access.DEV_USER_KEY, 0)) {
            for (int i = 0; i < 10; i++) {
                client.call(WorkflowDispatchGrpc.getGetEventsMethod(), server.historyRequest());
            }

            // The headers of an answer come whatever the window; in the end the client is cut off, since it takes
            // nothing.
            Set<Integer> begun = new HashSet<>();
            Optional<Frame> frame = client.next();
            while (frame.isPresent() && frame.get().type() != RawHttp2.GO_AWAY) {
                if (frame.get().type() == RawHttp2.HEADERS) {
                    begun.add(frame.get().stream());
                }
                frame = client.next();
            }

            assertEquals(2, begun.size());
        }
    }

    @Test
    void oneConnectionLeavesSeatsToOthersOfItsOrganisation() throws IOException {
        int calls = 50; // half of what one organisation may have
        try (RawHttp2 greedy = new RawHttp2(server.port(), Access.DEV_USER_KEY, 0);
                TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            for (int i = 0; i < calls; i++) {
                greedy.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            }
            int last = greedy.open(WorkflowDispatchGrpc.getStartWorkflowMethod());

            assertEquals(Optional.of(Status.Code.RESOURCE_EXHAUSTED.value()), greedy.awaitStatus(last));
            assertEquals(200, http.get(server.http("/api/orgs/dev/workers")).status());
        }
    }

    @Test
    void eventStreamsTakeNoSeatOfCalls() throws IOException {
        int calls = 100; // half of all: what one organisation may have
        Socket[] streams = new Socket[calls];
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            for (int i = 0; i < calls; i++) {
                streams[i] = openStream();
            }

            Await.until(
                    "a call beside the streams to be served",
                    () -> http.get(server.http("/api/orgs/dev/workers")).status() == 200);
        } finally {
            for (Socket stream : streams) {
                if (stream != null) {
                    stream.close();
                }
            }
        }
    }

    private static Socket openStream() throws IOException {
        Socket socket = new Socket("127.0.0.1", server.httpPort());
        socket.getOutputStream()
                .write(("GET /api/orgs/dev/workflow-executions/" + server.longHistory()
                                + "/stream HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + Access.DEV_USER_KEY
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        String first = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                .readLine();
        assertTrue(first.startsWith("HTTP/1.1 200 "), first);
        return socket;
    }
}
