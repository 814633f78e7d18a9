package io.millrace.ingest.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.CompleteWorkflowCommand;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.GetStateKeysRequest;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.LogMessageRequest;
import io.millrace.proto.flovyn.v1.QueryWorkflowRequest;
import io.millrace.proto.flovyn.v1.QueryWorkflowResponse;
import io.millrace.proto.flovyn.v1.RecordOperationCommand;
import io.millrace.proto.flovyn.v1.RejectPromiseRequest;
import io.millrace.proto.flovyn.v1.ReportExecutionSpansRequest;
import io.millrace.proto.flovyn.v1.ReportExecutionSpansResponse;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowResponse;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartChildWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowResponse;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerHeartbeatRequest;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.log.CommandLogException;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReportRefused;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmitTask;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WorkerRegistration;
import io.millrace.proto.v1.WorkflowStateView;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrpcServicesTest {

    private static final UUID ID = UUID.fromString("33333333-3333-4333-8333-333333330abc");
    private static final UUID TASK = UUID.fromString("44444444-4444-4444-8444-444444440abc");
    private static final String ORG = OpenDoor.ALPHA.toString();

    private OpenDoor door;
    private WorkflowDispatchGrpc.WorkflowDispatchBlockingStub workflows;
    private TaskExecutionGrpc.TaskExecutionBlockingStub tasks;
    private WorkflowQueryGrpc.WorkflowQueryBlockingStub queries;
    private WorkerLifecycleGrpc.WorkerLifecycleBlockingStub workers;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
        workflows = OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), OpenDoor.WORKER_KEY);
        tasks = OpenDoor.with(TaskExecutionGrpc.newBlockingStub(door.channel()), OpenDoor.WORKER_KEY);
        queries = OpenDoor.with(WorkflowQueryGrpc.newBlockingStub(door.channel()), OpenDoor.WORKER_KEY);
        workers = OpenDoor.with(WorkerLifecycleGrpc.newBlockingStub(door.channel()), OpenDoor.WORKER_KEY);
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void aStartBecomesACommandWithEverythingThatDecides() {
        answerStarted(ID, false, false);

        StartWorkflowResponse response = workflows.startWorkflow(StartWorkflowRequest.newBuilder()
                .setOrgId(ORG)
                .setWorkflowKind("echo")
                .setInput(json("{\"a\": 1.50}"))
                .putMetadata("team", "red")
                .build());

        assertEquals(ID.toString(), response.getWorkflowExecutionId());
        StartWorkflow start = door.log.onlyCommand().getStartWorkflow();
        assertEquals("echo", start.getKind());
        assertEquals("default", start.getQueue());
        assertEquals("{\"a\": 1.50}", start.getInput().toStringUtf8());
        assertEquals("red", start.getMetadataOrThrow("team"));
        assertEquals(86_400_000, start.getRetentionMs());
        assertEquals(86_400_000, start.getIdempotencyKeyTtlMs());
        assertEquals("mill", door.log.onlyCommand().getPrincipal().getId());
        assertEquals(OpenDoor.ALPHA, Ids.fromBytes(door.log.onlyCommand().getOrgId()));
        assertEquals(
                Shards.partition(Ids.fromBytes(start.getExecutionId()), 8),
                door.log.entries().get(0).partition());
    }

    @Test
    void startsWithOneKeyMeetInOnePartition() {
        answerStarted(ID, true, true);
        StartWorkflowRequest request = StartWorkflowRequest.newBuilder()
                .setOrgId(ORG)
                .setWorkflowKind("echo")
                .setIdempotencyKey("order-7")
                .setIdempotencyKeyTtlSeconds(60)
                .build();

        workflows.startWorkflow(request);
        workflows.startWorkflow(request);
        workflows.signalWithStartWorkflow(SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(ORG)
                .setWorkflowId("order-7")
                .setWorkflowKind("echo")
                .setSignalName("go")
                .build());

        int partition = Shards.partition(Shards.of(OpenDoor.ALPHA, "order-7"), 8);
        assertEquals(
                List.of(partition, partition, partition),
                door.log.entries().stream().map(entry -> entry.partition()).toList());
        StartWorkflow first = door.log.entries().get(0).command().getStartWorkflow();
        StartWorkflow second = door.log.entries().get(1).command().getStartWorkflow();
        assertNotEquals(first.getExecutionId(), second.getExecutionId());
        assertEquals(60_000, first.getIdempotencyKeyTtlMs());
    }

    @Test
    void signalWithStartAnswersWhatTheEngineDecided() {
        door.log.answer(ReplyRecord.newBuilder()
                .setWorkflowStarted(ReplyRecord.WorkflowStarted.newBuilder()
                        .setExecutionId(Ids.toByteString(ID))
                        .setCreated(true)
                        .setSignalSequence(2)));

        SignalWithStartWorkflowResponse response =
                workflows.signalWithStartWorkflow(SignalWithStartWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowId("cart-1")
                        .setWorkflowKind("cart")
                        .setSignalName("add")
                        .setSignalValue(json("[1]"))
                        .build());

        assertEquals(ID.toString(), response.getWorkflowExecutionId());
        assertTrue(response.getWorkflowCreated());
        assertEquals(2, response.getSignalEventSequence());
        assertEquals(10_000, door.log.onlyCommand().getSignalWithStart().getMaxSignals());
    }

    @Test
    void aChildTakesTheQueueOfItsParent() {
        answerStarted(ID, false, false);
        UUID parent = UUID.randomUUID();
        door.reads.executions.put(
                new MemoryReads.Key(OpenDoor.ALPHA, parent),
                ExecutionView.newBuilder().setQueue("private").build());
        StartChildWorkflowRequest request = StartChildWorkflowRequest.newBuilder()
                .setOrgId(ORG)
                .setParentWorkflowExecutionId(parent.toString())
                .setChildExecutionName("child-1")
                .setWorkflowKind("echo")
                .build();

        workflows.startChildWorkflow(request);

        StartWorkflow start = door.log.onlyCommand().getStartWorkflow();
        assertEquals("private", start.getQueue());
        assertEquals(parent, Ids.fromBytes(start.getParentExecutionId()));
        refused(
                Status.Code.NOT_FOUND,
                "parent",
                () -> workflows.startChildWorkflow(request.toBuilder()
                        .setParentWorkflowExecutionId(UUID.randomUUID().toString())
                        .build()));
    }

    @Test
    void refusalsOfTheEngineKeepTheirReasonAndAreNotRecordedTwice() {
        door.log.refuse(RefusalReason.FAILED_PRECONDITION, "expected an open workflow, but it is closed");

        refused(
                Status.Code.FAILED_PRECONDITION,
                "expected an open workflow, but it is closed",
                () -> workflows.signalWorkflow(SignalWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowExecutionId(ID.toString())
                        .setSignalName("go")
                        .build()));

        assertTrue(door.log.refusals().isEmpty());
    }

    @Test
    void anOutageSaysSoInTheWordsThatWorkersLookFor() {
        door.log.answerBy(command -> CompletableFuture.failedFuture(
                new CommandLogException("expected an answer within 5 s, but none came", true, null)));
        refused(
                Status.Code.UNAVAILABLE,
                "UNAVAILABLE: expected an answer within 5 s",
                () -> workflows.startWorkflow(StartWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowKind("echo")
                        .build()));

        door.reads.outage = new ReadsUnavailableException("expected an owner of partition 3, but there is none");
        refused(
                Status.Code.UNAVAILABLE,
                "UNAVAILABLE: expected an owner",
                () -> workflows.getEvents(GetEventsRequest.newBuilder()
                        .setWorkflowExecutionId(ID.toString())
                        .build()));
    }

    @Test
    void badStartsAreRefusedAndTheRefusalIsRecorded() {
        StartWorkflowRequest good = StartWorkflowRequest.newBuilder()
                .setOrgId(ORG)
                .setWorkflowKind("echo")
                .build();

        refusedStart("org_id", good.toBuilder().setOrgId("alpha"));
        refusedStart("workflow_kind", good.toBuilder().setWorkflowKind(""));
        refusedStart("input", good.toBuilder().setInput(json("not json")));
        refusedStart("queue", good.toBuilder().setQueue("q".repeat(300)));
        refusedStart("idempotency_key_ttl_seconds", good.toBuilder().setIdempotencyKeyTtlSeconds(0));
        refusedStart("parent_workflow_execution_id", good.toBuilder().setParentWorkflowExecutionId("x"));
        refused(
                Status.Code.RESOURCE_EXHAUSTED,
                "input",
                () -> workflows.startWorkflow(good.toBuilder()
                        .setInput(json("\"" + "a".repeat(1 << 20) + "\""))
                        .build()));

        assertEquals(7, door.log.refusals().size());
        assertEquals(7, door.log.entries().size());
    }

    @Test
    void aSubmissionIsTakenAsAWhole() {
        workflows.submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(ID.toString())
                .setStatus(WorkflowStatus.COMPLETED)
                .addCommands(operation("1"))
                .addCommands(WorkflowCommand.getDefaultInstance())
                .addCommands(WorkflowCommand.newBuilder()
                        .setCompleteWorkflow(
                                CompleteWorkflowCommand.newBuilder().setOutput(json("{}"))))
                .build());

        var submitted = door.log.onlyCommand().getSubmitCommands();
        assertEquals(3, submitted.getCommandsCount());
        assertEquals(SubmitCommands.Status.COMPLETED, submitted.getStatus());
        assertEquals(5, submitted.getMaxStaleRounds());
        assertEquals(100, submitted.getStaleRetryDelayMs());
    }

    @Test
    void oneBadCommandRefusesTheSubmissionAndIsNamed() {
        refusedSubmission("command 1: expected one JSON value", operation("1"), operation("{"));
        refusedSubmission(
                "command 0: expected a UUID as task_execution_id",
                WorkflowCommand.newBuilder()
                        .setScheduleTask(
                                ScheduleTaskCommand.newBuilder().setKind("t").setTaskExecutionId("task-1"))
                        .build());
        assertEquals(2, door.log.refusals().size());
    }

    @Test
    void promisesAreFoundByAllTheirNames() {
        UUID promise = UUID.randomUUID();
        resolve(promise.toString());
        resolve(ID + ":approval");
        workflows.rejectPromise(RejectPromiseRequest.newBuilder()
                .setPromiseId(ID + "/approval/2")
                .setError("no")
                .build());

        var byId = door.log.entries().get(0);
        assertEquals(promise, Ids.fromBytes(byId.command().getResolvePromise().getPromiseId()));
        assertTrue(byId.command().getResolvePromise().getExecutionId().isEmpty());
        assertEquals(Shards.partition(promise, 8), byId.partition());
        var byName = door.log.entries().get(1);
        assertEquals("approval", byName.command().getResolvePromise().getPromiseName());
        assertEquals(ID, Ids.fromBytes(byName.command().getResolvePromise().getExecutionId()));
        assertEquals(Shards.partition(ID, 8), byName.partition());
        assertEquals(
                "approval/2",
                door.log.entries().get(2).command().getRejectPromise().getPromiseName());
        refused(Status.Code.INVALID_ARGUMENT, "promise_id", () -> resolve("approval"));
        refused(Status.Code.INVALID_ARGUMENT, "promise name", () -> resolve(ID + ":"));
    }

    @Test
    void historiesComeFromTheStoresWhileTheyAreThere() {
        ByteString data = json("{\"input\":null}");
        door.reads.histories.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                HistoryView.newBuilder()
                        .addEvents(EventRecord.newBuilder()
                                .setHistorySequence(1)
                                .setType("WORKFLOW_STARTED")
                                .setData(data))
                        .build());

        GetEventsResponse response = events(ID);

        assertEquals(1, response.getEventsCount());
        assertEquals(1, response.getEvents(0).getSequenceNumber());
        assertEquals("WORKFLOW_STARTED", response.getEvents(0).getEventType());
        assertEquals(data, response.getEvents(0).getEventData());
    }

    @Test
    void historiesComeFromTheReadModelAfterwards() {
        door.queries.histories.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                List.of(new EventRow(1, "WORKFLOW_STARTED", json("{\"input\":1}"), 5)));

        assertEquals("{\"input\":1}", events(ID).getEvents(0).getEventData().toStringUtf8());
        refused(Status.Code.NOT_FOUND, "workflow execution", () -> events(UUID.randomUUID()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "workflow_execution_id",
                () -> workflows.getEvents(GetEventsRequest.getDefaultInstance()));
    }

    @Test
    void queriesAnswerFromTheStateMap() {
        door.reads.states.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                WorkflowStateView.newBuilder()
                        .putValues("step", json("\"two\""))
                        .build());

        assertEquals("\"two\"", query(ID, "step").getResult().toStringUtf8());
        assertEquals("{\"step\":\"two\"}", query(ID, "").getResult().toStringUtf8());
        assertEquals("{\"step\":\"two\"}", query(ID, "__state").getResult().toStringUtf8());
        assertTrue(query(ID, "unknown").getError().contains("'unknown'"));
        assertFalse(query(ID, "step").hasError());
    }

    @Test
    void queriesOfOldWorkflowsAnswerFromTheirHistory() {
        door.queries.histories.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                List.of(
                        new EventRow(1, "WORKFLOW_STARTED", json("{\"input\":1}"), 5),
                        new EventRow(2, "STATE_SET", json("{\"key\":\"a\",\"value\":1.0}"), 5),
                        new EventRow(3, "STATE_SET", json("{\"key\":\"b\",\"value\":2}"), 5),
                        new EventRow(4, "STATE_CLEARED", json("{\"key\":\"b\"}"), 5)));

        assertEquals("{\"a\":1.0}", query(ID, "__state").getResult().toStringUtf8());
        refused(Status.Code.NOT_FOUND, "workflow execution", () -> query(UUID.randomUUID(), "a"));
    }

    @Test
    void aTaskIsReportedToItsWorkflow() {
        UUID task = UUID.randomUUID();
        UUID handedOut = UUID.randomUUID();
        door.places.put(OpenDoor.ALPHA, handedOut, ID);
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, task),
                TaskView.newBuilder()
                        .setTaskId(Ids.toByteString(task))
                        .setExecutionId(Ids.toByteString(ID))
                        .build());

        complete(handedOut);
        complete(task);

        for (var entry : door.log.entries()) {
            assertEquals(ID, Ids.fromBytes(entry.command().getCompleteTask().getExecutionId()));
            assertEquals(Shards.partition(ID, 8), entry.partition());
        }
        assertEquals(2, door.log.entries().size());
        assertEquals(ID, door.places.find(OpenDoor.ALPHA, task).orElseThrow());
        refused(Status.Code.NOT_FOUND, "task execution", () -> complete(UUID.randomUUID()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "task_execution_id",
                () -> tasks.completeTask(CompleteTaskRequest.getDefaultInstance()));
    }

    @Test
    void aStandaloneTaskIsItsOwnExecution() {
        UUID task = UUID.randomUUID();
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, task),
                TaskView.newBuilder().setTaskId(Ids.toByteString(task)).build());

        tasks.logMessage(LogMessageRequest.newBuilder()
                .setTaskExecutionId(task.toString())
                .setLevel("warn")
                .setMessage("m".repeat(100_000))
                .build());

        var line = door.log.onlyCommand().getLogTaskMessage();
        assertEquals(task, Ids.fromBytes(line.getExecutionId()));
        assertEquals("WARN", line.getLevel());
        assertTrue(line.getMessage().length() < 10_000);
    }

    @Test
    void levelsThatAreNamedOtherwiseDoNotCostTheLine() {
        UUID task = UUID.randomUUID();
        door.places.put(OpenDoor.ALPHA, task, task);

        for (String level : List.of("WARNING", "warning", "Error", "CRITICAL", "")) {
            tasks.logMessage(LogMessageRequest.newBuilder()
                    .setTaskExecutionId(task.toString())
                    .setLevel(level)
                    .setMessage("m")
                    .build());
        }

        assertEquals(
                List.of("WARN", "WARN", "ERROR", "INFO", "INFO"),
                door.log.entries().stream()
                        .map(entry -> entry.command().getLogTaskMessage().getLevel())
                        .toList());
    }

    @Test
    void whatATaskStreamsIsASignOfLifeNowAndThen() {
        UUID justBegun = runningSince(System.currentTimeMillis());
        UUID longAtIt = runningSince(System.currentTimeMillis() - 200_000);

        for (int piece = 0; piece < 3; piece++) {
            stream(justBegun, piece);
            stream(longAtIt, piece);
        }

        var heartbeat = door.log.onlyCommand().getHeartbeatTask();
        assertEquals(longAtIt, Ids.fromBytes(heartbeat.getTaskId()));
        assertEquals(longAtIt, Ids.fromBytes(heartbeat.getExecutionId()));
        assertEquals(Shards.partition(longAtIt, 8), door.log.entries().get(0).partition());
    }

    @Test
    void whatOthersStreamTakesNoSignOfLifeFromTheHolder() {
        UUID task = runningSince(System.currentTimeMillis() - 200_000);
        var others = OpenDoor.with(TaskExecutionGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY);

        for (int piece = 0; piece < 3; piece++) {
            assertTrue(others.streamTaskData(piece(task, piece)).getAcknowledged());
            stream(task, piece);
        }

        assertEquals(
                List.of("ann", "mill"),
                door.log.entries().stream()
                        .filter(entry -> entry.command().hasHeartbeatTask())
                        .map(entry -> entry.command().getPrincipal().getId())
                        .toList());
    }

    private UUID runningSince(long startedAtMs) {
        UUID task = UUID.randomUUID();
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, task),
                TaskView.newBuilder().setStartedAtMs(startedAtMs).build());
        return task;
    }

    private void stream(UUID task, int sequence) {
        assertTrue(tasks.streamTaskData(piece(task, sequence)).getAcknowledged());
    }

    private static StreamTaskDataRequest piece(UUID task, int sequence) {
        return StreamTaskDataRequest.newBuilder()
                .setTaskExecutionId(task.toString())
                .setSequence(sequence)
                .setType(StreamEventType.STREAM_EVENT_TYPE_TOKEN)
                .setPayload("{}")
                .build();
    }

    @Test
    void aSubmittedTaskLiesWithItsKeyOrItsWorkflow() {
        door.log.answer(ReplyRecord.newBuilder()
                .setTaskSubmitted(ReplyRecord.TaskSubmitted.newBuilder().setTaskId(Ids.toByteString(ID))));
        SubmitTaskRequest request = SubmitTaskRequest.newBuilder()
                .setOrgId(ORG)
                .setKind("resize")
                .setMaxRetries(2)
                .build();

        door.reads.executions.put(new MemoryReads.Key(OpenDoor.ALPHA, ID), ExecutionView.getDefaultInstance());
        tasks.submitTask(request.toBuilder().setIdempotencyKey("k").build());
        tasks.submitTask(
                request.toBuilder().setWorkflowExecutionId(ID.toString()).build());

        var keyed = door.log.entries().get(0);
        assertEquals(Shards.partition(Shards.of(OpenDoor.ALPHA, "k"), 8), keyed.partition());
        SubmitTask body = keyed.command().getSubmitTask();
        assertTrue(body.getExecutionId().isEmpty());
        assertEquals(keyed.partition(), Shards.partition(Ids.fromBytes(body.getTaskId()), 8));
        assertEquals(2, body.getMaxRetries());
        assertEquals(ID, door.places.find(OpenDoor.ALPHA, ID).orElseThrow());
        assertEquals(Shards.partition(ID, 8), door.log.entries().get(1).partition());
        refused(
                Status.Code.INVALID_ARGUMENT,
                "timeout_ms",
                () -> tasks.submitTask(request.toBuilder().setTimeoutMs(-1).build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "max_retries",
                () -> tasks.submitTask(request.toBuilder().setMaxRetries(-1).build()));
    }

    @Test
    void taskStateIsReadFromTheStores() {
        UUID task = UUID.randomUUID();
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, task),
                TaskView.newBuilder()
                        .putState("b", json("2"))
                        .putState("a", json("1"))
                        .build());

        var found = tasks.getState(GetStateRequest.newBuilder()
                .setTaskExecutionId(task.toString())
                .setKey("a")
                .build());
        var absent = tasks.getState(GetStateRequest.newBuilder()
                .setTaskExecutionId(task.toString())
                .setKey("c")
                .build());

        assertTrue(found.getFound());
        assertEquals("1", found.getValue().toStringUtf8());
        assertFalse(absent.getFound());
        assertEquals(
                List.of("a", "b"),
                tasks.getStateKeys(GetStateKeysRequest.newBuilder()
                                .setTaskExecutionId(task.toString())
                                .build())
                        .getKeysList());
    }

    @Test
    void everyRegistrationHasItsOwnId() {
        WorkerRegistrationRequest request = WorkerRegistrationRequest.newBuilder()
                .setOrgId(ORG)
                .setWorkerName("ffi-worker-default")
                .setWorkerType("UNIFIED")
                .addWorkflows(WorkflowCapability.newBuilder().setKind("echo"))
                .addTasks(TaskCapability.newBuilder().setKind("resize"))
                .addTasks(TaskCapability.newBuilder().setKind("render").setTimeoutSeconds(1_800))
                .addTasks(TaskCapability.newBuilder().setKind("odd").setTimeoutSeconds(-1))
                .build();

        String first = workers.registerWorker(request).getWorkerId();
        String second = workers.registerWorker(request).getWorkerId();

        assertNotEquals(first, second);
        WorkerRegistration registration =
                door.directory.worker(OpenDoor.ALPHA, first).orElseThrow();
        assertEquals(List.of("echo"), registration.getWorkflowKindsList());
        assertEquals(List.of("resize", "render", "odd"), registration.getTaskKindsList());
        assertEquals(Map.of("render", 1_800), registration.getTaskTimeoutSecondsMap());
        assertEquals("mill", registration.getPrincipal().getId());
        assertTrue(door.directory.lastSeenMs(OpenDoor.ALPHA, second) > 0);
        refused(
                Status.Code.INVALID_ARGUMENT,
                "worker_type",
                () -> workers.registerWorker(
                        request.toBuilder().setWorkerType("ROBOT").build()));
    }

    @Test
    void heartbeatsSucceedEvenOfWorkersThatNobodyKnows() {
        workers.sendHeartbeat(
                WorkerHeartbeatRequest.newBuilder().setWorkerId(ID.toString()).build());

        assertEquals(0, door.directory.lastSeenMs(OpenDoor.ALPHA, ID.toString()), "of strangers nothing is kept");
        assertFalse(door.directory.beats(OpenDoor.ALPHA, ID.toString()));
    }

    @Test
    void aHeartbeatOfAnotherPrincipalIsNoSignOfLifeOfTheWorker() {
        String worker = workers.registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setOrgId(OpenDoor.ALPHA.toString())
                        .setWorkerName("mill")
                        .build())
                .getWorkerId();
        WorkerHeartbeatRequest beat =
                WorkerHeartbeatRequest.newBuilder().setWorkerId(worker).build();

        OpenDoor.with(WorkerLifecycleGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY)
                .sendHeartbeat(beat);
        assertFalse(door.directory.beats(OpenDoor.ALPHA, worker));

        workers.sendHeartbeat(beat);
        assertTrue(door.directory.beats(OpenDoor.ALPHA, worker));
    }

    @Test
    void aHeartbeatByANameThatTwoPrincipalsUseIsOneOfTheCallersWorker() {
        WorkerRegistrationRequest request = WorkerRegistrationRequest.newBuilder()
                .setOrgId(OpenDoor.ALPHA.toString())
                .setWorkerName("shared")
                .build();
        String own = workers.registerWorker(request).getWorkerId();
        WorkerRegistration others = door.directory.worker(OpenDoor.ALPHA, own).orElseThrow().toBuilder()
                .setWorkerId(Ids.toByteString(ID))
                .setRegisteredAtMs(Long.MAX_VALUE)
                .setPrincipal(Principal.newBuilder()
                        .setType(Principal.Type.WORKER)
                        .setId("another")
                        .setCredential("key"))
                .build();
        door.directory.register(others).join();
        door.directory.seen(OpenDoor.ALPHA, ID.toString());

        workers.sendHeartbeat(
                WorkerHeartbeatRequest.newBuilder().setWorkerId("shared").build());

        assertTrue(door.directory.beats(OpenDoor.ALPHA, own));
        assertFalse(door.directory.beats(OpenDoor.ALPHA, ID.toString()));
        assertEquals(0, door.directory.lastSeenMs(OpenDoor.ALPHA, "shared"), "a name alone is nobody's sign of life");
    }

    @Test
    void spansAreCountedNotRefused() {
        ExecutionSpan good = ExecutionSpan.newBuilder()
                .setSpanId("s1")
                .setSpanType("workflow.execute")
                .setWorkflowId(ID.toString())
                .setStartTimeUnixNs(1)
                .setEndTimeUnixNs(2)
                .build();

        ReportExecutionSpansResponse response = workflows.reportExecutionSpans(ReportExecutionSpansRequest.newBuilder()
                .addSpans(good)
                .addSpans(good.toBuilder().setWorkflowId("standalone"))
                .addSpans(good.toBuilder().setSpanType("tea.break"))
                .addSpans(good.toBuilder().setEndTimeUnixNs(0))
                .build());

        assertEquals(2, response.getAcceptedCount());
        assertEquals(2, response.getRejectedCount());
    }

    @Test
    void anAnswerThatComesLateIsSentWhenItComes() throws Exception {
        CompletableFuture<ReplyRecord> late = new CompletableFuture<>();
        CompletableFuture<Boolean> asked = new CompletableFuture<>();
        door.log.answerBy(command -> {
            asked.complete(true);
            return late;
        });
        var future = OpenDoor.with(WorkflowDispatchGrpc.newFutureStub(door.channel()), OpenDoor.USER_KEY)
                .startWorkflow(StartWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowKind("echo")
                        .build());

        asked.get();
        assertFalse(future.isDone());
        late.complete(started(ID, false, false).build());

        assertEquals(ID.toString(), future.get().getWorkflowExecutionId());
    }

    @Test
    void theEngineIsToldOfReportsThatAreRefused() {
        door.places.put(OpenDoor.ALPHA, TASK, ID);
        refusedSubmission("JSON", operation("{"));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "JSON",
                () -> tasks.completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(TASK.toString())
                        .setOutput(json("NaN"))
                        .build()));
        door.log.refuse(RefusalReason.FAILED_PRECONDITION, "expected another kind");
        refused(
                Status.Code.FAILED_PRECONDITION,
                "another kind",
                () -> workflows.submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                        .setWorkflowExecutionId(ID.toString())
                        .build()));
        door.log.refuse(RefusalReason.NOT_FOUND, "expected an execution");
        refused(Status.Code.NOT_FOUND, "expected an execution", () -> complete(TASK));

        List<ReportRefused> told = door.log.entries().stream()
                .map(ScriptedLog.Entry::command)
                .filter(CommandRecord::hasReportRefused)
                .map(CommandRecord::getReportRefused)
                .toList();
        ReportRefused submission = told.get(0);
        assertEquals(3, told.size());
        assertEquals(Ids.toByteString(ID), submission.getExecutionId());
        assertTrue(submission.getTaskId().isEmpty());
        assertTrue(submission.getText().startsWith("command 0: expected one JSON value"), submission.getText());
        assertEquals(10_000, submission.getGraceMs());
        assertEquals(3, submission.getMaxRounds());
        assertEquals(Ids.toByteString(TASK), told.get(1).getTaskId());
        assertEquals(Ids.toByteString(ID), told.get(1).getExecutionId());
        assertEquals("expected another kind", told.get(2).getText());
    }

    @Test
    void retriesBeyondTheLimitAreRefusedAndNotMadeOthers() {
        for (int retries : List.of(Integer.MAX_VALUE, 101, -1)) {
            refusedSubmission(
                    "command 1: expected 0 to 100 as max_retries, but got " + retries, retried(7), retried(retries));
        }
        assertEquals(3, door.log.refusals().size());
        workflows.submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(ID.toString())
                .addCommands(retried(100))
                .build());
    }

    @Test
    void commandsThatNobodyKnowsAreRefusedAndNotLeftOut() {
        WorkflowCommand operation = operation("1");
        refusedSubmission(
                "command 1: expected a known command_type, but got 99",
                operation,
                WorkflowCommand.newBuilder().setCommandTypeValue(99).build());
        refusedSubmission(
                "command 0: expected a known command_type, but got 99",
                operation.toBuilder().setCommandTypeValue(99).build());
        refusedSubmission(
                "command 0: expected data of a known command, but got fields of the numbers [40]",
                WorkflowCommand.newBuilder()
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(
                                        40,
                                        UnknownFieldSet.Field.newBuilder()
                                                .addLengthDelimited(json("x"))
                                                .build())
                                .build())
                        .build());
        for (CommandType type : CommandType.values()) {
            if (type != CommandType.COMMAND_TYPE_UNSPECIFIED && type != CommandType.UNRECOGNIZED) {
                refusedSubmission(
                        "command 0: expected the data of " + type + ", but there are none",
                        WorkflowCommand.newBuilder().setCommandType(type).build());
            }
        }
        refusedSubmission(
                "command 0: expected the data of START_TIMER, but got those of RECORD_OPERATION",
                operation.toBuilder().setCommandType(CommandType.START_TIMER).build());
    }

    @Test
    void payloadsThatAreNoUtf8AreRefusedWhereverTheyCome() {
        ByteString overlong = ByteString.copyFrom(new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'});

        refusedStart(
                "as input, but the 4 bytes are no UTF-8",
                StartWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowKind("k")
                        .setInput(overlong));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "as output, but the 4 bytes are no UTF-8",
                () -> tasks.completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(TASK.toString())
                        .setOutput(overlong)
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "as value, but the 4 bytes are no UTF-8",
                () -> workflows.resolvePromise(ResolvePromiseRequest.newBuilder()
                        .setPromiseId(ID.toString())
                        .setValue(overlong)
                        .build()));
    }

    private static WorkflowCommand retried(int maxRetries) {
        return WorkflowCommand.newBuilder()
                .setScheduleTask(ScheduleTaskCommand.newBuilder()
                        .setTaskExecutionId(UUID.randomUUID().toString())
                        .setKind("t")
                        .setMaxRetries(maxRetries))
                .build();
    }

    private void answerStarted(UUID id, boolean used, boolean fresh) {
        door.log.answer(started(id, used, fresh));
    }

    private static ReplyRecord.Builder started(UUID id, boolean used, boolean fresh) {
        return ReplyRecord.newBuilder()
                .setWorkflowStarted(ReplyRecord.WorkflowStarted.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setIdempotencyKeyUsed(used)
                        .setIdempotencyKeyNew(fresh));
    }

    private GetEventsResponse events(UUID id) {
        return workflows.getEvents(GetEventsRequest.newBuilder()
                .setWorkflowExecutionId(id.toString())
                .build());
    }

    private QueryWorkflowResponse query(UUID id, String name) {
        return queries.queryWorkflow(QueryWorkflowRequest.newBuilder()
                .setWorkflowExecutionId(id.toString())
                .setQueryName(name)
                .build());
    }

    private void resolve(String promise) {
        workflows.resolvePromise(ResolvePromiseRequest.newBuilder()
                .setPromiseId(promise)
                .setValue(json("1"))
                .build());
    }

    private void complete(UUID task) {
        tasks.completeTask(CompleteTaskRequest.newBuilder()
                .setTaskExecutionId(task.toString())
                .setOutput(json("1"))
                .build());
    }

    private void refusedStart(String named, StartWorkflowRequest.Builder request) {
        refused(Status.Code.INVALID_ARGUMENT, named, () -> workflows.startWorkflow(request.build()));
    }

    private void refusedSubmission(String text, WorkflowCommand... commands) {
        refused(
                Status.Code.INVALID_ARGUMENT,
                text,
                () -> workflows.submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                        .setWorkflowExecutionId(ID.toString())
                        .addAllCommands(List.of(commands))
                        .build()));
    }

    private static StatusRuntimeException refused(Status.Code code, String named, Runnable call) {
        StatusRuntimeException error = assertThrows(StatusRuntimeException.class, call::run);
        assertEquals(code, error.getStatus().getCode());
        assertTrue(error.getMessage().contains(named), error.getMessage());
        return error;
    }

    private static WorkflowCommand operation(String result) {
        return WorkflowCommand.newBuilder()
                .setRecordOperation(RecordOperationCommand.newBuilder()
                        .setOperationName("op")
                        .setResult(json(result)))
                .build();
    }

    private static ByteString json(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
