package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What limits of organisations and keys hold up, and what they do not. */
class OrganisationLimitsTest {

    private static final String BUSY = "00000000-0000-4000-8000-00000000000b";
    private static final String SLOW = "00000000-0000-4000-8000-00000000000c";
    private static final String FULL = "00000000-0000-4000-8000-00000000000d";
    private static final int SLOW_BYTES = 2_000;

    private static final TempFolder FOLDER = new TempFolder();
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        Path access =
                Files.writeString(FOLDER.path().resolve("access.toml"), """
                [[orgs]]
                id = "%1$s"
                slug = "busy"
                [orgs.limits]
                calls_per_second = 1
                calls_burst = 5
                [[orgs]]
                id = "%2$s"
                slug = "slow"
                [orgs.limits]
                payload_bytes_per_second = %4$d
                [[orgs]]
                id = "%3$s"
                slug = "full"
                [orgs.limits]
                open_workflows = 1
                [auth.static_api_key]
                keys = [
                  { key = "busy", org_id = "%1$s", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                  { key = "slow", org_id = "%2$s", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                  { key = "full", org_id = "%3$s", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                  { key = "seldom", org_id = "%3$s", principal_type = "User", principal_id = "bob", role = "ADMIN", limits = { calls_per_second = 1 } },
                ]
                """.formatted(BUSY, SLOW, FULL, SLOW_BYTES));
        server = TestServer.start(Map.of("server.access_file", access.toString(), "limits.calls", "8"), true);
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        FOLDER.close();
    }

    @Test
    void aFloodOfStartsHoldsUpNobodyWhoEndsOrManages() {
        String workflow = "/api/orgs/busy/workflow-executions/" + UUID.randomUUID();
        try (TestHttp http = new TestHttp("busy");
                TestClient client = server.client(TestServer.FIRST, "busy")) {
            flood(client);
            assertEquals(404, post(http, workflow + "/terminate"));
            flood(client);
            assertEquals(404, post(http, workflow + "/pause"));
            flood(client);
            assertEquals(200, http.get(server.http("/api/orgs/busy/keys")).status());
            flood(client);
            StatusRuntimeException none = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.tasks()
                            .cancelTask(CancelTaskRequest.newBuilder()
                                    .setTaskExecutionId(UUID.randomUUID().toString())
                                    .build()));
            assertNotEquals(Status.Code.RESOURCE_EXHAUSTED, none.getStatus().getCode(), none.toString());
        }
    }

    private static int post(TestHttp http, String path) {
        return http.post(server.http(path), "{\"reason\":\"a test\"}").status();
    }

    /** Until a start is refused. */
    private static void flood(TestClient client) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> {
            while (true) {
                client.workflows().startWorkflow(start(BUSY, "", 0));
            }
        });
        assertTrue(refused.getStatus().toString().contains("1 calls a second of the organisation 'busy'"));
    }

    private static StartWorkflowRequest start(String org, String key, int bytes) {
        return TestClient.startRequest("limited", "nobody")
                .setOrgId(org)
                .setIdempotencyKey(key)
                .setInput(ByteString.copyFromUtf8("\"" + "x".repeat(bytes) + "\""))
                .build();
    }

    @Test
    void aBodyThatIsMoreThanASecondsIsRefusedForGoodAndLeavesNoDebt() {
        try (TestHttp http = new TestHttp("slow");
                TestClient client = server.client(TestServer.FIRST, "slow")) {
            TestHttp.Answer large = http.post(
                    server.http("/api/orgs/slow/workflow-executions"),
                    "{\"kind\":\"limited\",\"input\":\"" + "x".repeat(100 * SLOW_BYTES) + "\"}");
            assertEquals(413, large.status(), large::toString);
            assertTrue(large.toString().contains("it can never pass"), large::toString);

            StatusRuntimeException refused = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.workflows().startWorkflow(start(SLOW, "", 100 * SLOW_BYTES)));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode(), refused.toString());
            assertTrue(refused.toString().contains("it can never pass"), refused.toString());
            Metadata trailers = Status.trailersFromThrowable(refused);
            assertNull(trailers.get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)));

            client.workflows().startWorkflow(start(SLOW, "", SLOW_BYTES / 4));
        }
    }

    @Test
    void whatFindsNoSeatCostsNothingOfASecond() throws IOException {
        List<RawHttp2> open = new ArrayList<>();
        try (TestHttp http = new TestHttp("seldom");
                TestClient client = server.client(TestServer.FIRST, "seldom")) {
            Await.until("all seats to be taken", () -> {
                open.add(openCall());
                return http.get(server.http("/api/me")).body().toString().contains("under way");
            });
            assertTrue(refusal(client).contains("under way"));
            assertTrue(refusal(client).contains("under way"), "and no rate of a second");
            assertTrue(http.get(server.http("/api/me")).body().toString().contains("under way"));
        } finally {
            for (RawHttp2 each : open) {
                each.close();
            }
        }
    }

    /** A call whose request does not come. */
    private static RawHttp2 openCall() {
        try {
            RawHttp2 client = new RawHttp2(server.node(TestServer.FIRST).grpcPort(), "full", 0);
            client.open(WorkflowDispatchGrpc.getStartWorkflowMethod());
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String refusal(TestClient client) {
        return assertThrows(
                        StatusRuntimeException.class, () -> client.workflows().startWorkflow(start(FULL, "", 0)))
                .toString();
    }

    @Test
    void aFullQuotaHoldsUpNothingThatOpensNothing() {
        try (TestClient client = server.client(TestServer.FIRST, "full")) {
            String open =
                    client.workflows().startWorkflow(start(FULL, "open", 0)).getWorkflowExecutionId();
            Await.until("the quota to be full", () -> refused(client, "another"));

            assertEquals(
                    open,
                    client.workflows().startWorkflow(start(FULL, "open", 0)).getWorkflowExecutionId());
            assertEquals(
                    open,
                    client.workflows().signalWithStartWorkflow(signal("open")).getWorkflowExecutionId());
            Await.until("the quota to be full still", () -> refused(client, "another"));
        }
    }

    private static SignalWithStartWorkflowRequest signal(String key) {
        return SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(FULL)
                .setWorkflowId(key)
                .setWorkflowKind("limited")
                .setQueue("nobody")
                .setWorkflowInput(ByteString.copyFromUtf8("null"))
                .setSignalName("go")
                .setSignalValue(ByteString.copyFromUtf8("null"))
                .build();
    }

    /** A signal with start under a key that nothing has: it would open a workflow. */
    private static boolean refused(TestClient client, String key) {
        try {
            client.workflows().signalWithStartWorkflow(signal(key + UUID.randomUUID()));
            return false;
        } catch (StatusRuntimeException e) {
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode(), e.toString());
            return true;
        }
    }
}
