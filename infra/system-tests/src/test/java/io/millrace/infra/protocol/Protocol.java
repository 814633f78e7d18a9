package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.protocol.SharedServers.Place;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/** What the tests of the protocol have in common: a queue of their own, and the calls of a worker, one by one. */
@ExtendWith(SharedServers.class)
abstract class Protocol {

    /** Time that a poll waits for work that must come, seconds. */
    static final int LONG_S = 30;

    private static final ObjectMapper JSON = new ObjectMapper();

    final Place place;
    final TestClient worker;
    final String orgId;
    final String queue = "q-" + UUID.randomUUID();

    Protocol() {
        this(SharedServers.usual());
    }

    Protocol(Place place) {
        this(place, place.worker(), SharedServers.ORG);
    }

    /** @param orgId organisation of the worker */
    Protocol(Place place, TestClient worker, String orgId) {
        this.place = place;
        this.worker = worker;
        this.orgId = orgId;
    }

    // ---- a workflow's worker

    final StartWorkflowRequest.Builder startRequest() {
        return TestClient.startRequest("flow", queue).setOrgId(orgId);
    }

    /** @return id of a new workflow on the queue of the test */
    final String start() {
        return worker.workflows().startWorkflow(startRequest().build()).getWorkflowExecutionId();
    }

    /** @return id of a new workflow that a worker holds */
    final String running() {
        String id = start();
        assertEquals(id, claim().getId());
        return id;
    }

    /** @return id of a new workflow whose worker submitted these commands and suspended */
    final String waiting(WorkflowCommand... commands) {
        String id = running();
        suspend(id, commands);
        return id;
    }

    /** @return work of the queue; fails the test if none comes */
    final WorkflowExecution claim() {
        return poll(LONG_S)
                .orElseThrow(() -> new AssertionError("expected ready work on " + queue + ", but there was none"));
    }

    final Optional<WorkflowExecution> poll(int seconds) {
        PollResponse response = worker.workflows()
                .pollWorkflow(TestClient.pollRequest(queue + "-workflows", queue, seconds).toBuilder()
                        .setOrgId(orgId)
                        .build());
        return response.hasWorkflowExecution() ? Optional.of(response.getWorkflowExecution()) : Optional.empty();
    }

    final void assertNothingReady() {
        assertTrue(poll(0).isEmpty(), "expected nothing ready on " + queue);
    }

    final void submit(String id, WorkflowStatus status, WorkflowCommand... commands) {
        worker.workflows().submitWorkflowCommands(batch(id, status, 1, commands));
    }

    final void suspend(String id, WorkflowCommand... commands) {
        submit(id, WorkflowStatus.SUSPENDED, commands);
    }

    final void complete(String id) {
        submit(id, WorkflowStatus.COMPLETED, Commands.complete("1"));
    }

    /** @param first sequence number of the first command */
    static SubmitWorkflowCommandsRequest batch(
            String id, WorkflowStatus status, int first, WorkflowCommand... commands) {
        SubmitWorkflowCommandsRequest.Builder request = SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(id)
                .setStatus(status);
        for (int i = 0; i < commands.length; i++) {
            request.addCommands(commands[i].toBuilder().setSequenceNumber(first + i));
        }
        return request.build();
    }

    final long signal(String id, String name, String value) {
        return worker.workflows().signalWorkflow(signalRequest(id, name, value)).getSignalEventSequence();
    }

    final SignalWorkflowRequest signalRequest(String id, String name, String value) {
        return SignalWorkflowRequest.newBuilder()
                .setOrgId(orgId)
                .setWorkflowExecutionId(id)
                .setSignalName(name)
                .setSignalValue(Commands.json(value))
                .build();
    }

    // ---- a task's worker

    static String newId() {
        return UUID.randomUUID().toString();
    }

    /** @return the task; fails the test if none comes */
    final TaskExecutionInfo claimTask() {
        return pollTask(LONG_S)
                .orElseThrow(() -> new AssertionError("expected a ready task on " + queue + ", but there was none"));
    }

