package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Erasures that somebody else has to approve. */
class ErasureApprovalTest {

    private static final String API = "/api/orgs/dev/";
    private static final TestHttp ANN = new TestHttp(Access.DEV_USER_KEY);
    private static final TestHttp BOB = new TestHttp("owner");
    private static final TestHttp OLGA = new TestHttp("operator");

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = EncryptedOrganisation.start(folder, Map.of("approvals.required", "ERASE"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static TestHttp.Answer post(TestHttp who, String path, String body) {
        return who.post(server.http(API + path), body);
    }

    private static JsonNode get(String path) {
        return BOB.get(server.http(API + path)).body();
    }

    private static String asked(String path) {
        // The node may have to read the key first, which has just been made.
        TestHttp.Answer answer = Await.found(
                "the data key",
                () -> Optional.of(post(ANN, path + "/erase", "{\"reason\":\"she asked\"}"))
                        .filter(given -> given.status() != 503));
        assertEquals(202, answer.status(), () -> answer.body().toString());
        String id = answer.body().path("approvalId").asText();
        Await.until(
                "the request in the read model",
                () -> get("approvals?status=PENDING").toString().contains(id));
        return id;
    }

    @Test
    void anExecutionIsErasedOnceSomebodyElseWithTheRightApproves() {
        String id;
        try (TestClient worker = server.worker()) {
            id = worker.start("k", "q");
        }
        String approval = asked("workflow-executions/" + id);
        assertEquals(1, get("workflow-executions/" + id).at("/input/n").asInt());

        assertEquals(403, post(ANN, "approvals/" + approval + "/approve", "{}").status());
        assertEquals(403, post(OLGA, "approvals/" + approval + "/approve", "{}").status());
        assertEquals(1, get("workflow-executions/" + id).at("/input/n").asInt());
        TestHttp.Answer done = post(BOB, "approvals/" + approval + "/approve", "{}");

        assertEquals(200, done.status(), () -> done.body().toString());
        assertTrue(done.body().path("changed").asBoolean());
        assertTrue(get("workflow-executions/" + id).at("/input").has("erasedAt"));
        assertEquals(
                "CANCELLED", get("workflow-executions/" + id).path("status").asText());
        Await.until(
                "the erasure in the trail, with who approved it",
                () -> get("audit?execution=" + id)
                        .toString()
                        .matches(".*payloads_erased.*bob.*|.*bob.*payloads_erased.*"));
    }

    @Test
    void aDataSubjectIsNamedToWhoDecides() {
        String id;
        try (TestClient worker = server.worker()) {
            id = worker.workflows()
                    .startWorkflow(TestClient.startRequest("k", "q")
                            .putMetadata("dataSubject", "customer-81")
                            .build())
                    .getWorkflowExecutionId();
        }
        String approval = asked("data-subjects/customer-81");
        JsonNode shown = get("approvals?status=PENDING").path("approvals");
        assertTrue(shown.toString().contains("\"subject\":\"customer-81\""), shown::toString);

        assertEquals(200, post(BOB, "approvals/" + approval + "/approve", "{}").status());

        assertTrue(get("workflow-executions/" + id).at("/input").has("erasedAt"));
    }
}
