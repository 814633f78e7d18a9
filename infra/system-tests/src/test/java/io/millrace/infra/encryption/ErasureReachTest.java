package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An erasure reaches whatever stands in the history of what is erased, however and by which node it came there. */
class ErasureReachTest {

    private static final String API = "/api/orgs/dev/";
    private static final String SECOND = "node-2";
    private static final TestHttp ANN = new TestHttp(Access.DEV_USER_KEY);

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = EncryptedOrganisation.start(folder, Map.of());
        server.addNode(SECOND, "ingest");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aSignalWithStartThatFindsAnErasedExecutionIsRefusedAndItsValueIsErasedWithIt() {
        try (TestClient worker = server.worker()) {
            String id = started(worker, "of-ada", "ada");
            assertEquals(200, erase(TestServer.FIRST, "data-subjects/ada").status());

            assertEquals(
                    Status.Code.FAILED_PRECONDITION,
                    assertThrows(StatusRuntimeException.class, () -> signalWithStart(worker, "of-ada", "sekrit", ""))
                            .getStatus()
                            .getCode());

            assertErased(id);
        }
    }

    @Test
    void aSignalWithStartIsErasedWithTheExecutionThatItFindsWhateverDataSubjectItNames() {
        try (TestClient worker = server.worker()) {
            String id = started(worker, "of-its-own", "");
            String ofBob = started(worker, "of-bob", "bob");

            SignalWithStartWorkflowResponse signalled = signalWithStart(worker, "of-its-own", "sekrit", "bob");

            assertEquals(id, signalled.getWorkflowExecutionId());
            assertTrue(get(id, "/events").toString().contains("sekrit"));
            assertEquals(
                    200, erase(TestServer.FIRST, "workflow-executions/" + id).status());
            assertErased(id);
            assertEquals(1, get(ofBob, "").at("/input/n").asInt(), "what is the subject's stays");
        }
    }

    @Test
    void whatASignalWithStartStartsIsErasedWithTheDataSubjectThatItNames() {
        try (TestClient worker = server.worker()) {
            String id = signalWithStart(worker, "new", "sekrit", "eve").getWorkflowExecutionId();
            assertTrue(get(id, "/events").toString().contains("sekrit"));

            assertEquals(200, erase(TestServer.FIRST, "data-subjects/eve").status());

            assertErased(id);
        }
    }

    /** A node hears of the keys of others a moment later; it must not say meanwhile that there are none. */
    @Test
    void aNodeErasesWhatCameInThroughAnotherAMomentAgo() {
        try (TestClient worker = server.worker()) {
            for (int i = 0; i < 30; i++) {
                String subject = "moment-" + i;
                String id = started(worker, subject, subject);

                assertEquals(200, erase(SECOND, "data-subjects/" + subject).status(), subject);

                Await.until(
                        "the other node to hear of it",
                        () -> get(id, "").at("/input").has("erasedAt"));
            }
        }
    }

    private static void assertErased(String id) {
        JsonNode events = get(id, "/events");
        assertTrue(events.toString().contains("SIGNAL_RECEIVED"), events::toString);
        assertFalse(events.toString().contains("sekrit"), events::toString);
    }

    private static TestHttp.Answer erase(String node, String what) {
        return ANN.post(server.http(node, API + what + "/erase"), "{\"reason\":\"she asked\"}");
    }

    private static JsonNode get(String id, String path) {
        return ANN.get(server.http(API + "workflow-executions/" + id + path)).body();
    }

    private static String started(TestClient worker, String key, String subject) {
        var request = TestClient.startRequest("k", "q-" + key).setIdempotencyKey(key);
        if (!subject.isEmpty()) {
            request.putMetadata("dataSubject", subject);
        }
        return worker.workflows().startWorkflow(request.build()).getWorkflowExecutionId();
    }

    private static SignalWithStartWorkflowResponse signalWithStart(
            TestClient worker, String workflowId, String value, String subject) {
        var request = SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkflowId(workflowId)
                .setWorkflowKind("k")
                .setQueue("q-" + workflowId)
                .setWorkflowInput(ByteString.copyFromUtf8("{}"))
                .setSignalName("s")
                .setSignalValue(ByteString.copyFromUtf8("\"" + value + "\""));
        if (!subject.isEmpty()) {
            request.putMetadata("dataSubject", subject);
        }
        return worker.workflows().signalWithStartWorkflow(request.build());
    }
}