    final Optional<TaskExecutionInfo> pollTask(int seconds) {
        PollTaskResponse response = worker.tasks().pollTask(taskPoll(queue + "-tasks", queue, seconds));
        return response.hasTask() ? Optional.of(response.getTask()) : Optional.empty();
    }

    final PollTaskRequest taskPoll(String workerId, String queue, int seconds) {
        return PollTaskRequest.newBuilder()
                .setOrgId(orgId)
                .setWorkerId(workerId)
                .setQueue(queue)
                .setTimeoutSeconds(seconds)
                .build();
    }

    final void completeTask(String id, String output) {
        worker.tasks()
                .completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setOutput(Commands.json(output))
                        .build());
    }

    final void failTask(String id, String error) {
        worker.tasks()
                .failTask(FailTaskRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setError(error)
                        .build());
    }

    /** @return what GET says of the task */
    final JsonNode task(String id) {
        return place.http()
                .get(place.server().http("/api/orgs/dev/task-executions/" + id))
                .body();
    }

    final void cancelWorkflow(String id, String reason) {
        assertEquals(
                200,
                place.http()
                        .post(
                                place.server().http("/api/orgs/dev/workflow-executions/" + id + "/cancel"),
                                "{\"reason\":\"" + reason + "\"}")
                        .status());
    }

    /** @return what GET says of the workflow's status */
    final String status(String workflow) {
        return place.http()
                .get(place.server().http("/api/orgs/dev/workflow-executions/" + workflow))
                .body()
                .path("status")
                .asText();
    }

    // ---- histories

    /** An event with its data read. */
    record Seen(int sequence, String type, JsonNode data) {

        String text(String field) {
            return data.path(field).asText();
        }
    }

    final List<Seen> history(String id) {
        return worker.events(id).stream().map(Protocol::seen).toList();
    }

    private static Seen seen(WorkflowEvent event) {
        return new Seen(
                event.getSequenceNumber(),
                event.getEventType(),
                parse(event.getEventData().toStringUtf8()));
    }

    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("expected JSON, but got " + json, e);
        }
    }

    final List<String> types(String id) {
        return worker.eventTypes(id);
    }

    /** @return the one event of the type; fails the test if there are none or several */
    final Seen only(String id, String type) {
        List<Seen> found =
                history(id).stream().filter(event -> event.type().equals(type)).toList();
        assertEquals(1, found.size(), () -> "expected one " + type + " in " + types(id));
        return found.get(0);
    }

    /** @return the execution of the parent's first child of the name, which is not what its worker calls it */
    final String childOf(String parent, String name) {
        return history(parent).stream()
                .filter(event -> event.type().equals("CHILD_WORKFLOW_INITIATED"))
                .filter(event -> event.text("childExecutionName").equals(name))
                .map(event -> event.text("childExecutionId"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("expected a child " + name + " in " + types(parent)));
    }

    /** Waits until an execution that another one starts is there. */
    final void awaitStarted(String id) {
        Await.until(
                "execution " + id,
                () -> place.http()
                                .get(place.server().http("/api/orgs/dev/workflow-executions/" + id))
                                .status()
                        == 200);
    }

    /** Waits until the history is as said. */
    final void awaitTypes(String id, String... expected) {
        List<String> wanted = List.of(expected);
        Await.until("history " + wanted + " of " + id, () -> types(id).equals(wanted));
    }

    /** Waits until the history ends with these. */
    final void awaitLast(String id, String... expected) {
        List<String> wanted = List.of(expected);
        Await.until("history of " + id + " ending with " + wanted, () -> {
            List<String> types = types(id);
            return types.size() >= wanted.size()
                    && types.subList(types.size() - wanted.size(), types.size()).equals(wanted);
        });
    }

    // ---- refusals

    /** The call is refused with the status, and the text says something like this. */
    static void assertRefused(Status.Code code, String text, Executable call) {
        StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, call);
        String said = String.valueOf(refusal.getStatus().getDescription());

        assertEquals(code, refusal.getStatus().getCode(), said);
        assertTrue(said.contains("expected"), () -> "expected the text to say what was expected, but it says " + said);
        assertTrue(said.contains(text), () -> "expected '" + text + "' in '" + said + "'");
    }
}
