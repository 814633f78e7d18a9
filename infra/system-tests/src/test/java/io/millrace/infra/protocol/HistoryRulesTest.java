package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.FailWorkflowCommand;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What GetEvents returns: sections 2.1.4, 3 and 6 of the contract. */
class HistoryRulesTest extends Protocol {

    /** Section 3.2. An SDK takes any other type for a completed operation. */
    private static final Set<String> KNOWN_TYPES = Set.of(
            "WORKFLOW_STARTED",
            "OPERATION_COMPLETED",
            "STATE_SET",
            "STATE_CLEARED",
            "TASK_SCHEDULED",
            "TASK_COMPLETED",
            "TASK_FAILED",
            "PROMISE_CREATED",
            "PROMISE_RESOLVED",
            "PROMISE_REJECTED",
            "PROMISE_TIMEOUT",
            "TIMER_STARTED",
            "TIMER_FIRED",
            "TIMER_CANCELLED",
            "CHILD_WORKFLOW_INITIATED",
            "CHILD_WORKFLOW_COMPLETED",
            "CHILD_WORKFLOW_FAILED",
            "SIGNAL_RECEIVED",
            "WORKFLOW_SUSPENDED",
            "CANCELLATION_REQUESTED",
            "WORKFLOW_COMPLETED",
            "WORKFLOW_EXECUTION_FAILED",
            "WORKFLOW_FAILED",
            "WORKFLOW_CANCELLED");

