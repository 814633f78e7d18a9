package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.PayloadReads;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.RefusalReason;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestBytesTest {

    @Test
    void aBodyForWhichItsOrganisationHasNoMemoryLeftIsRefusedAndNothingStaysTaken() throws Exception {
        OrganisationLoads loads = new OrganisationLoads(new LoadSettings(4, 4, 4, 2, 1, 100, 100, 100_000));
        ScriptedLog log = new ScriptedLog();
        try (CredentialWatch credentials = new CredentialWatch();
                HttpDoor door = new HttpDoor(
                        new HttpSettings("127.0.0.1", 0, 1 << 20, 1),
                        EmptyRoutes.of(loads),
                        OpenDoor.authenticator(AccessFile.parse(OpenDoor.TOML)),
                        credentials,
                        new RefusalLog(new RefusedRequests(log)),
                        loads,
                        new HttpAudit(
                                TrustedProxies.NONE,
                                new RefusedLogins(log),
                                new PayloadReads(log, false),
                                new CallTraces(Spans.NONE, 0)),
                        new Decryption(Encryption.NONE));
                HttpClient client = HttpClient.newHttpClient()) {
            InetSocketAddress address =
                    door.start(new NodeStatus("node", Path.of("/data"), Optional::empty), () -> "", Optional.empty());
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + address.getPort() + "/api/orgs/alpha/workflow-executions"))
                    .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("x".repeat(200_000)))
                    .build();

            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());

            assertEquals(429, response.statusCode());
            assertEquals("1", response.headers().firstValue("Retry-After").orElse("none"));
            assertEquals(
                    RefusalReason.RESOURCE_EXHAUSTED.name(),
                    log.refusals().get(0).getRecordRefusal().getReason());
        }
        assertEquals(0, loads.of(OpenDoor.ALPHA).requestBytes().own());
        assertEquals(0, loads.of(OpenDoor.ALPHA).calls().own());
    }
}
