package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.HeartbeatRequest;
import io.millrace.proto.flovyn.v1.LogMessageRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.ReportProgressRequest;
import io.millrace.proto.flovyn.v1.SetStateRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work belongs to the key that it was handed to: others of the same role report it in vain, on a whole server with real keys. */
class WorkHoldersTest {

    private static final String DEV = "550e8400-e29b-41d4-a716-446655440000";
    private static final String OTHER_NODE = "node-2";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TestClient holder;
    private static TestClient second;
    private static TestClient stranger;
    private static TestHttp auditor;

    @BeforeAll
    static void start() throws IOException {
        Path access = Files.writeString(folder.resolve("access.toml"), """
                [[orgs]]
                id = "%1$s"
                slug = "dev"
                [auth.static_api_key]
                keys = [
                  { key = "one", org_id = "%1$s", principal_type = "Worker", principal_id = "ann" },
                  { key = "another", org_id = "%1$s", principal_type = "Worker", principal_id = "ann" },
                  { key = "stranger", org_id = "%1$s", principal_type = "Worker", principal_id = "bob" },
                  { key = "auditor", org_id = "%1$s", principal_type = "User", principal_id = "eve", role = "AUDITOR" },
                ]
                """.formatted(DEV));
        server = TestServer.start(Map.of("server.access_file", access.toString()), true);
        server.addNode(OTHER_NODE, "ingest,notifier");
        holder = server.client(TestServer.FIRST, "one");
        second = server.client(TestServer.FIRST, "another");
        stranger = server.client(TestServer.FIRST, "stranger");
        auditor = new TestHttp("auditor");
    }

    @AfterAll
    static void stop() {
        List.of(holder, second, stranger).forEach(TestClient::close);
        auditor.close();
        server.close();
    }

    @Test
    void aSubmissionOfAnotherKeyIsAnsweredAndIgnored() {
        String id = holder.start("pay", "submissions");
        assertEquals(id, holder.poll("w", "submissions", 60).orElseThrow().getId());

        stranger.complete(id, "\"forged\"");
        assertEquals(List.of("WORKFLOW_STARTED"), holder.eventTypes(id));
        holder.complete(id, "\"real\"");

        assertEquals("WORKFLOW_COMPLETED", holder.eventTypes(id).getLast());
        assertTrue(holder.events(id).getLast().getEventData().toStringUtf8().contains("real"));
        JsonNode ignored = entry(id, "submit_commands", "SUBMISSION_IGNORED");
        assertEquals("bob", ignored.get("principal").get("id").asText(), ignored::toString);
        assertEquals("ann", detail(ignored, "heldBy"), ignored::toString);
        JsonNode handed = entry(id, "claim_work", "WORK_CLAIMED");
        assertEquals("ann", detail(handed, "handedTo"), handed::toString);
        assertEquals(detail(handed, "handedToCredential"), detail(ignored, "heldByCredential"));
        assertEquals(
                detail(handed, "handedToCredential"),
                entry(id, "submit_commands", "WORKFLOW_COMPLETED")
                        .get("principal")
                        .get("credential")
                        .asText());
    }

    @Test
    void anotherKeyOfTheSamePrincipalMayReport() {
        String id = holder.start("pay", "rotated");
        assertEquals(id, holder.poll("w", "rotated", 60).orElseThrow().getId());

        second.complete(id, "1");

        assertEquals("WORKFLOW_COMPLETED", holder.eventTypes(id).getLast());
    }

    @Test
    void whatAnotherKeySaysOfATaskIsAnsweredAndIgnored() {
        String task = holder.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(DEV)
                        .setKind("wrap")
                        .setQueue("tasks")
                        .build())
                .getTaskExecutionId();
        assertTrue(holder.tasks().pollTask(taskPoll("w", "tasks", 30)).hasTask());

