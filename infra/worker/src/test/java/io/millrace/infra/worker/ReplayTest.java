package io.millrace.infra.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The n-th call of a sort stands for the n-th event of that sort, and must agree with it. */
class ReplayTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    private final List<WorkflowEvent> history = new ArrayList<>();

    private ReplayTest add(String type, String data) {
        history.add(WorkflowEvent.newBuilder()
                .setSequenceNumber(history.size() + 1)
                .setEventType(type)
                .setEventData(ByteString.copyFromUtf8(data))
                .build());
        return this;
    }

    private Activation activation(WorkerStyle style) {
        return new Activation(
                ID, "", Instant.EPOCH, new Replay(history), style, style == WorkerStyle.RUST ? history.size() + 1 : 1);
    }

    @Test
    void aNewCallBecomesACommand() {
        add("WORKFLOW_STARTED", "{}");
        Activation rust = activation(WorkerStyle.RUST);
        assertThrows(
                SuspendSignal.class,
                () -> rust.scheduleTask("pay", JsonData.of("1")).await());
        assertEquals(CommandType.SCHEDULE_TASK, rust.commands().getFirst().getCommandType());
        assertEquals(2, rust.commands().getFirst().getSequenceNumber());

        Activation ffi = activation(WorkerStyle.FFI);
        ffi.sleep(Duration.ofSeconds(1));
        assertEquals(1, ffi.commands().getFirst().getSequenceNumber());
        assertEquals("timer-0", ffi.commands().getFirst().getStartTimer().getTimerId());
    }

    @Test
    void recordedCallsAreNotMadeAgainWhateverStandsBetweenThem() throws Exception {
        add("WORKFLOW_STARTED", "{}")
                .add("OPERATION_COMPLETED", "{\"operationName\":\"roll\",\"result\":4}")
                .add("TASK_SCHEDULED", "{\"kind\":\"pay\",\"taskExecutionId\":\"t1\"}")
                .add("SIGNAL_RECEIVED", "{\"signalName\":\"go\",\"signalValue\":7}")
                .add("TASK_COMPLETED", "{\"taskExecutionId\":\"t1\",\"output\":\"paid\"}");
        Activation activation = activation(WorkerStyle.RUST);

        assertEquals(
                "paid", activation.scheduleTask("pay", JsonData.of("1")).await().asText());
        assertEquals(4, activation.run("roll", () -> JsonData.of("5")).asInt());
        assertEquals(7, activation.waitForSignal("go").await().asInt());
        assertFalse(activation.waitForSignal("go").isReady());
        assertTrue(activation.commands().isEmpty());
    }

    @Test
    void anotherKindThanRecordedIsADeterminismViolation() {
        add("WORKFLOW_STARTED", "{}").add("TASK_SCHEDULED", "{\"kind\":\"pay\",\"taskExecutionId\":\"t1\"}");
        DeterminismException violation = assertThrows(
                DeterminismException.class, () -> activation(WorkerStyle.RUST).scheduleTask("ship", JsonData.of("1")));
        assertEquals(
                "Determinism violation: expected task 1 to be pay as recorded, but it is ship", violation.getMessage());
    }

    @Test
    void setAndClearShareOneCounter() {
        add("WORKFLOW_STARTED", "{}")
                .add("STATE_SET", "{\"key\":\"a\",\"value\":1}")
                .add("STATE_CLEARED", "{\"key\":\"a\"}");
        Activation activation = activation(WorkerStyle.RUST);
        activation.setState("a", JsonData.of("1"));
        assertEquals(1, activation.getState("a").orElseThrow().asInt());
        activation.clearState("a");
        assertTrue(activation.getState("a").isEmpty());
        assertThrows(DeterminismException.class, () -> {
            Activation other = activation(WorkerStyle.RUST);
            other.clearState("a");
        });
    }

    @Test
    void taskAndChildIdsComeOutTheSameOnEveryReplay() {
        add("WORKFLOW_STARTED", "{}");
        Activation first = activation(WorkerStyle.RUST);
        Activation second = activation(WorkerStyle.FFI);
        first.scheduleTask("pay", JsonData.of("1"));
        second.scheduleTask("pay", JsonData.of("1"));
        assertEquals(
                first.commands().getFirst().getScheduleTask().getTaskExecutionId(),
                second.commands().getFirst().getScheduleTask().getTaskExecutionId());
        assertEquals(first.randomId(), second.randomId());
    }

    @Test
    void whatFailedThrowsTheTextOfItsEvent() {
        add("WORKFLOW_STARTED", "{}")
                .add("PROMISE_CREATED", "{\"promiseName\":\"p\",\"promiseId\":\"id1\"}")
                .add("PROMISE_REJECTED", "{\"promiseId\":\"id1\",\"error\":\"no stock\"}");
        Pending<?> promise = activation(WorkerStyle.RUST).promise("p");
        assertTrue(promise.isReady());
        assertEquals(
                "no stock",
                assertThrows(AwaitFailedException.class, promise::await).getMessage());
    }

    @Test
    void aWorkflowContinuesAsNewOnlyOnceItHasMadeEachRecordedCallAgain() {
        add("WORKFLOW_STARTED", "{}").add("TASK_SCHEDULED", "{\"kind\":\"pay\",\"taskExecutionId\":\"t1\"}");
        Activation early = activation(WorkerStyle.RUST);
        String said = assertThrows(DeterminismException.class, () -> early.continueAsNew(JsonData.of("1")))
                .getMessage();
        assertTrue(
                said.startsWith("Determinism violation: expected task 1, recorded as TASK_SCHEDULED")
                        && said.endsWith("but the code does not ask for it before it continues as new"),
                said);

        Activation inTime = activation(WorkerStyle.RUST);
        inTime.scheduleTask("pay", JsonData.of("1"));
        ContinueAsNewSignal signal =
                assertThrows(ContinueAsNewSignal.class, () -> inTime.continueAsNew(JsonData.of("{\"n\":2}")));
        assertEquals("{\"n\":2}", signal.input().toStringUtf8());
        assertEquals(3, inTime.nextNumber(), "it counts on from what it was shown");
    }

    @Test
    void aLongHistoryIsToldOnlyWhereNothingIsMadeAgain() {
        add("WORKFLOW_STARTED", "{}").add("TASK_SCHEDULED", "{\"kind\":\"pay\",\"taskExecutionId\":\"t1\"}");
        Activation run = new Activation(ID, "", Instant.EPOCH, new Replay(history), WorkerStyle.FFI, 1, true);
        assertFalse(run.continueAsNewSuggested(), "the task is to come");
        run.scheduleTask("pay", JsonData.of("1"));
        assertTrue(run.continueAsNewSuggested());
        assertEquals(2, run.historyEvents());
        assertEquals(
                history.stream().mapToLong(event -> event.getEventData().size()).sum(), run.historyBytes());
        assertFalse(activation(WorkerStyle.FFI).continueAsNewSuggested(), "nobody called that one long");
    }

    @Test
    void signalsAreTakenThatWereGivenToTheWorkflow() {
        add("WORKFLOW_STARTED", "{}");
        for (int i = 0; i < 3; i++) {
            add("SIGNAL_RECEIVED", "{\"signalName\":\"go\",\"signalValue\":" + i + "}");
        }
        Activation run = activation(WorkerStyle.RUST);
        run.waitForSignal("go").await();
        Pending<JsonNode> second = run.waitForSignal("go");
        run.waitForSignal("stop");
        assertTrue(second.isReady());
        assertEquals(Map.of("go", 1), run.takenSignals(), "nobody has looked at the second");
        second.await();
        assertEquals(Map.of("go", 2), run.takenSignals());
    }
}
