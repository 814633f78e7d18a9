package io.millrace.infra.protocol;

import com.google.protobuf.ByteString;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.ClearAllStateRequest;
import io.millrace.proto.flovyn.v1.ClearStateRequest;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetStateKeysRequest;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.HeartbeatRequest;
import io.millrace.proto.flovyn.v1.LogMessageRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.QueryWorkflowRequest;
import io.millrace.proto.flovyn.v1.RejectPromiseRequest;
import io.millrace.proto.flovyn.v1.ReportProgressRequest;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SetStateRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartChildWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.ContinueAsNewRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Every RPC that takes an id, an organisation or a payload, with a place for that one thing and good values elsewhere. */
final class Calls {

    private Calls() {}

    /** A call with one thing left open. */
    interface Call<T> {

        /** Makes the call; throws what the server refuses it with. */
        void make(TestClient client, String orgId, T open);
    }

    /** A call with its payload left open, for a workflow that runs and a task of it that runs. */
    interface PayloadCall {

        /** Makes the call; throws what the server refuses it with. */
        void make(TestClient client, String workflow, String task, ByteString payload);
    }

    /** @return the calls that name a workflow execution, by their names */
    static Map<String, Call<String>> ofWorkflows() {
        Map<String, Call<String>> calls = new LinkedHashMap<>();
        calls.put(
                "GetEvents",
                (client, org, id) -> client.workflows()
                        .getEvents(GetEventsRequest.newBuilder()
                                .setWorkflowExecutionId(id)
                                .build()));
        calls.put(
                "SubmitWorkflowCommands",
                (client, org, id) -> client.workflows()
                        .submitWorkflowCommands(
                                Protocol.batch(id, WorkflowStatus.COMPLETED, 1, Commands.complete("1"))));
        calls.put(
                "SignalWorkflow",
                (client, org, id) -> client.workflows()
                        .signalWorkflow(SignalWorkflowRequest.newBuilder()
                                .setOrgId(org)
                                .setWorkflowExecutionId(id)
                                .setSignalName("s")
                                .build()));
        calls.put(
                "ResolvePromise",
                (client, org, id) -> client.workflows()
                        .resolvePromise(ResolvePromiseRequest.newBuilder()
                                .setPromiseId(id + ":p")
                                .build()));
        calls.put(
                "RejectPromise",
                (client, org, id) -> client.workflows()
                        .rejectPromise(RejectPromiseRequest.newBuilder()
                                .setPromiseId(id + "/p")
                                .build()));
        calls.put(
                "QueryWorkflow",
                (client, org, id) -> query(client)
                        .queryWorkflow(QueryWorkflowRequest.newBuilder()
                                .setWorkflowExecutionId(id)
                                .build()));
        calls.put(
                "AwaitEnd",
                (client, org, id) -> client.results()
                        .awaitEnd(AwaitEndRequest.newBuilder()
                                .setWorkflowExecutionId(id)
                                .setWaitMs(1)
                                .build()));
        calls.put(
                "ContinueAsNew",
                (client, org, id) -> client.runs()
                        .continueAsNew(ContinueAsNewRequest.newBuilder()
                                .setWorkflowExecutionId(id)
                                .build()));
        calls.put(
                "StartChildWorkflow",
                (client, org, id) -> client.workflows()
                        .startChildWorkflow(StartChildWorkflowRequest.newBuilder()
                                .setOrgId(org)
                                .setParentWorkflowExecutionId(id)
                                .setChildExecutionName("c")
                                .setWorkflowKind("kid")
                                .build()));
        calls.put(
                "StartWorkflow",
                (client, org, id) -> client.workflows()
                        .startWorkflow(StartWorkflowRequest.newBuilder()
                                .setOrgId(org)
                                .setWorkflowKind("kid")
                                .setParentWorkflowExecutionId(id)
                                .build()));
        return calls;
    }

