package io.millrace.infra.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.system.SharedServer;
import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers of both families of SDKs, polling in each way, run everything that they can express. */
@Order(1)
@ExtendWith(SharedServer.class)
class WorkerTest {

    private static final String ORG = "550e8400-e29b-41d4-a716-446655440000";

    /** Activations of each workflow that is unlike its history. */
    private static final Map<String, Integer> ACTIVATIONS = new ConcurrentHashMap<>();

    private static WorkerClient client;

    @BeforeAll
    static void start(WorkerClient connected) {
        client = connected;
    }

    static Stream<Arguments> workers() {
        return Stream.of(
                Arguments.of(WorkerStyle.RUST, PollStyle.parallel()),
                Arguments.of(WorkerStyle.RUST, PollStyle.subscribed(Duration.ofSeconds(90))),
                Arguments.of(WorkerStyle.FFI, PollStyle.alternating()),
                Arguments.of(WorkerStyle.FFI, PollStyle.parallel()));
    }

    private static WorkerOptions options(WorkerStyle style, PollStyle polls, String queue) {
        return new WorkerOptions()
                .queue(queue)
                .name("worker of " + queue)
                .style(style)
                .polls(polls)
                .workflow("everything", WorkerTest::everything)
                .workflow("fan", WorkerTest::fan)
                .workflow("grandchild", (workflow, input) -> JsonData.from(input.asInt() + 1))
                .workflow(
                        "child",
                        (workflow, input) -> workflow.childWorkflow("deeper", "grandchild", input)
                                .await())
                .workflow("fails", (workflow, input) -> {
                    throw new IllegalStateException("no stock");
                })
                .workflow("unlike", WorkerTest::unlikeItsHistory)
                .workflow("unlike the limits", (workflow, input) -> workflow.run("x".repeat(256), () -> input))
                .task(
                        "add",
                        (task, input) -> JsonData.from(
                                input.get(0).asInt() + input.get(1).asInt()))
                .task("flaky", (task, input) -> {
                    if (task.attempt() < 3) {
                        throw new IllegalStateException("attempt " + task.attempt());
                    }
                    return JsonData.from(task.attempt());
                })
                .task("broken", (task, input) -> {
                    throw new IllegalStateException("always");
                });
    }

    private static JsonNode everything(WorkflowContext workflow, JsonNode input) throws Exception {
        JsonNode rolled = workflow.run("roll", () -> JsonData.from(4));
        workflow.setState("rolled", rolled);
        Pending<JsonNode> sum = workflow.scheduleTask("add", JsonData.of("[1,2]"));
        Pending<JsonNode> flaky = workflow.scheduleTask("flaky", input);
        Pending<JsonNode> child = workflow.childWorkflow("c", "child", JsonData.of("41"));
        Pending<Void> timer = workflow.sleep(Duration.ofMillis(50));
        List<JsonNode> results = Pending.all(sum, flaky, child);
        timer.await();
        String broken;
        try {
            broken = workflow.scheduleTask("broken", input, TaskOptions.DEFAULT.withMaxRetries(0))
                    .await()
                    .asText();
        } catch (AwaitFailedException failure) {
            broken = failure.getMessage();
        }
        String failed;
        try {
            failed = workflow.childWorkflow("f", "fails", input).await().asText();
        } catch (AwaitFailedException failure) {
            failed = failure.getMessage();
        }
        String late;
        try {
            late = workflow.promise("late", PromiseOptions.DEFAULT.withTimeout(Duration.ofMillis(20)))
                    .await()
                    .asText();
        } catch (AwaitFailedException timeout) {
            late = "late";
        }
        JsonNode signal = workflow.waitForSignal("go").await();
        JsonNode promised = workflow.promise("p").await();
        workflow.clearState("rolled");
        return JsonData.from(List.of(rolled, results, broken, failed, late, signal, promised));
    }

    /** Four tasks at once, then three children of one kind, one after another. */
    private static JsonNode fan(WorkflowContext workflow, JsonNode input) {
        List<Pending<JsonNode>> tasks = IntStream.range(0, 4)
                .mapToObj(i -> workflow.scheduleTask("add", JsonData.of("[" + i + ",1]")))
                .toList();
        int sum = 0;
        for (Pending<JsonNode> task : tasks) {
            sum += task.await().asInt();
        }
        for (int i = 0; i < 3; i++) {
            sum += workflow.childWorkflow("child-" + i, "child", JsonData.from(i))
                    .await()
                    .asInt();
        }
        return JsonData.from(sum);
    }

    /** Schedules another task at each activation: what a changed workflow does to running executions. */
    private static JsonNode unlikeItsHistory(WorkflowContext workflow, JsonNode input) {
        return workflow.scheduleTask(
                        ACTIVATIONS.merge(workflow.id().toString(), 1, Integer::sum) == 1 ? "add" : "flaky",
                        JsonData.of("[1,1]"))
                .await();
    }

