package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.system.ShortRetention;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestHttp.Answer;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A workflow that goes on in a new run, whose earlier one has left the dispatcher. Who knows the earlier run only still reaches the
 * workflow, and under its key.
 */
class LeftRunTest {

    private static final String API = "/api/orgs/dev/";
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);

    @Test
    void childrenAndPeopleThatKnowARunThatHasLeftReachTheNewestOne(@TempDir Path folder) {
        try (TestServer server =
                        EncryptedOrganisation.start(folder, Map.of(), ShortRetention.of(Duration.ofSeconds(3)));
                TestClient worker = server.worker()) {
            String task = UUID.randomUUID().toString();
            String id = worker.start("parent", "parents");
            worker.poll("w", "parents", 60).orElseThrow();
            worker.workflows()
                    .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                            .setWorkflowExecutionId(id)
                            .setStatus(WorkflowStatus.SUSPENDED)
                            .addCommands(command(1, CommandType.SCHEDULE_CHILD_WORKFLOW)
                                    .setScheduleChildWorkflow(ScheduleChildWorkflowCommand.newBuilder()
                                            .setChildWorkflowExecutionId(
                                                    UUID.randomUUID().toString())
                                            .setChildExecutionName("c")
                                            .setWorkflowKind("kid")
                                            .setInput(ByteString.copyFromUtf8("1"))
                                            .setQueue("kids")))
                            .addCommands(command(2, CommandType.CREATE_PROMISE)
                                    .setCreatePromise(
                                            CreatePromiseCommand.newBuilder().setPromiseId("approval")))
                            .addCommands(command(3, CommandType.CREATE_PROMISE)
                                    .setCreatePromise(
                                            CreatePromiseCommand.newBuilder().setPromiseId("delivery")))
                            .addCommands(command(4, CommandType.SCHEDULE_TASK)
                                    .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                            .setTaskExecutionId(task)
                                            .setKind("resize")
                                            .setQueue("away")))
                            .build());
            JsonNode events = HTTP.get(server.http(API + "workflow-executions/" + id + "/events"))
                    .body()
                    .path("events");
            String child = events.findValue("childExecutionId").asText();
            String promise = events.findValue("promiseId").asText();
            String run = post(server, "workflow-executions/" + id + "/reset", "{\"toEvent\":6}", 201)
                    .path("id")
                    .asText();
            // Only the dispatchers' stores have the log of a task, so its absence tells that it and its workflow have
            // left them.
            Await.until("the earlier run to leave", () -> {
                Answer shown = HTTP.get(server.http(API + "task-executions/" + task));
                return shown.status() == 200 && !shown.body().has("log");
            });

            post(
                    server,
                    "workflow-executions/" + id + "/signal",
                    "{\"signalName\":\"go\",\"signalValue\":\"red\"}",
                    200);
            post(server, "promises/id:" + promise + "/resolve", "{\"value\":\"yes\"}", 200);
            post(server, "promises/" + id + ":delivery/resolve", "{\"value\":\"soon\"}", 200);
            assertEquals(child, worker.poll("w", "kids", 60).orElseThrow().getId());
            worker.complete(child, "\"done\"");

            Await.until(
                    "the new run to hear of the child's end",
                    () -> worker.eventTypes(run).contains("CHILD_WORKFLOW_COMPLETED"));
            StringBuilder told = new StringBuilder();
            for (WorkflowEvent event : worker.events(run)) {
                told.append(event.getEventType())
                        .append(event.getEventData().toStringUtf8())
                        .append('\n');
            }
            for (String said : new String[] {"\"red\"", "\"yes\"", "\"soon\"", "\"done\""}) {
                assertTrue(told.toString().contains(said), () -> said + " in " + told);
            }
            assertFalse(worker.eventTypes(id).contains("SIGNAL_RECEIVED"));
        }
    }

    private static WorkflowCommand.Builder command(int number, CommandType type) {
        return WorkflowCommand.newBuilder().setSequenceNumber(number).setCommandType(type);
    }

    private static JsonNode post(TestServer server, String path, String body, int status) {
        Answer answer = HTTP.post(server.http(API + path), body);
        assertEquals(status, answer.status(), answer::toString);
        return answer.body();
    }
}
