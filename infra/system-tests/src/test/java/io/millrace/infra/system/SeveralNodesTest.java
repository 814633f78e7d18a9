package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Roles on nodes of their own, and several dispatchers, on one Kafka. */
@Order(1)
class SeveralNodesTest {

    @Test
    void eachRoleMayBeANodeOfItsOwn() throws InterruptedException {
        try (TestServer server = TestServer.withoutNodes(Map.of(), false)) {
            server.addNode("d", "dispatcher");
            server.addNode("i", "ingest");
            server.addNode("n", "notifier");
            try (TestClient ingest = server.client("i", Access.DEV_WORKER_KEY);
                    TestClient notifier = server.client("n", Access.DEV_WORKER_KEY);
                    TestSubscriber subscriber = new TestSubscriber(notifier, "w", "apart")) {
                String id = ingest.start("echo", "apart");

                subscriber.next();
                WorkflowExecution work = notifier.poll("w", "apart", 60).orElseThrow();
                assertEquals(id, work.getId());
                assertEquals(List.of("WORKFLOW_STARTED"), ingest.eventTypes(id));
                ingest.complete(id, "{\"n\":2}");
                assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), ingest.eventTypes(id));

                StatusRuntimeException elsewhere =
                        assertThrows(StatusRuntimeException.class, () -> notifier.start("echo", "apart"));
                assertEquals(Status.Code.UNIMPLEMENTED, elsewhere.getStatus().getCode());
                try (TestClient stranger = server.client("n", "no-key")) {
                    StatusRuntimeException refusal =
                            assertThrows(StatusRuntimeException.class, () -> stranger.poll("w", "apart", 0));
                    assertEquals(
                            Status.Code.UNAUTHENTICATED, refusal.getStatus().getCode());
                }
            }
        }
    }

    @Test
    void aNodeWithoutTheFrontDoorSaysHowItIsToo() {
        try (TestServer server = TestServer.withoutNodes(Map.of(), false);
                TestHttp anybody = new TestHttp(null)) {
            server.addNode("d", "dispatcher");

            assertEquals(200, anybody.get(at(server, "/_/health")).status());
            assertEquals(
                    "READY",
                    anybody.get(at(server, "/_/ready")).body().get("status").textValue());
            assertTrue(anybody.text(at(server, "/_/metrics")).contains("millrace_partitions 4.0"));
            assertEquals(
                    404,
                    anybody.get(at(server, "/api/orgs/dev/workflow-executions")).status());
        }
    }

    private static URI at(TestServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.node("d").httpPort() + path);
    }

    @Test
    void twoNodesShareTheWorkAndOneTakesOverFromTheOther() {
        try (TestServer server = TestServer.withoutNodes(Map.of(), false)) {
            server.addNode("a", "ingest,dispatcher,notifier");
            server.addNode("b", "ingest,dispatcher,notifier");
            try (TestClient a = server.client("a", Access.DEV_WORKER_KEY)) {
                List<String> started = new ArrayList<>();
                try (TestClient b = server.client("b", Access.DEV_WORKER_KEY)) {
                    for (int i = 0; i < 20; i++) {
                        String id = (i % 2 == 0 ? a : b).start("echo", "shared");
                        started.add(id);
                        // Read at the other node, which owns it or asks the one that does.
                        assertEquals(List.of("WORKFLOW_STARTED"), (i % 2 == 0 ? b : a).eventTypes(id));
                    }
                    for (int i = 0; i < 10; i++) {
                        WorkflowExecution work =
                                (i % 2 == 0 ? a : b).poll("w", "shared", 60).orElseThrow();
                        (i % 2 == 0 ? b : a).complete(work.getId(), "1");
                    }
                }

                server.stopNode("b");

                Await.until("node a to serve all", () -> readable(a, started));
                Set<String> found = new HashSet<>();
                for (int i = 0; i < 10; i++) {
                    WorkflowExecution work = a.poll("w", "shared", 60).orElseThrow();
                    assertTrue(found.add(work.getId()));
                    a.complete(work.getId(), "1");
                }
                for (String id : started) {
                    assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), a.eventTypes(id));
                }
            }
        }
    }

    @Test
    void whatTheOthersHaveStaysWhereItIsWhenANodeGoesAndComesBack() {
        try (TestServer server = TestServer.withoutNodes(Map.of("topics.partitions", "6"), false);
                TestHttp user = new TestHttp(Access.DEV_USER_KEY)) {
            server.addNode("a", "ingest,dispatcher,notifier");
            server.addNode("b", "dispatcher");
            server.addNode("c", "dispatcher");
            Await.until("each node to own two", () -> shares(server, user).equals(Map.of("a", 2, "b", 2, "c", 2)));
            Map<Integer, String> before = owners(server, user);

            server.stopNode("c");
            Await.until(
                    "two nodes to own three each", () -> shares(server, user).equals(Map.of("a", 3, "b", 3)));
            Map<Integer, String> without = owners(server, user);
            server.restartNode("c");
            Await.until(
                    "the third to own two again", () -> shares(server, user).equals(Map.of("a", 2, "b", 2, "c", 2)));

            before.forEach((partition, node) -> {
                if (!node.equals("c")) {
                    assertEquals(node, without.get(partition));
                }
            });
            owners(server, user).forEach((partition, node) -> {
                if (!node.equals("c")) {
                    assertEquals(node, without.get(partition));
                }
            });
        }
    }

    /** @return which node owns which partition, without those that nobody owns at this moment */
    private static Map<Integer, String> owners(TestServer server, TestHttp user) {
        Map<Integer, String> owners = new HashMap<>();
        user.get(server.http("a", "/api/orgs/dev/system"))
                .body()
                .path("partitions")
                .forEach(each -> {
                    if (each.path("stage").asText().equals("OWNING")) {
                        owners.put(
                                each.path("partition").asInt(),
                                each.path("node").asText());
                    }
                });
        return owners;
    }

    /** @return how many each node owns */
    private static Map<String, Integer> shares(TestServer server, TestHttp user) {
        Map<String, Integer> shares = new HashMap<>();
        owners(server, user).values().forEach(node -> shares.merge(node, 1, Integer::sum));
        return shares;
    }

    @Test
    void aWorkerThatPollsOnAnotherNodeHasNotLeft() {
        Map<String, String> soon = Map.of("leases.worker_return", "5s", "leases.worker_silence", "5s");
        try (TestServer server = TestServer.withoutNodes(soon, false)) {
            server.addNode("a", "ingest,dispatcher,notifier");
            server.addNode("b", "ingest,dispatcher,notifier");
            try (TestClient a = server.client("a", Access.DEV_WORKER_KEY);
                    TestClient b = server.client("b", Access.DEV_WORKER_KEY)) {
                CompletableFuture<?> polling = CompletableFuture.supplyAsync(() -> b.poll("moved", "quiet", 60));
                Await.until(
                        "a poll on b",
                        () -> server.node("b").notifierStats().orElseThrow().parkedPolls() > 0);
                takeAndClose(server, "moved", a.start("echo", "busy"));
                String left = a.start("echo", "busy");
                takeAndClose(server, "leaving", left);

                assertEquals(left, a.poll("heir", "busy", 60).orElseThrow().getId());
                assertTrue(a.poll("heir", "busy", 0).isEmpty());
                polling.cancel(true);
            }
        }
    }

    @Test
    void aReportWaitsForADispatcherWhereOtherRequestsGiveUp() throws Exception {
        try (TestServer server = TestServer.withoutNodes(Map.of("kafka.answer_timeout", "3s"), false)) {
            server.addNode("d", "dispatcher");
            server.addNode("i", "ingest,notifier");
            try (TestClient client = server.client("i", Access.DEV_WORKER_KEY)) {
                Await.until("a first start, which may take longer", () -> started(client));
                String id = client.poll("w", "away", 60).orElseThrow().getId();
                server.stopNode("d");

                StatusRuntimeException givenUp =
                        assertThrows(StatusRuntimeException.class, () -> client.start("echo", "away"));
                CompletableFuture<Void> report = CompletableFuture.runAsync(() -> client.complete(id, "1"));
                server.restartNode("d");

                assertTrue(givenUp.getMessage().contains("3000 ms"), givenUp.getMessage());
                report.get(120, TimeUnit.SECONDS);
                assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), client.eventTypes(id));
            }
        }
    }

    private static boolean started(TestClient client) {
        try {
            client.start("echo", "away");
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    @Test
    void aTaskThatANodeDoesNotRememberIsLookedForUntilItsDispatcherIsBack() throws Exception {
        try (TestServer server = TestServer.withoutNodes(Map.of(), false)) {
            server.addNode("d", "dispatcher");
            server.addNode("i", "ingest,notifier");
            server.addNode("j", "ingest,notifier");
            try (TestClient handedOut = server.client("i", Access.DEV_WORKER_KEY);
                    TestClient other = server.client("j", Access.DEV_WORKER_KEY)) {
                String id = handedOut.start("flow", "away");
                handedOut.poll("w", "away", 60).orElseThrow();
                String task = UUID.randomUUID().toString();
                handedOut
                        .workflows()
                        .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                                .setWorkflowExecutionId(id)
                                .setStatus(WorkflowStatus.SUSPENDED)
                                .addCommands(WorkflowCommand.newBuilder()
                                        .setCommandType(CommandType.SCHEDULE_TASK)
                                        .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                                .setKind("t")
                                                .setTaskExecutionId(task)))
                                .build());
                handedOut
                        .tasks()
                        .pollTask(PollTaskRequest.newBuilder()
                                .setOrgId(Access.DEV_ORG.toString())
                                .setWorkerId("t")
                                .setQueue("away")
                                .setTimeoutSeconds(10)
                                .build());
                server.stopNode("d");

                CompletableFuture<?> report = CompletableFuture.supplyAsync(() -> other.tasks()
                        .completeTask(CompleteTaskRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .setOutput(ByteString.copyFromUtf8("1"))
                                .build()));
                server.restartNode("d");

                report.get(120, TimeUnit.SECONDS);
                assertEquals("TASK_COMPLETED", handedOut.eventTypes(id).getLast());
            }
        }
    }

    private static void takeAndClose(TestServer server, String worker, String work) {
        try (TestClient client = server.client("a", Access.DEV_WORKER_KEY)) {
            assertEquals(work, client.poll(worker, "busy", 60).orElseThrow().getId());
        }
    }

    private static boolean readable(TestClient client, List<String> ids) {
        try {
            ids.forEach(client::events);
            return true;
        } catch (StatusRuntimeException e) {
            assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode(), e.getMessage());
            return false;
        }
    }
}
