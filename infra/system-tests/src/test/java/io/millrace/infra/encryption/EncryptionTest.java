package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.CompleteWorkflowCommand;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.FailWorkflowCommand;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.LogMessageRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.RecordOperationCommand;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SetStateCommand;
import io.millrace.proto.flovyn.v1.SetStateRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.AwaitEndResponse;
import io.millrace.proto.v1.ContinueAsNewRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Payloads of an organisation that encrypts: plain text for whoever may read, and nowhere else. */
class EncryptionTest {

    private static final String ORG = Access.DEV_ORG.toString();
    private static final String API = "/api/orgs/dev/";
    /** With which all secrets begin. */
    private static final String SECRET = "sekrit-";

    private static final TestHttp USER = new TestHttp(Access.DEV_USER_KEY);

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TestClient worker;

    @BeforeAll
    static void start() {
        server = EncryptedOrganisation.start(folder, Map.of());
        worker = server.worker();
    }

    @AfterAll
    static void stop() {
        worker.close();
        server.close();
    }

    private static String secret(String what) {
        return SECRET + what + "-" + UUID.randomUUID();
    }

    private static ByteString json(String text) {
        return ByteString.copyFromUtf8("{\"s\":\"" + text + "\"}");
    }

    private static JsonNode get(String path) {
        return USER.get(server.http(API + path)).body();
    }

    private static void submit(String id, WorkflowStatus status, WorkflowCommand.Builder... commands) {
        SubmitWorkflowCommandsRequest.Builder batch = SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(id)
                .setStatus(status);
        for (WorkflowCommand.Builder command : commands) {
            batch.addCommands(command.setSequenceNumber(batch.getCommandsCount() + 1));
        }
        worker.workflows().submitWorkflowCommands(batch.build());
    }

    private static WorkflowCommand.Builder command(CommandType type) {
        return WorkflowCommand.newBuilder().setCommandType(type);
    }

    private static String events(String id) {
        StringBuilder all = new StringBuilder();
        for (WorkflowEvent event : worker.events(id)) {
            all.append(event.getEventType())
                    .append(event.getEventData().toStringUtf8())
                    .append('\n');
        }
        return all.toString();
    }

    private static TaskExecutionInfo pollTask(String queue) {
        return worker.tasks()
                .pollTask(PollTaskRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkerId("t")
                        .setQueue(queue)
                        .setTimeoutSeconds(10)
                        .build())
                .getTask();
    }

