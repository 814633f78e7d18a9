package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrapping keys that change, are lost and come back, and nodes that share data keys. */
class WrappingKeyTest {

    private static final String OLD = TestKeys.line(EncryptedOrganisation.KEY, EncryptedOrganisation.SEED);
    private static final String NEW = TestKeys.line("w2", 10);
    private static final String SECRET = "{\"s\":\"sekrit\"}";
    private static final String EXECUTIONS = "/api/orgs/dev/workflow-executions/";

    @TempDir
    private Path folder;

    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start(
                Map.of(
                        "server.access_file",
                        EncryptedOrganisation.accessFile(folder).toString()),
                false);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restartWith(String lines, boolean payloads) {
        server.stopNode(TestServer.FIRST);
        EncryptedOrganisation.accessFile(folder, lines, payloads);
        server.restartNode(TestServer.FIRST);
    }

    private String started() {
        try (TestClient worker = server.worker()) {
            return worker.workflows()
                    .startWorkflow(TestClient.startRequest("k", "q")
                            .setInput(ByteString.copyFromUtf8(SECRET))
                            .build())
                    .getWorkflowExecutionId();
        }
    }

    private void assertReadable(String id) {
        try (TestClient worker = server.worker()) {
            assertTrue(worker.events(id).get(0).getEventData().toStringUtf8().contains(SECRET), id);
        }
    }

    @Test
    void aNewKeyWrapsWhatTheOldOneStillUnwraps() {
        String first = started();

        restartWith(NEW + OLD, true);

        String second = started();
        assertReadable(first);
        assertReadable(second);
    }

    @Test
    void withoutTheWrappingKeyNothingIsGivenOutAndItComesBackWithIt() {
        String id = started();

        restartWith(NEW, true);

        try (TestClient worker = server.worker();
                TestHttp user = new TestHttp(Access.DEV_USER_KEY)) {
            StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> worker.events(id));
            assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
            assertTrue(refused.getMessage().contains("wrapping key w1"), refused::getMessage);
            assertEquals(503, user.get(server.http(EXECUTIONS + id)).status());
            // The work goes back, and waits for who can read it
            StatusRuntimeException poll = assertThrows(StatusRuntimeException.class, () -> worker.poll("w", "q", 5));
            assertEquals(Status.Code.UNAVAILABLE, poll.getStatus().getCode());
        }
        restartWith(NEW + OLD, true);
        try (TestClient worker = server.worker()) {
            assertEquals(
                    SECRET, worker.poll("w", "q", 60).orElseThrow().getInput().toStringUtf8());
        }
    }

    @Test
    void switchedOffWhatComesInIsPlainAndWhatWasEncryptedIsRead() {
        String encrypted = started();

        restartWith(OLD, false);

        String plain = started();
        assertReadable(encrypted);
        assertReadable(plain);
        Needle secret = Needle.text("sekrit");
        assertFalse(secret.in(server.data().resolve("kafka")).isEmpty());
    }

    @Test
    void anotherNodeReadsWhatWasEncryptedAtTheFirst() {
        server.addNode("node-2", "ingest,notifier");
        try (TestClient first = server.worker();
                TestClient second = server.client("node-2", Access.DEV_WORKER_KEY)) {
            for (int i = 0; i < 20; i++) {
                String id = first.workflows()
                        .startWorkflow(TestClient.startRequest("k", "q")
                                .setInput(ByteString.copyFromUtf8(SECRET))
                                .build())
                        .getWorkflowExecutionId();
                assertEquals(
                        SECRET,
                        second.poll("w", "q", 60).orElseThrow().getInput().toStringUtf8());
                second.complete(id, SECRET);
                assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), first.eventTypes(id));
            }
        }
    }
}