    @ParameterizedTest
    @MethodSource("workers")
    void runsEverythingThatAWorkflowCanExpress(WorkerStyle style, PollStyle polls) {
        String queue = "everything-" + style + "-" + polls.getClass().getSimpleName();
        try (Worker worker = new Worker(client, options(style, polls, queue))) {
            String id = start("everything", queue);
            Await.until("the workflow to wait for its signal", () -> types(id).contains("PROMISE_TIMEOUT"));
            client.workflows()
                    .signalWorkflow(SignalWorkflowRequest.newBuilder()
                            .setOrgId(ORG)
                            .setWorkflowExecutionId(id)
                            .setSignalName("go")
                            .setSignalValue(ByteString.copyFromUtf8("\"gone\""))
                            .build());
            Await.until(
                    "the promise",
                    () -> history(id).stream()
                            .anyMatch(event -> event.getEventType().equals("PROMISE_CREATED")
                                    && event.getEventData().toStringUtf8().contains("\"p\"")));
            client.workflows()
                    .resolvePromise(ResolvePromiseRequest.newBuilder()
                            .setPromiseId(id + ":p")
                            .setValue(ByteString.copyFromUtf8("5"))
                            .build());
            Await.until("the end", () -> types(id).contains("WORKFLOW_COMPLETED"));

            assertEquals(
                    JsonData.of("[4,[3,3,42],\"always\",\"no stock\",\"late\",\"gone\",5]"),
                    JsonData.read(history(id).getLast().getEventData()).path("output"));
            assertEquals(
                    1, types(id).stream().filter("OPERATION_COMPLETED"::equals).count());
            assertEquals(3, types(id).stream().filter("TASK_SCHEDULED"::equals).count());
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void getsThroughABurst(WorkerStyle style, PollStyle polls) {
        String queue = "burst-" + style + "-" + polls.getClass().getSimpleName();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(start("grandchild", queue));
        }
        for (int i = 0; i < 3; i++) {
            ids.add(start("fan", queue));
        }
        try (Worker worker = new Worker(client, options(style, polls, queue))) {
            Await.until(
                    "the end of all",
                    () -> ids.stream().allMatch(id -> types(id).contains("WORKFLOW_COMPLETED")));
            // 1+2+3+4 of the tasks, and 1+2+3 of the children.
            assertEquals(
                    JsonData.of("16"),
                    JsonData.read(history(ids.getLast()).getLast().getEventData())
                            .path("output"));
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aWorkflowUnlikeItsHistoryFailsAndSaysWhere(WorkerStyle style, PollStyle polls) {
        String queue = "unlike-" + style + "-" + polls.getClass().getSimpleName();
        try (Worker worker = new Worker(client, options(style, polls, queue))) {
            String id = start("unlike", queue);
            Await.until("the failure", () -> types(id).contains("WORKFLOW_EXECUTION_FAILED"));
            String data = failure(id);
            assertTrue(data.contains("Determinism violation: expected task 1 to be add"), data);
        }
    }

    @ParameterizedTest
    @EnumSource(WorkerStyle.class)
    @Execution(ExecutionMode.CONCURRENT)
    void whatAnswersARefusedSubmissionDependsOnTheFamily(WorkerStyle style) {
        String queue = "refused-" + style;
        try (Worker worker = new Worker(client, options(style, PollStyle.parallel(), queue))) {
            String id = start("unlike the limits", queue);
            Await.until("the failure", () -> types(id).contains("WORKFLOW_EXECUTION_FAILED"));
            String data = failure(id);
            assertTrue(data.contains("at most 255 characters"), data);
            assertEquals(style == WorkerStyle.FFI, data.contains("\"failureType\":\"ERROR\""), data);
        }
    }

    private static String failure(String id) {
        return history(id).stream()
                .filter(event -> event.getEventType().equals("WORKFLOW_EXECUTION_FAILED"))
                .findFirst()
                .orElseThrow()
                .getEventData()
                .toStringUtf8();
    }

    private static String start(String kind, String queue) {
        return client.workflows()
                .startWorkflow(StartWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowKind(kind)
                        .setQueue(queue)
                        .setInput(ByteString.copyFromUtf8("{}"))
                        .build())
                .getWorkflowExecutionId();
    }

    private static List<WorkflowEvent> history(String id) {
        return client.workflows()
                .getEvents(
                        GetEventsRequest.newBuilder().setWorkflowExecutionId(id).build())
                .getEventsList();
    }

    private static List<String> types(String id) {
        return history(id).stream().map(WorkflowEvent::getEventType).toList();
    }
}