    /** @return the calls that name a task execution, by their names */
    static Map<String, Call<String>> ofTasks() {
        Map<String, Call<String>> calls = new LinkedHashMap<>();
        calls.put(
                "AwaitEnd",
                (client, org, id) -> client.results()
                        .awaitEnd(AwaitEndRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .setWaitMs(1)
                                .build()));
        calls.put(
                "CompleteTask",
                (client, org, id) -> client.tasks()
                        .completeTask(CompleteTaskRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        calls.put(
                "FailTask",
                (client, org, id) -> client.tasks()
                        .failTask(FailTaskRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        calls.put(
                "CancelTask",
                (client, org, id) -> client.tasks()
                        .cancelTask(CancelTaskRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        calls.put(
                "Heartbeat",
                (client, org, id) -> client.tasks()
                        .heartbeat(HeartbeatRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        calls.put(
                "ReportProgress",
                (client, org, id) -> client.tasks()
                        .reportProgress(ReportProgressRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        calls.put(
                "LogMessage",
                (client, org, id) -> client.tasks()
                        .logMessage(LogMessageRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .setLevel("INFO")
                                .build()));
        calls.put(
                "StreamTaskData",
                (client, org, id) -> client.tasks()
                        .streamTaskData(StreamTaskDataRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .setType(StreamEventType.STREAM_EVENT_TYPE_DATA)
                                .setPayload("{}")
                                .build()));
        calls.put(
                "GetState",
                (client, org, id) -> client.tasks()
                        .getState(GetStateRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .setKey("k")
                                .build()));
        calls.put(
                "SetState",
                (client, org, id) -> client.tasks()
                        .setState(SetStateRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .setKey("k")
                                .build()));
        calls.put(
                "ClearState",
                (client, org, id) -> client.tasks()
                        .clearState(ClearStateRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .setKey("k")
                                .build()));
        calls.put(
                "ClearAllState",
                (client, org, id) -> client.tasks()
                        .clearAllState(ClearAllStateRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        calls.put(
                "GetStateKeys",
                (client, org, id) -> client.tasks()
                        .getStateKeys(GetStateKeysRequest.newBuilder()
                                .setTaskExecutionId(id)
                                .build()));
        return calls;
    }

    /** @return the calls that name their organisation, on the queue that is left open */
    static Map<String, Call<String>> ofOrganisations() {
        Map<String, Call<String>> calls = new LinkedHashMap<>();
        calls.put(
                "StartWorkflow",
                (client, org, queue) -> client.workflows()
                        .startWorkflow(TestClient.startRequest("k", queue)
                                .setOrgId(org)
                                .build()));
        calls.put(
                "SignalWithStartWorkflow",
                (client, org, queue) -> client.workflows()
                        .signalWithStartWorkflow(
                                signalWithStart(queue).setOrgId(org).build()));
        calls.put(
                "PollWorkflow",
                (client, org, queue) -> client.workflows()
                        .pollWorkflow(TestClient.pollRequest("w", queue, 0).toBuilder()
                                .setOrgId(org)
                                .build()));
        calls.put(
                "SubscribeToNotifications",
                (client, org, queue) -> client.workflows()
                        .subscribeToNotifications(SubscriptionRequest.newBuilder()
                                .setOrgId(org)
                                .setWorkerId("w")
                                .setQueue(queue)
                                .build())
                        .hasNext());
        calls.put(
                "SubmitTask",
                (client, org, queue) -> client.tasks()
                        .submitTask(SubmitTaskRequest.newBuilder()
                                .setOrgId(org)
                                .setKind("k")
                                .setQueue(queue)
                                .build()));
        calls.put(
                "PollTask",
                (client, org, queue) -> client.tasks()
                        .pollTask(PollTaskRequest.newBuilder()
                                .setOrgId(org)
                                .setWorkerId("w")
                                .setQueue(queue)
                                .build()));
        calls.put(
                "RegisterWorker",
                (client, org, queue) -> client.workers()
                        .registerWorker(WorkerRegistrationRequest.newBuilder()
                                .setOrgId(org)
                                .setWorkerName("w")
                                .build()));
        return calls;
    }

    /** @return the calls with a payload of JSON, by the names of call and field */
    static Map<String, PayloadCall> withPayloads() {
        Map<String, PayloadCall> calls = new LinkedHashMap<>();
        calls.put(
                "StartWorkflow input",
                (client, workflow, task, json) -> client.workflows()
                        .startWorkflow(TestClient.startRequest("k", "unused")
                                .setInput(json)
                                .build()));
        calls.put(
                "SignalWorkflow signal_value",
                (client, workflow, task, json) -> client.workflows()
                        .signalWorkflow(SignalWorkflowRequest.newBuilder()
                                .setOrgId(SharedServers.ORG)
                                .setWorkflowExecutionId(workflow)
                                .setSignalName("s")
                                .setSignalValue(json)
                                .build()));
        calls.put(
                "SignalWithStartWorkflow workflow_input",
                (client, workflow, task, json) -> client.workflows()
                        .signalWithStartWorkflow(
                                signalWithStart("unused").setWorkflowInput(json).build()));
        calls.put(
                "SignalWithStartWorkflow signal_value",
                (client, workflow, task, json) -> client.workflows()
                        .signalWithStartWorkflow(
                                signalWithStart("unused").setSignalValue(json).build()));
        calls.put(
                "ResolvePromise value",
                (client, workflow, task, json) -> client.workflows()
                        .resolvePromise(ResolvePromiseRequest.newBuilder()
                                .setPromiseId(workflow + ":p")
                                .setValue(json)
                                .build()));
        calls.put(
                "QueryWorkflow params",
                (client, workflow, task, json) -> query(client)
                        .queryWorkflow(QueryWorkflowRequest.newBuilder()
                                .setWorkflowExecutionId(workflow)
                                .setParams(json)
                                .build()));
        calls.put(
                "SubmitTask input",
                (client, workflow, task, json) -> client.tasks()
                        .submitTask(SubmitTaskRequest.newBuilder()
                                .setOrgId(SharedServers.ORG)
                                .setKind("k")
                                .setInput(json)
                                .build()));
        calls.put(
                "CompleteTask output",
                (client, workflow, task, json) -> client.tasks()
                        .completeTask(CompleteTaskRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .setOutput(json)
                                .build()));
        calls.put(
                "SetState value",
                (client, workflow, task, json) -> client.tasks()
                        .setState(SetStateRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .setKey("k")
                                .setValue(json)
                                .build()));
        calls.put(
                "StreamTaskData payload",
                (client, workflow, task, json) -> client.tasks()
                        .streamTaskData(StreamTaskDataRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .setType(StreamEventType.STREAM_EVENT_TYPE_DATA)
                                .setPayload(json.toStringUtf8())
                                .build()));
        commands("")
                .keySet()
                .forEach(name -> calls.put(
                        "SubmitWorkflowCommands " + name,
                        (client, workflow, task, json) -> client.workflows()
                                .submitWorkflowCommands(Protocol.batch(
                                        workflow,
                                        WorkflowStatus.SUSPENDED,
                                        1,
                                        commands(json.toStringUtf8()).get(name)))));
        return calls;
    }

    private static Map<String, WorkflowCommand> commands(String json) {
        return Map.of(
                "RECORD_OPERATION", Commands.operation("o", json),
                "SET_STATE", Commands.set("k", json),
                "COMPLETE_WORKFLOW", Commands.complete(json),
                "RESOLVE_PROMISE", Commands.resolve("p", json),
                "SCHEDULE_TASK",
                        Commands.task(ScheduleTaskCommand.newBuilder()
                                .setTaskExecutionId(Protocol.newId())
                                .setKind("t")
                                .setInput(Commands.json(json))),
                "SCHEDULE_CHILD_WORKFLOW",
                        WorkflowCommand.newBuilder()
                                .setScheduleChildWorkflow(ScheduleChildWorkflowCommand.newBuilder()
                                        .setChildWorkflowExecutionId(Protocol.newId())
                                        .setChildExecutionName("c")
                                        .setWorkflowKind("kid")
                                        .setInput(Commands.json(json)))
                                .build());
    }

    private static SignalWithStartWorkflowRequest.Builder signalWithStart(String queue) {
        return SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(SharedServers.ORG)
                .setWorkflowId(Protocol.newId())
                .setWorkflowKind("k")
                .setSignalName("s")
                .setQueue(queue);
    }

    private static WorkflowQueryGrpc.WorkflowQueryBlockingStub query(TestClient client) {
        return WorkflowQueryGrpc.newBlockingStub(client.channel())
                .withCallCredentials(client.key())
                .withDeadlineAfter(Protocol.LONG_S, TimeUnit.SECONDS);
    }
}