        stranger.tasks()
                .setState(SetStateRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setKey("k")
                        .setValue(ByteString.copyFromUtf8("1"))
                        .build());
        stranger.tasks()
                .logMessage(LogMessageRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setLevel("INFO")
                        .setMessage("forged")
                        .build());
        stranger.tasks()
                .reportProgress(ReportProgressRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setProgress(0.5)
                        .build());
        stranger.tasks()
                .heartbeat(
                        HeartbeatRequest.newBuilder().setTaskExecutionId(task).build());
        stranger.tasks()
                .failTask(FailTaskRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setError("forged")
                        .build());
        stranger.tasks().completeTask(completion(task, "\"forged\""));
        assertFalse(holder.tasks()
                .getState(GetStateRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setKey("k")
                        .build())
                .getFound());
        holder.tasks().completeTask(completion(task, "\"real\""));

        JsonNode shown = Await.found("the end of the task in the read model", () -> {
                    TestHttp.Answer answer = auditor.get(server.http("/api/orgs/dev/task-executions/" + task));
                    return answer.status() == 200
                                    && "COMPLETED"
                                            .equals(answer.body().get("status").asText())
                            ? Optional.of(answer)
                            : Optional.empty();
                })
                .body();
        assertTrue(shown.toString().contains("real"), shown::toString);
        assertFalse(shown.toString().contains("forged"), shown::toString);
        for (String command : List.of(
                "change_task_state",
                "log_task_message",
                "report_task_progress",
                "heartbeat_task",
                "fail_task",
                "complete_task")) {
            JsonNode ignored = entry(task, command, "TASK_REPORT_IGNORED");
            assertEquals("ann", detail(ignored, "heldBy"), ignored::toString);
            assertEquals("bob", ignored.get("principal").get("id").asText(), ignored::toString);
        }
    }

    @Test
    void whoPollsUnderTheIdOfAnothersWorkerTakesNothingFromIt() {
        String worker = holder.workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setOrgId(DEV)
                        .setWorkerName("anns")
                        .setWorkerType("UNIFIED")
                        .addWorkflows(WorkflowCapability.newBuilder().setKind("pay"))
                        .addTasks(TaskCapability.newBuilder().setKind("wrap"))
                        .build())
                .getWorkerId();
        String id = holder.start("pay", "theirs");
        assertEquals(id, holder.poll(worker, "theirs", 60).orElseThrow().getId());
        Await.until("the other node to know the worker", () -> {
            try (TestHttp http = new TestHttp("auditor")) {
                return http.get(server.http(OTHER_NODE, "/api/orgs/dev/workers"))
                        .body()
                        .toString()
                        .contains(worker);
            }
        });

        try (TestClient elsewhere = server.client(OTHER_NODE, "stranger")) {
            assertTrue(elsewhere.poll(worker, "mine", 1).isEmpty());
        }
        assertTrue(second.poll("w3", "theirs", 5).isEmpty());
        holder.complete(id, "1");

        assertEquals("WORKFLOW_COMPLETED", holder.eventTypes(id).getLast());
    }

    private static PollTaskRequest taskPoll(String worker, String queue, int seconds) {
        return PollTaskRequest.newBuilder()
                .setOrgId(DEV)
                .setWorkerId(worker)
                .setQueue(queue)
                .setTimeoutSeconds(seconds)
                .build();
    }

    private static CompleteTaskRequest completion(String task, String output) {
        return CompleteTaskRequest.newBuilder()
                .setTaskExecutionId(task)
                .setOutput(ByteString.copyFromUtf8(output))
                .build();
    }

    /** @return the entry of the trail about the execution whose command led to the event */
    private static JsonNode entry(String execution, String command, String event) {
        return Await.found(command + " with " + event + " in the trail of " + execution, () -> {
            TestHttp.Answer answer = auditor.get(
                    server.http("/api/orgs/dev/audit?execution=" + execution + "&command=" + command + "&limit=500"));
            List<JsonNode> found = new ArrayList<>();
            if (answer.status() == 200) {
                answer.body().get("entries").forEach(found::add);
            }
            return found.stream()
                    .filter(each -> each.get("events").toString().contains('"' + event + '"'))
                    .findFirst();
        });
    }

    private static String detail(JsonNode entry, String name) {
        return entry.path("details").path(name).asText();
    }
}
