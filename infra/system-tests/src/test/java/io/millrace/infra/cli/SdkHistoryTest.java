package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.system.SharedServer;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.worker.HistoryReplay;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.RecordedHistory;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkerStyle;
import io.millrace.infra.worker.WorkflowFunction;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a worker did for a server is run again from a file, by the code that it ran and by code that is not the same. */
@ExtendWith(SharedServer.class)
class SdkHistoryTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static WorkflowFunction order(String taskAfterSignal) {
        return (workflow, input) -> {
            JsonNode price = workflow.run("price", () -> JsonData.of("12.5"));
            workflow.setState("price", price);
            workflow.sleep(Duration.ofMillis(1)).await();
            JsonNode paid = workflow.scheduleTask("pay", price).await();
            workflow.waitForSignal("go").await();
            workflow.clearState("price");
            workflow.scheduleTask(taskAfterSignal, paid).await();
            throw new IllegalStateException("broken after " + taskAfterSignal);
        };
    }

    @ParameterizedTest
    @EnumSource
    void theCodeOfAFailedWorkflowRunsAgainOverItsFileAndOtherCodeIsToldWhereItParts(
            WorkerStyle style, TestServer server, WorkerClient client) throws Exception {
        String queue = "sdk " + style;
        String id;
        try (TestClient user = server.user();
                Worker worker = new Worker(
                        client,
                        new WorkerOptions()
                                .queue(queue)
                                .name("worker of " + queue)
                                .style(style)
                                .workflow("order", order("ship"))
                                .task("pay", (task, input) -> JsonData.of("\"paid\""))
                                .task("ship", (task, input) -> input))) {
            id = user.start("order", queue);
            Await.until("the payment", () -> user.eventTypes(id).contains("TASK_COMPLETED"));
            user.workflows()
                    .signalWorkflow(SignalWorkflowRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkflowExecutionId(id)
                            .setSignalName("go")
                            .build());
            Await.until("the end", () -> user.eventTypes(id).contains("WORKFLOW_EXECUTION_FAILED"));
        }

        // The engine tells of an end before it is committed; the log has it a moment later.
        Await.until(
                "the end on the log",
                () -> LogCommand.run(server, "history", id).out().contains("WORKFLOW_EXECUTION_FAILED"));
        LogCommand history = LogCommand.run(server, "history", id, "--sdk");

        assertEquals(0, history.exit(), history::all);
        JsonNode tree = JSON.readTree(history.out());
        assertEquals(id, tree.path("workflow_execution_id").asText());
        assertEquals("order", tree.path("workflow_kind").asText());
        assertEquals(
                "WorkflowStarted",
                tree.path("events").path(0).path("event_type").asText());
        assertEquals(
                "[\"RecordOperation\",\"SetState\",\"StartTimer\",\"ScheduleTask\",\"ClearState\",\"ScheduleTask\",\"FailWorkflow\"]",
                JSON.writeValueAsString(tree.path("expected_commands").findValuesAsText("type")));
        HistoryReplay replay = new HistoryReplay(RecordedHistory.of(history.out()));
        assertEquals(Optional.empty(), replay.firstDifference(order("ship")));
        String difference = replay.firstDifference(order("post")).orElseThrow();
        assertTrue(
                difference.endsWith("Determinism violation: expected task 2 to be ship as recorded, but it is post"),
                difference);
    }

    @Test
    void aTaskHasNoHistoryThatWorkersReplay(TestServer server) throws Exception {
        try (TestClient user = server.user()) {
            String task = user.tasks()
                    .submitTask(SubmitTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setKind("alone")
                            .setQueue("sdk alone")
                            .build())
                    .getTaskExecutionId();
            Await.until(
                    "the task on the log",
                    () -> LogCommand.run(server, "history", task).exit() == 0);

            LogCommand none = LogCommand.run(server, "history", task, "--sdk");

            assertEquals(2, none.exit(), none::all);
            assertTrue(
                    none.err()
                            .startsWith("millrace: expected a workflow execution, whose history workers replay, but "),
                    none::all);
            LogCommand both = LogCommand.run(server, "history", task, "--sdk", "--json");
            assertEquals(2, both.exit(), both::all);
        }
    }
}