    @Test
    void theExampleOfTheContractComesOutAsWritten() {
        List<String> tasks = List.of(newId(), newId(), newId());
        String id = waiting(tasks.stream().map(task -> Commands.task(task, "t")).toArray(WorkflowCommand[]::new));
        tasks.forEach(task -> completeTask(claimTask().getTaskExecutionId(), "1"));
        Seen first = history(id).get(1);
        assertEquals(tasks.get(0), first.text("taskExecutionId"));
        claim();
        complete(id);

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TASK_SCHEDULED",
                        "TASK_SCHEDULED",
                        "TASK_SCHEDULED",
                        "WORKFLOW_SUSPENDED",
                        "TASK_COMPLETED",
                        "TASK_COMPLETED",
                        "TASK_COMPLETED",
                        "WORKFLOW_COMPLETED"),
                types(id));
    }

    @Test
    void sequenceNumbersStartAtOneWithoutGapsWhateverTheCommandsSay() {
        String id = running();
        worker.workflows()
                .submitWorkflowCommands(
                        batch(id, WorkflowStatus.SUSPENDED, 40, Commands.operation("a", "1"), Commands.set("k", "2")));
        signal(id, "s", "3");

        List<Integer> numbers = history(id).stream().map(Seen::sequence).toList();

        assertEquals(IntStream.rangeClosed(1, 5).boxed().toList(), numbers);
    }

    @Test
    void commandsOfABatchKeepTheirOrder() {
        String id = waiting(
                Commands.timer("t-1", 60_000),
                Commands.operation("a", "1"),
                Commands.promise("p"),
                Commands.set("k", "1"),
                Commands.clear("k"),
                Commands.operation("b", "2"));

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TIMER_STARTED",
                        "OPERATION_COMPLETED",
                        "PROMISE_CREATED",
                        "STATE_SET",
                        "STATE_CLEARED",
                        "OPERATION_COMPLETED",
                        "WORKFLOW_SUSPENDED"),
                types(id));
    }

    @Test
    void payloadsAreEmbeddedAsTheyCame() {
        String number = "{\"big\":12345678901234567890.12345678901234567890, \"u\":\"\\u00e9\"}";
        String id = waiting(Commands.operation("op", number));

        String data = data(id, "OPERATION_COMPLETED");

        assertTrue(data.contains(number), data);
    }

    @Test
    void anEmptyPayloadIsNullAndItsFieldIsThere() {
        String task = newId();
        String id = waiting(
                Commands.operation("op", ""),
                Commands.set("k", ""),
                Commands.task(ScheduleTaskCommand.newBuilder()
                        .setTaskExecutionId(task)
                        .setKind("t")));
        claimTask();
        completeTask(task, "");
        signal(id, "s", "");
        claim();
        submit(id, WorkflowStatus.COMPLETED);

        assertTrue(only(id, "OPERATION_COMPLETED").data().get("result").isNull());
        assertTrue(only(id, "STATE_SET").data().get("value").isNull());
        assertTrue(only(id, "TASK_SCHEDULED").data().get("input").isNull());
        assertTrue(only(id, "TASK_COMPLETED").data().get("output").isNull());
        assertTrue(only(id, "SIGNAL_RECEIVED").data().get("signalValue").isNull());
        assertTrue(only(id, "WORKFLOW_COMPLETED").data().get("output").isNull());
    }

    @Test
    void idsInPayloadsAreLowerCase() {
        String task = newId().toUpperCase(Locale.ROOT);
        String child = newId().toUpperCase(Locale.ROOT);
        String id = waiting(
                Commands.task(task, "t"), Commands.child(child, "c", "kid", queue + "-kids"), Commands.promise("p"));

        assertEquals(task.toLowerCase(Locale.ROOT), only(id, "TASK_SCHEDULED").text("taskExecutionId"));
        assertEquals(childOf(id, "c").toLowerCase(Locale.ROOT), childOf(id, "c"));
        String promise = only(id, "PROMISE_CREATED").text("promiseId");
        assertEquals(promise, UUID.fromString(promise).toString());
    }

    @Test
    void eventsCarryTheFieldsThatSdksRead() {
        String task = newId();
        String child = newId();
        String id = waiting(
                Commands.operation("op", "1"),
                Commands.task(task, "mail"),
                Commands.promise("p"),
                Commands.timer("sleep-1", 60_000),
                Commands.child(child, "c", "kid", queue + "-kids"));

        assertEquals("op", only(id, "OPERATION_COMPLETED").text("operationName"));
        JsonNode scheduled = only(id, "TASK_SCHEDULED").data();
        assertEquals("mail", scheduled.path("kind").asText());
        assertEquals("mail", scheduled.path("taskType").asText());
        assertEquals(3, scheduled.path("maxRetries").asInt());
        assertEquals(queue, scheduled.path("queue").asText());
        assertEquals("p", only(id, "PROMISE_CREATED").text("promiseName"));
        assertEquals("sleep-1", only(id, "TIMER_STARTED").text("timerId"));
        assertEquals(60_000, only(id, "TIMER_STARTED").data().path("durationMs").asLong());
        JsonNode initiated = only(id, "CHILD_WORKFLOW_INITIATED").data();
        assertEquals("c", initiated.path("childExecutionName").asText());
        assertEquals("kid", initiated.path("childWorkflowKind").asText());
        String made = initiated.path("childExecutionId").asText();
        assertNotEquals(child, made);
        assertEquals(made, initiated.path("childWorkflowExecutionId").asText());
        awaitStarted(made);
    }

    @Test
    void noTypeIsInventedWhateverHappens() {
        String task = newId();
        String child = newId();
        String id = waiting(
                Commands.task(task, "t"),
                Commands.timer("a", 0),
                Commands.timer("b", 60_000),
                Commands.cancelTimer("b"),
                Commands.promise("p"),
                Commands.resolve("p", "1"),
                Commands.child(child, "c", "kid", queue + "-kids"),
                Commands.unspecified());
        claimTask();
        failTask(task, "again");
        claim();
        suspend(id, Commands.cancelChild(child, "no"));
        awaitLast(id, "CHILD_WORKFLOW_FAILED");
        cancelWorkflow(id, "enough");

        List<String> unknown = new ArrayList<>(types(id));
        unknown.removeAll(KNOWN_TYPES);
        assertEquals(List.of(), unknown);
        assertEquals(
                List.of(),
                types(childOf(id, "c")).stream()
                        .filter(type -> !KNOWN_TYPES.contains(type))
                        .toList());
    }

    @Test
    void failureIsToldToEveryKindOfWaitingClient() {
        String id = running();
        submit(
                id,
                WorkflowStatus.FAILED,
                WorkflowCommand.newBuilder()
                        .setFailWorkflow(FailWorkflowCommand.newBuilder()
                                .setError("it broke")
                                .setStackTrace("at line 1")
                                .setFailureType("ERROR"))
                        .build());

        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED"), types(id));
        assertEquals("it broke", only(id, "WORKFLOW_EXECUTION_FAILED").text("error"));
        assertEquals("at line 1", only(id, "WORKFLOW_EXECUTION_FAILED").text("stackTrace"));
        assertEquals("ERROR", only(id, "WORKFLOW_EXECUTION_FAILED").text("failureType"));
        assertEquals("it broke", only(id, "WORKFLOW_FAILED").text("error"));
    }

    @Test
    void clientsReadHistoriesWithEitherKindOfKeyAndOverHttp() {
        String id = waiting(Commands.operation("op", "{\"x\":1}"));

        assertEquals(types(id), place.user().eventTypes(id));
        JsonNode events = place.http()
                .get(place.server().http("/api/orgs/dev/workflow-executions/" + id + "/events"))
                .body()
                .path("events");
        JsonNode operation = events.path(1);
        assertEquals(3, events.size());
        assertEquals(2, operation.path("sequence").asInt());
        assertEquals(2, operation.path("sequenceNumber").asInt());
        assertEquals("OPERATION_COMPLETED", operation.path("eventType").asText());
        assertEquals(parse("{\"x\":1}"), operation.path("data").path("result"));
        assertEquals(operation.path("createdAt"), operation.path("timestamp"));
        assertTrue(operation.path("timestamp").asText().endsWith("Z"));
    }

    @Test
    void nothingIsAppendedToAClosedExecution() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"), Commands.timer("t", 300), Commands.promise("p"));
        String promise = only(id, "PROMISE_CREATED").text("promiseId");
        claimTask();
        signal(id, "s", "1");
        claim();
        complete(id);
        List<String> closed = types(id);

        completeTask(task, "1");
        worker.workflows()
                .resolvePromise(ResolvePromiseRequest.newBuilder()
                        .setPromiseId(promise)
                        .setValue(ByteString.copyFromUtf8("1"))
                        .build());
        // A timer of another workflow that was due later has fired: so would have this one.
        String other = waiting(Commands.timer("later", 400));
        awaitLast(other, "TIMER_FIRED");

        assertEquals(closed, types(id));
        assertEquals("COMPLETED", task(task).path("status").asText());
    }

    @Test
    void aHistoryThatOutgrowsWhatSdksCanReadFailsItsWorkflow() {
        String id = new StrictQueue().outgrown();

        List<WorkflowEvent> events = SharedServers.strict().worker().events(id);
        assertEquals("WORKFLOW_FAILED", events.get(events.size() - 1).getEventType());
        String said = events.get(events.size() - 2).getEventData().toStringUtf8();
        assertTrue(said.contains("HISTORY_LIMIT") && said.contains("expected the history to stay within"), said);
        long bytes = events.stream().mapToLong(WorkflowEvent::getSerializedSize).sum();
        assertTrue(bytes < SharedServers.STRICT_HISTORY + 5_000, "history of " + bytes + " bytes");
    }

    private String data(String id, String type) {
        return worker.events(id).stream()
                .filter(event -> event.getEventType().equals(type))
                .findFirst()
                .orElseThrow()
                .getEventData()
                .toStringUtf8();
    }

    @Test
    void anErrorThatDoesNotFitFailsTheWorkflowToo() {
        String id = new StrictQueue().failedByItsTask();

        List<String> types = SharedServers.strict().worker().eventTypes(id);
        assertEquals("WORKFLOW_FAILED", types.get(types.size() - 1));
        assertFalse(types.contains("TASK_FAILED"));
    }

    @Test
    void aHistoryStaysReadableWhenMoreTimersFireThanFit() {
        String id = waiting(IntStream.range(0, 6_200)
                .mapToObj(i -> Commands.timer("t".repeat(250) + i, 1))
                .toArray(WorkflowCommand[]::new));

        Await.until("failure of " + id, () -> status(id).equals("FAILED"));
        assertEquals("HISTORY_LIMIT", only(id, "WORKFLOW_EXECUTION_FAILED").text("failureType"));
    }

    private static final class StrictQueue extends Protocol {

        StrictQueue() {
            super(SharedServers.strict());
        }

        /** @return id of a workflow whose worker recorded more than fits */
        String outgrown() {
            String id = start();
            String result = "\"" + "x".repeat(15_000) + "\"";
            for (int i = 0; i < 4; i++) {
                claim();
                suspend(id, Commands.operation("op" + i, result));
                if (types(id).contains("WORKFLOW_FAILED")) {
                    break;
                }
                signal(id, "on", "1");
            }
            return id;
        }

        /** @return id of a workflow whose task failed with more than fits, once it is written as JSON */
        String failedByItsTask() {
            String task = newId();
            String id = running();
            suspend(
                    id,
                    Commands.task(ScheduleTaskCommand.newBuilder()
                            .setTaskExecutionId(task)
                            .setKind("t")
                            .setMaxRetries(0)));
            claimTask();
            failTask(task, "\u0001".repeat(SharedServers.STRICT_HISTORY / 5));
            return id;
        }
    }
}