    @Test
    void workersAndPeopleGetPlainTextAndNothingElseHoldsIt() {
        String input = secret("input");
        String result = secret("result");
        String state = secret("state");
        String taskInput = secret("task");
        String childInput = secret("child");
        String error = secret("error");
        String line = secret("line");
        String kept = secret("kept");
        String output = secret("output");
        String signal = secret("signal");
        String promised = secret("promise");
        String end = secret("end");
        String id = worker.workflows()
                .startWorkflow(TestClient.startRequest("order", "all")
                        .setInput(json(input))
                        .build())
                .getWorkflowExecutionId();
        WorkflowExecution work = worker.poll("w", "all", 60).orElseThrow();
        assertEquals(json(input), work.getInput());
        submit(
                id,
                WorkflowStatus.SUSPENDED,
                command(CommandType.RECORD_OPERATION)
                        .setRecordOperation(RecordOperationCommand.newBuilder()
                                .setOperationName("op")
                                .setResult(json(result))),
                command(CommandType.SET_STATE)
                        .setSetState(SetStateCommand.newBuilder().setKey("k").setValue(json(state))),
                command(CommandType.SCHEDULE_TASK)
                        .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                .setKind("t")
                                .setQueue("tasks")
                                .setMaxRetries(3)
                                .setTaskExecutionId(UUID.randomUUID().toString())
                                .setInput(json(taskInput))),
                command(CommandType.CREATE_PROMISE)
                        .setCreatePromise(CreatePromiseCommand.newBuilder()
                                .setPromiseId("p")
                                .setIdempotencyKey("p-" + id)),
                command(CommandType.SCHEDULE_CHILD_WORKFLOW)
                        .setScheduleChildWorkflow(ScheduleChildWorkflowCommand.newBuilder()
                                .setChildExecutionName("c")
                                .setWorkflowKind("kid")
                                .setQueue("kids")
                                .setChildWorkflowExecutionId(UUID.randomUUID().toString())
                                .setInput(json(childInput))));
        TaskExecutionInfo task = pollTask("tasks");
        assertEquals(json(taskInput), task.getInput());
        worker.tasks()
                .logMessage(LogMessageRequest.newBuilder()
                        .setTaskExecutionId(task.getTaskExecutionId())
                        .setLevel("INFO")
                        .setMessage("a \"line\" of\n" + line)
                        .build());
        worker.tasks()
                .setState(SetStateRequest.newBuilder()
                        .setTaskExecutionId(task.getTaskExecutionId())
                        .setKey("k")
                        .setValue(json(kept))
                        .build());
        assertEquals(
                json(kept),
                worker.tasks()
                        .getState(GetStateRequest.newBuilder()
                                .setTaskExecutionId(task.getTaskExecutionId())
                                .setKey("k")
                                .build())
                        .getValue());
        worker.tasks()
                .failTask(FailTaskRequest.newBuilder()
                        .setTaskExecutionId(task.getTaskExecutionId())
                        .setError(error)
                        .build());
        JsonNode failed = get("task-executions/" + task.getTaskExecutionId());
        assertEquals(error, failed.path("error").asText(), failed::toString);
        assertTrue(failed.toString().contains(line), failed::toString);
        TaskExecutionInfo again = pollTask("tasks");
        worker.tasks()
                .completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(again.getTaskExecutionId())
                        .setOutput(json(output))
                        .build());
        worker.workflows()
                .signalWorkflow(SignalWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowExecutionId(id)
                        .setSignalName("s")
                        .setSignalValue(json(signal))
                        .build());
        Await.until(
                "the promise's key",
                () -> USER.post(
                                        server.http(API + "promises/key:p-" + id + "/resolve"),
                                        "{\"value\":{\"s\":\"" + promised + "\"}}")
                                .status()
                        == 200);
        WorkflowExecution child = worker.poll("w", "kids", 60).orElseThrow();
        assertEquals(json(childInput), child.getInput());
        worker.complete(child.getId(), json(end).toStringUtf8());
        Await.until("the child's end", () -> events(id).contains(end));
        worker.poll("w", "all", 60).orElseThrow();
        worker.complete(id, json(end).toStringUtf8());

        List<String> inHistory = List.of(input, result, state, taskInput, childInput, output, signal, promised, end);
        String history = events(id);
        String told =
                get("workflow-executions/" + id + "/events?audience=people").toString();
        inHistory.forEach(text -> {
            assertTrue(history.contains(text), () -> text + " in " + history);
            assertTrue(told.contains(text), () -> text + " in " + told);
        });
        JsonNode detail = get("workflow-executions/" + id);
        assertEquals(input, detail.at("/input/s").asText());
        assertEquals(end, detail.at("/output/s").asText());
        assertEquals(
                state, get("workflow-executions/" + id + "/state").findPath("s").asText());
        Await.until(
                "the failed attempt in the read model",
                () -> get("workflow-executions/" + id + "/events?audience=people")
                        .toString()
                        .contains(error));

        server.stopNode(TestServer.FIRST);
        assertEquals(List.of(), Needle.text(SECRET).in(server.data()), "files with plain text");
        assertFalse(Needle.text(id).in(server.data().resolve("kafka")).isEmpty(), "the search finds what is there");
        server.restartNode(TestServer.FIRST);
        worker.close();
        worker = server.worker();
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
        assertEquals(history, events(id));
    }

    @Test
    void whatTasksStreamOutIsReadInPlainText() {
        String token = secret("token");
        String id = worker.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(ORG)
                        .setKind("t")
                        .setQueue("streams")
                        .setInput(json("x"))
                        .build())
                .getTaskExecutionId();
        pollTask("streams");
        worker.tasks()
                .streamTaskData(StreamTaskDataRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setType(StreamEventType.STREAM_EVENT_TYPE_DATA)
                        .setPayload("{\"s\":\"" + token + "\"}")
                        .build());
        worker.tasks()
                .completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setOutput(json("done"))
                        .build());

        String stream = USER.text(server.http(API + "task-executions/" + id + "/stream"));

        assertTrue(stream.contains(token), stream);
        assertTrue(stream.contains("\"output\":{\"s\":\"done\"}"), stream);
    }

    @Test
    void aSignalThatFindsItsWorkflowIsReadThere() {
        String first = secret("first");
        String second = secret("second");
        SignalWithStartWorkflowRequest.Builder asked = SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(ORG)
                .setWorkflowId("w-" + UUID.randomUUID())
                .setWorkflowKind("k")
                .setQueue("signalled")
                .setWorkflowInput(json("in"))
                .setSignalName("s");
        String id = worker.workflows()
                .signalWithStartWorkflow(asked.setSignalValue(json(first)).build())
                .getWorkflowExecutionId();
        assertEquals(
                id,
                worker.workflows()
                        .signalWithStartWorkflow(
                                asked.setSignalValue(json(second)).build())
                        .getWorkflowExecutionId());

        String history = events(id);
        assertTrue(history.contains(first) && history.contains(second), history);
    }

    @Test
    void aPromiseIsSettledByItsIdAloneAndByNoKeyThatNobodyKnows() {
        String value = secret("value");
        String id = worker.start("k", "promises");
        worker.poll("w", "promises", 60).orElseThrow();
        submit(
                id,
                WorkflowStatus.SUSPENDED,
                command(CommandType.CREATE_PROMISE)
                        .setCreatePromise(CreatePromiseCommand.newBuilder().setPromiseId("p")));
        String promiseId = events(id).split("\"promiseId\":\"")[1].substring(0, 36);

        worker.workflows()
                .resolvePromise(ResolvePromiseRequest.newBuilder()
                        .setPromiseId(promiseId)
                        .setValue(json(value))
                        .build());

        assertTrue(events(id).contains(value));
        assertEquals(
                404,
                USER.post(server.http(API + "promises/key:nobodys/resolve"), "{\"value\":1}")
                        .status());
        StatusRuntimeException unknown = assertThrows(
                StatusRuntimeException.class,
                () -> worker.workflows()
                        .resolvePromise(ResolvePromiseRequest.newBuilder()
                                .setPromiseId(UUID.randomUUID().toString())
                                .setValue(json(value))
                                .build()));
        assertEquals(Status.Code.NOT_FOUND, unknown.getStatus().getCode());
    }

    @Test
    void aSecondStartWithAKeyFindsTheFirstAndASecondReportChangesNothing() {
        String key = "key-" + UUID.randomUUID();
        String first = worker.workflows()
                .startWorkflow(TestClient.startRequest("k", "twice")
                        .setIdempotencyKey(key)
                        .build())
                .getWorkflowExecutionId();
        String second = worker.workflows()
                .startWorkflow(TestClient.startRequest("k", "twice")
                        .setIdempotencyKey(key)
                        .build())
                .getWorkflowExecutionId();
        assertEquals(first, second);
        worker.poll("w", "twice", 60).orElseThrow();
        worker.complete(first, "{\"n\":2}");
        worker.complete(first, "{\"n\":2}");

        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), worker.eventTypes(first));
        assertTrue(events(first).contains("{\"n\":2}"));
    }

    /** What the runs hand on to each other stays under the key of the first. */
    @Test
    void theRunsOfAWorkflowThatContinuesAsNewAreReadInPlainTextAndErasedByTheFirst() {
        String input = secret("first");
        String second = secret("second");
        String third = secret("third");
        String signal = secret("untaken");
        String first = worker.workflows()
                .startWorkflow(TestClient.startRequest("k", "runs")
                        .setInput(json(input))
                        .build())
                .getWorkflowExecutionId();
        worker.poll("w", "runs", 60).orElseThrow();
        worker.workflows()
                .signalWorkflow(SignalWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowExecutionId(first)
                        .setSignalName("s")
                        .setSignalValue(json(signal))
                        .build());
        worker.runs()
                .continueAsNew(ContinueAsNewRequest.newBuilder()
                        .setWorkflowExecutionId(first)
                        .setInput(json(second))
                        .build());
        WorkflowExecution run = worker.poll("w", "runs", 60).orElseThrow();
        assertEquals(json(second), run.getInput());
        assertTrue(events(run.getId()).contains(signal));
        submit(run.getId(), WorkflowStatus.SUSPENDED);
        TestHttp.Answer asked = USER.post(
                server.http(API + "workflow-executions/" + run.getId() + "/continue-as-new"),
                "{\"input\":{\"s\":\"" + third + "\"},\"reason\":\"long\"}");
        assertEquals(201, asked.status(), asked::toString);
        WorkflowExecution last = worker.poll("w", "runs", 60).orElseThrow();
        assertEquals(json(third), last.getInput());
        String shown = get("workflow-executions/" + last.getId()).toString();
        assertTrue(shown.contains(third), shown);

        for (String secret : List.of(input, second, third, signal)) {
            assertEquals(List.of(), Needle.text(secret).in(server.data().resolve("kafka")), secret);
        }
        TestHttp.Answer erased =
                USER.post(server.http(API + "workflow-executions/" + first + "/erase"), "{\"reason\":\"asked for\"}");
        assertEquals(200, erased.status(), erased::toString);
        for (String each : List.of(first, run.getId(), last.getId())) {
            Await.until(
                    "the erasure of run " + each,
                    () -> get("workflow-executions/" + each)
                            .at("/input/erasedAt")
                            .isTextual());
            assertFalse(
                    get("workflow-executions/" + each + "/events?audience=people")
                            .toString()
                            .contains(SECRET),
                    each);
        }
    }

    @Test
    void whoWaitsForTheEndIsAnsweredInPlainText() {
        String end = secret("waited");
        String id = worker.start("k", "waits");
        CompletableFuture<JsonNode> answer =
                CompletableFuture.supplyAsync(() -> get("workflow-executions/" + id + "?wait=30s"));
        CompletableFuture<AwaitEndResponse> call = CompletableFuture.supplyAsync(() -> worker.awaitEnd(id));
        worker.poll("w", "waits", 60).orElseThrow();
        worker.complete(id, json(end).toStringUtf8());

        assertEquals(end, answer.join().at("/output/s").asText());
        assertEquals(json(end), call.join().getOutput());
    }

    @Test
    void whyAWorkflowFailedIsToldInPlainTextToWhoWaits() {
        String error = secret("why") + " \"quoted\"\n";
        String id = worker.start("k", "fails");
        worker.poll("w", "fails", 60).orElseThrow();
        submit(
                id,
                WorkflowStatus.FAILED,
                command(CommandType.FAIL_WORKFLOW)
                        .setFailWorkflow(FailWorkflowCommand.newBuilder().setError(error)));

        AwaitEndResponse answer = worker.awaitEnd(id);

        assertEquals("FAILED", answer.getStatus());
        assertEquals(error, answer.getError());
    }

    @Test
    void theRunsOfAScheduleAreEncryptedByTheKeyOfTheDataSubjectThatItNames() {
        String input = secret("scheduled");
        String begin = "{\"name\":\"hourly\",\"kind\":\"k\",\"queue\":\"scheduled\",\"everyMs\":3600000,\"input\":\""
                + input + "\"";
        TestHttp.Answer without = USER.post(server.http(API + "schedules"), begin + "}");
        assertEquals(400, without.status());
        assertTrue(without.body().at("/error/message").asText().contains("dataSubject"), without::toString);

        assertEquals(
                201,
                USER.post(server.http(API + "schedules"), begin + ",\"metadata\":{\"dataSubject\":\"customer-81\"}}")
                        .status());
        String id = USER.post(server.http(API + "schedules/hourly/trigger"), "{}")
                .body()
                .get("workflowExecutionId")
                .asText();

        WorkflowExecution run = worker.poll("w", "scheduled", 60).orElseThrow();
        assertEquals(id, run.getId());
        assertTrue(run.getInput().toStringUtf8().contains(input), run::toString);
        Await.until(
                "the read model to know the schedule",
                () -> USER.get(server.http(API + "schedules/hourly"))
                        .body()
                        .path("input")
                        .asText()
                        .equals(input));
        worker.complete(id, "1");
    }

    @Test
    void metadataThatLooksEncryptedIsRefused() {
        StatusRuntimeException refused = assertThrows(
                StatusRuntimeException.class,
                () -> worker.workflows()
                        .startWorkflow(TestClient.startRequest("k", "looks")
                                .putMetadata("m", "mre1." + "A".repeat(80))
                                .build()));

        assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }

    @Test
    void completionsOfUnknownExecutionsAreRefusedAndWriteNothing() {
        String lost = secret("lost");
        String id = UUID.randomUUID().toString();
        StatusRuntimeException refused = assertThrows(
                StatusRuntimeException.class,
                () -> submit(
                        id,
                        WorkflowStatus.COMPLETED,
                        command(CommandType.COMPLETE_WORKFLOW)
                                .setCompleteWorkflow(
                                        CompleteWorkflowCommand.newBuilder().setOutput(json(lost)))));

        assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
        assertEquals(List.of(), Needle.text(lost).in(server.data().resolve("kafka")));
    }
}
