package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.StandingPort;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kafka goes, for so long that its clients forget what they knew of it, and comes back. */
class KafkaAwayTest {

    private static final int CONNECTIONS = 12;
    private static final int ROUNDS = 10;
    private static final Map<String, String> SETTINGS = Map.of(
            "server.only_node", "true",
            "kafka.answer_timeout", "5s",
            "kafka.report_timeout", "5m",
            "kafka.properties.metadata.recovery.rebootstrap.trigger.ms", "500");
    private static final Executor CALLERS = call -> Thread.ofVirtual().start(call);

    private final CloseStack parts = new CloseStack();
    private final Path folder = parts.push("test folder", new TempFolder()).path();
    private final List<TestClient> clients = new ArrayList<>();

    @AfterEach
    void stop() {
        parts.close();
    }

    private EmbeddedKafka kafka(int port) {
        return parts.push("Kafka", EmbeddedKafka.start(folder.resolve("kafka"), port));
    }

    private MillraceServer node(EmbeddedKafka kafka) throws InterruptedException {
        return NodeOnKafka.start(parts, folder, kafka.access(), "alone", SETTINGS);
    }

    private static Status failure(CompletableFuture<?> call) {
        return call.handle((done, failure) -> failure == null ? Status.OK : Status.fromThrowable(failure))
                .join();
    }

    /** @return whether the node's clients have forgotten the topic, so that commands are not handed to them at all */
    private static boolean forgotten(TestClient client) {
        Status status = assertThrows(StatusRuntimeException.class, () -> client.start("echo", "never"))
                .getStatus();
        assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        return status.getDescription().contains("was not written");
    }

    @Test
    void readsGoOnWritesFailWhenTheirTimeIsOverAndReportsGetThroughWhenKafkaIsBack() throws Exception {
        EmbeddedKafka kafka = kafka(StandingPort.next());
        MillraceServer node = node(kafka);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            TestClient client = parts.push("client", new TestClient(node.grpcPort(), Access.DEV_WORKER_KEY));
            clients.add(client);
            client.start("echo", "away");
            ids.add(client.poll("w" + i, "away", 60).orElseThrow().getId());
        }

        kafka.close();
        Await.until("the topic to be forgotten", () -> forgotten(clients.getFirst()));
        List<CompletableFuture<Void>> reports = new ArrayList<>();
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            TestClient client = clients.get(i);
            String id = ids.get(i);
            reports.add(CompletableFuture.runAsync(
                    () -> client.workflows()
                            .withDeadlineAfter(5, TimeUnit.MINUTES)
                            .submitWorkflowCommands(TestClient.completion(id, "1")),
                    CALLERS));
            writes.add(CompletableFuture.runAsync(() -> client.start("echo", "never"), CALLERS));
            writes.add(CompletableFuture.runAsync(
                    () -> client.workers()
                            .registerWorker(WorkerRegistrationRequest.newBuilder()
                                    .setOrgId(Access.DEV_ORG.toString())
                                    .setWorkerName("never")
                                    .addWorkflows(
                                            WorkflowCapability.newBuilder().setKind("echo"))
                                    .build()),
                    CALLERS));
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < CONNECTIONS; i++) {
                assertEquals(
                        "WORKFLOW_STARTED",
                        clients.get(i).eventTypes(ids.get(i)).getFirst());
            }
        }
        for (CompletableFuture<Void> write : writes) {
            Status status = failure(write);
            assertEquals(Status.Code.UNAVAILABLE, status.getCode(), status.toString());
        }
        assertEquals(0, reports.stream().filter(CompletableFuture::isDone).count(), "they have five minutes");

        EmbeddedKafka back = kafka(kafka.port());

        CompletableFuture.allOf(reports.toArray(CompletableFuture[]::new)).get(4, TimeUnit.MINUTES);
        for (int i = 0; i < CONNECTIONS; i++) {
            assertEquals(
                    "WORKFLOW_COMPLETED", clients.get(i).eventTypes(ids.get(i)).getLast());
        }
        assertTrue(clients.getFirst().poll("w", "never", 0).isEmpty(), "what was not written took no effect");
        Outcomes.expectNoCopies(back.access());
    }
}
