package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetVisualWorkflowDefinitionByIdRequest;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RefusalReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a whole server does with what it should not do. Two organisations, a worker key for each. */
class RefusalTest {

    private static final String ACME = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001";
    private static final String DEV = "550e8400-e29b-41d4-a716-446655440000";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TestClient worker;
    private static TestClient stranger;

    @BeforeAll
    static void start() throws IOException {
        Path access = Files.writeString(folder.resolve("access.toml"), """
                [[orgs]]
                id = "%s"
                slug = "dev"
                [[orgs]]
                id = "%s"
                slug = "acme"
                [auth.static_api_key]
                keys = [
                  { key = "dev-worker", org_id = "%s", principal_type = "Worker", principal_id = "w1" },
                  { key = "acme-worker", org_id = "%s", principal_type = "Worker", principal_id = "w2" },
                  { key = "dev-member", org_id = "%s", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                ]
                """.formatted(DEV, ACME, DEV, ACME, DEV));
        server = TestServer.start(
                Map.of("server.access_file", access.toString(), "limits.payload_bytes", "1000"), false);
        worker = server.client(TestServer.FIRST, "dev-worker");
        stranger = server.client(TestServer.FIRST, "acme-worker");
    }

    @AfterAll
    static void stop() {
        worker.close();
        stranger.close();
        server.close();
    }

    @Test
    void withoutAKnownKeyThereIsNoServiceButHealth() {
        try (TestClient none = server.client(TestServer.FIRST, null);
                TestClient wrong = server.client(TestServer.FIRST, "dev-worker2")) {
            assertRefused(Status.Code.UNAUTHENTICATED, "expected an API key", () -> none.start("echo", "q"));
            assertRefused(Status.Code.UNAUTHENTICATED, "expected a known API key", () -> wrong.start("echo", "q"));
            assertEquals(
                    ServingStatus.SERVING,
                    HealthGrpc.newBlockingStub(none.channel())
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus());
        }
        try (TestHttp none = new TestHttp(null)) {
            assertEquals(
                    401,
                    none.get(server.http("/api/orgs/dev/workflow-executions")).status());
            assertEquals(200, none.get(server.http("/_/health")).status());
            assertEquals(200, none.get(server.http("/_/ready")).status());
        }
    }

    @Test
    void oneOrganisationNeverSeesAnothersWork() {
        String id = worker.start("echo", "ours");

        assertRefused(Status.Code.NOT_FOUND, id, () -> stranger.events(id));
        assertRefused(Status.Code.NOT_FOUND, id, () -> stranger.complete(id, "1"));
        assertRefused(Status.Code.PERMISSION_DENIED, ACME, () -> stranger.poll("w", "ours", 0));
        assertRefused(Status.Code.PERMISSION_DENIED, ACME, () -> stranger.start("echo", "ours"));
        assertEquals(id, worker.poll("w", "ours", 60).orElseThrow().getId());
    }

    @Test
    void malformedAndUnknownIdsHaveTheirOwnStatus() {
        String unknown = UUID.randomUUID().toString();

        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "UUID",
                () -> worker.workflows()
                        .getEvents(GetEventsRequest.newBuilder()
                                .setWorkflowExecutionId("no-id")
                                .build()));
        assertRefused(Status.Code.NOT_FOUND, unknown, () -> worker.events(unknown));
        assertRefused(Status.Code.NOT_FOUND, unknown, () -> worker.complete(unknown, "1"));
    }

    @Test
    void payloadsThatAreNotJsonOrTooLargeAreRefused() {
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "JSON",
                () -> worker.workflows()
                        .startWorkflow(TestClient.startRequest("echo", "bad")
                                .setInput(ByteString.copyFromUtf8("{\"n\":"))
                                .build()));
        assertRefused(
                Status.Code.RESOURCE_EXHAUSTED,
                "1000",
                () -> worker.workflows()
                        .startWorkflow(TestClient.startRequest("echo", "bad")
                                .setInput(ByteString.copyFromUtf8("\"" + "x".repeat(1000) + "\""))
                                .build()));
        assertTrue(worker.poll("w", "bad", 0).isEmpty());
    }

    @Test
    void aSubmissionWithoutALeaseChangesNothing() {
        String id = worker.start("echo", "no-lease");

        worker.complete(id, "1");

        assertEquals(List.of("WORKFLOW_STARTED"), worker.eventTypes(id));
        assertEquals(id, worker.poll("w", "no-lease", 60).orElseThrow().getId());
    }

    @Test
    void refusalsOfTheEngineAndOfTheFrontDoorStandInTheLog() {
        String id = worker.start("echo", "logged");
        String unknown = UUID.randomUUID().toString();
        worker.complete(id, "1");
        assertRefused(Status.Code.NOT_FOUND, unknown, () -> worker.complete(unknown, "1"));
        assertRefused(Status.Code.INVALID_ARGUMENT, "queue", () -> worker.start("echo", "tab\there"));

        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            OutcomeRecord byEngine = outcomes.await(
                    "the engine's refusal",
                    outcome -> outcome.getCommand().equals("submit_commands")
                            && outcome.getRefusal().getReason() == RefusalReason.NOT_FOUND
                            && outcome.getRefusal().getText().contains(unknown));
            outcomes.await(
                    "what came of the submission without a lease",
                    outcome -> outcome.getEventsList().stream()
                            .anyMatch(event -> event.getType().equals("SUBMISSION_IGNORED")
                                    && event.getExecutionId().equals(Ids.toByteString(UUID.fromString(id)))));
            OutcomeRecord byDoor = outcomes.await(
                    "the front door's refusal",
                    outcome -> outcome.getRefusal().getText().contains("control characters"));

            assertEquals("w1", byEngine.getPrincipal().getId());
            assertEquals("w1", byDoor.getPrincipal().getId());
            assertEquals(0, byEngine.getEventsCount());
        }
    }

    @Test
    void methodsOfLaterWorkAreUnimplemented() {
        assertRefused(
                Status.Code.UNIMPLEMENTED,
                "expected",
                () -> worker.workflows()
                        .getVisualWorkflowDefinitionById(GetVisualWorkflowDefinitionByIdRequest.getDefaultInstance()));
    }

    @Test
    void aRecordThatCannotBeDecodedDoesNotStopItsPartition() {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] nonsense = "no record".getBytes(StandardCharsets.UTF_8);
            for (int partition = 0; partition < 4; partition++) {
                producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, null, nonsense));
                producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, null, null));
            }
            producer.flush();

            for (int i = 0; i < 20; i++) {
                worker.start("echo", "after-nonsense");
            }
            try (Outcomes outcomes = new Outcomes(server.kafka())) {
                outcomes.await("the poison", outcome -> outcome.getRefusal().getReason() == RefusalReason.POISON);
            }
        }
    }

    private static void assertRefused(Status.Code code, String text, Executable call) {
        StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, call);

        assertEquals(code, refusal.getStatus().getCode(), refusal.getMessage());
        assertTrue(
                String.valueOf(refusal.getStatus().getDescription()).contains(text),
                () -> "expected '" + text + "' in '" + refusal.getStatus().getDescription() + "'");
    }
}
