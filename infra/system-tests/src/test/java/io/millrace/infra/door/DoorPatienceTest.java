package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.RawHttp2.Frame;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** How long a client may keep what it takes from others, on a server that waits a few seconds only. */
@Order(1)
@Execution(ExecutionMode.CONCURRENT)
class DoorPatienceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int PROBE_EVERY_MS = 100;

    private static DoorServer server;

    @BeforeAll
    static void start() {
        server = DoorServer.start(1_000, PATIENCE);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoTakesNothingIsGivenLittleAndCutOffWhileOthersAreServed() throws IOException {
        try (RawHttp2 greedy = new RawHttp2(server.port(), Access.DEV_USER_KEY, 0);
                TestClient other = server.user()) {
            for (int i = 0; i < 100; i++) {
                greedy.call(WorkflowDispatchGrpc.getGetEventsMethod(), server.historyRequest());
            }

            assertTrue(other.events(server.longHistory()).size() > 1);

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
    void aRequestThatDoesNotComeOnEndsAndGivesBackWhatItHeld() throws IOException {
        try (RawHttp2 client = new RawHttp2(server.port(), Access.DEV_USER_KEY, 1 << 16)) {
            int part = DoorServer.REQUEST_BYTES / 3;
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
        try (RawHttp2 client = new RawHttp2(server.port(), Access.DEV_USER_KEY, 1 << 16)) {
            int call = client.open(WorkflowDispatchGrpc.getGetEventsMethod());

            assertEquals(Optional.of(Status.Code.DEADLINE_EXCEEDED.value()), client.awaitStatus(call));
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws IOException {
        try (Socket silent = new Socket("127.0.0.1", server.port())) {
            awaitClosed(silent);
        }
    }

    @Test
    void aConnectionThatShowsNoKnownKeyIsToldToGoAndClosed() throws IOException {
        try (RawHttp2 stranger = new RawHttp2(server.port(), "unknown", 1 << 16)) {
            int call = stranger.call(WorkflowDispatchGrpc.getGetEventsMethod(), server.historyRequest());
            assertEquals(Optional.of(Status.Code.UNAUTHENTICATED.value()), stranger.awaitStatus(call));

            Set<Integer> frames = new HashSet<>();
            Optional<Frame> frame = stranger.next();
            while (frame.isPresent()) {
                frames.add(frame.get().type());
                frame = stranger.next();
            }
            assertTrue(frames.contains(RawHttp2.GO_AWAY), frames::toString);
        }
    }

    @Test
    void aConnectionThatShowedAKeyStaysThoughItAsksForNothing() throws IOException {
        try (RawHttp2 known = new RawHttp2(server.port(), Access.DEV_USER_KEY, 1 << 20);
                Socket silent = new Socket("127.0.0.1", server.port())) {
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
    void aConnectionOnWhichHealthIsAskedNowAndThenStaysThoughItShowsNoKey() throws IOException {
        assertProbesGoOn(server.port());
    }

    @Test
    void healthIsAskedOfADispatcherAloneAsOfAnyNode() throws IOException {
        try (TestServer dispatchers =
                TestServer.withoutNodes(Map.of("grpc.stranger_timeout", PATIENCE.toSeconds() + "s"), false)) {
            assertProbesGoOn(dispatchers.addNode("dispatcher", "dispatcher").grpcPort());
        }
    }

    private static void assertProbesGoOn(int port) throws IOException {
        try (RawHttp2 prober = new RawHttp2(port, "", 1 << 16);
                Socket silent = new Socket("127.0.0.1", port)) {
            silent.setSoTimeout(PROBE_EVERY_MS);
            boolean closed = false;
            while (!closed) {
                assertEquals(Optional.of(Status.Code.OK.value()), probe(prober));
                closed = isClosed(silent); // whoever asked nothing has gone by then
            }

            assertEquals(Optional.of(Status.Code.OK.value()), probe(prober));
        }
    }

    private static Optional<Integer> probe(RawHttp2 prober) throws IOException {
        return prober.awaitStatus(prober.call(HealthGrpc.getCheckMethod(), HealthCheckRequest.getDefaultInstance()));
    }

    /** Waits a moment for that. */
    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        }
    }

    /** Reads until the server has closed the connection; it begins with its settings. */
    private static void awaitClosed(Socket socket) throws IOException {
        socket.setSoTimeout(60_000);
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
}
