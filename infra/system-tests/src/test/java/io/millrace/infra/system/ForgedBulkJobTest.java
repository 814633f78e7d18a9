package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.config.Access;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whoever can write to the read model cannot have a bulk job do other things, or do them in another's name. */
class ForgedBulkJobTest {

    private static final String ORG = "/api/orgs/dev";

    /** Each row of a bulk job is forged as it is written. */
    private static final List<String> FORGERY = List.of(
            "CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.query := 'kind = victim';"
                    + " NEW.action := 'TERMINATE'; NEW.requested_by := 'mallory'; NEW.reason := 'forged'; RETURN NEW; END $$",
            "CREATE TRIGGER forge BEFORE INSERT OR UPDATE ON bulk_jobs FOR EACH ROW EXECUTE FUNCTION forge()");

    @Test
    void aJobDoesWhatTheLogSaysInTheNameOfWhoBeganIt() throws SQLException {
        try (TestServer server = TestServer.start(Map.of(), true);
                TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            Await.until(
                    "the read model to answer",
                    () -> http.get(server.http(ORG + "/bulk-jobs")).status() == 200);
            for (String statement : FORGERY) {
                server.sql(statement);
            }
            String asked = start(http, server, "asked");
            String victim = start(http, server, "victim");
            Await.until("the read model to have both", () -> listed(http, server) == 2);

            String job = http.post(
                            server.http(ORG + "/bulk-jobs"),
                            "{\"action\":\"PAUSE\",\"query\":\"kind = asked\",\"reason\":\"ticket 4711\"}")
                    .body()
                    .get("id")
                    .asText();

            Await.until(
                    "the job to end",
                    () -> http.get(server.http(ORG + "/bulk-jobs/" + job))
                            .body()
                            .path("status")
                            .asText()
                            .equals("COMPLETED"));
            assertEquals(
                    "PENDING", execution(http, server, victim).path("status").asText());
            JsonNode paused = execution(http, server, asked);
            assertEquals("ticket 4711", paused.path("pauseReason").asText(), paused::toString);
            assertTrue(!paused.path("pausedBy").asText().contains("mallory"), paused::toString);
        }
    }

    private static String start(TestHttp http, TestServer server, String kind) {
        return http.post(server.http(ORG + "/workflow-executions"), "{\"kind\":\"" + kind + "\"}")
                .body()
                .get("id")
                .asText();
    }

    private static int listed(TestHttp http, TestServer server) {
        return http.get(server.http(ORG + "/workflow-executions"))
                .body()
                .path("workflowExecutions")
                .size();
    }

    private static JsonNode execution(TestHttp http, TestServer server, String id) {
        return http.get(server.http(ORG + "/workflow-executions/" + id)).body();
    }
}
