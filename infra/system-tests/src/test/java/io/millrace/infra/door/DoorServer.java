package io.millrace.infra.door;

import com.google.protobuf.ByteString;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** A server with small limits on what connections may do, and a workflow with a long history. */
record DoorServer(TestServer server, String longHistory) implements AutoCloseable {

    static final int HISTORY_BYTES = 800_000;
    static final int REQUEST_BYTES = 2_000_000;
    private static final int UNREAD_BYTES = 2 * HISTORY_BYTES + 100_000;

    /** @param patience with who takes no answers, asks no further, or shows no key */
    static DoorServer start(int connections, Duration patience) {
        return start(Map.of(
                "grpc.max_connections",
                String.valueOf(connections),
                "grpc.unread_bytes_per_connection",
                String.valueOf(UNREAD_BYTES),
                "grpc.histories_per_connection",
                "3",
                "grpc.stranger_timeout",
                patience.toSeconds() + "s",
                "grpc.patience",
                patience.toSeconds() + "s",
                "limits.request_bytes",
                String.valueOf(REQUEST_BYTES)));
    }

    /** As above, with these settings. */
    static DoorServer start(Map<String, String> settings) {
        TestServer server = TestServer.start(settings, false);
        try (TestClient client = server.user()) {
            String history = client.start("long", "door");
            client.workflows()
                    .signalWorkflow(SignalWorkflowRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkflowExecutionId(history)
                            .setSignalName("long")
                            .setSignalValue(ByteString.copyFromUtf8("\"" + "x".repeat(HISTORY_BYTES) + "\""))
                            .build());
            return new DoorServer(server, history);
        } catch (Throwable e) {
            server.close();
            throw e;
        }
    }

    /** @return a connection that shows the key of a user; the caller closes it */
    TestClient user() {
        return server.user();
    }

    int port() {
        return server.node(TestServer.FIRST).grpcPort();
    }

    int httpPort() {
        return server.node(TestServer.FIRST).httpPort();
    }

    URI http(String path) {
        return server.http(path);
    }

    /** @return asks for the long history */
    GetEventsRequest historyRequest() {
        return GetEventsRequest.newBuilder().setWorkflowExecutionId(longHistory).build();
    }

    @Override
    public void close() {
        server.close();
    }
}
