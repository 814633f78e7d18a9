package io.millrace.infra.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The code of a workflow is held against what was recorded of it, and nothing of it is carried out. */
class HistoryReplayTest {

    private static final String ID = "0199c0de-0000-7000-8000-000000000001";

    private final List<String> events = new ArrayList<>();
    private final List<String> activations = new ArrayList<>();

    private HistoryReplayTest event(String type, String data) {
        events.add("{\"sequence_number\":" + (events.size() + 1) + ",\"event_type\":\"" + type + "\",\"data\":" + data
                + ",\"timestamp_ms\":1}");
        return this;
    }

    /** What follows came of code that had read between so many events and all so far. */
    private HistoryReplayTest activation(int claimedBehind, Runnable made) {
        int behind = events.size();
        made.run();
        activations.add("{\"time_ms\":7,\"claimed_behind\":" + claimedBehind + ",\"submitted_behind\":" + behind
                + ",\"ends_with\":" + events.size() + "}");
        return this;
    }

    private String json() {
        return "{\"format\":\"millrace.sdk-history\",\"version\":1,\"workflow_execution_id\":\"" + ID
                + "\",\"workflow_kind\":\"order\",\"input\":{\"item\":1},\"events\":" + events + ",\"activations\":"
                + activations + "}";
    }

    private Optional<String> difference(WorkflowFunction code) {
        return new HistoryReplay(RecordedHistory.of(json())).firstDifference(code);
    }

    private HistoryReplayTest order() {
        event("WorkflowStarted", "{\"input\":{\"item\":1}}");
        activation(
                1,
                () -> event("OperationCompleted", "{\"operationName\":\"price\",\"result\":12.50}")
                        .event("TaskScheduled", "{\"kind\":\"pay\",\"taskExecutionId\":\"t1\"}")
                        .event("WorkflowSuspended", "{\"reason\":\"Waiting for task pay\"}"));
        event("TaskCompleted", "{\"taskExecutionId\":\"t1\",\"output\":\"paid\"}");
        activation(
                5,
                () -> event("TimerStarted", "{\"timerId\":\"sleep-1\",\"durationMs\":5}")
                        .event("WorkflowSuspended", "{\"reason\":\"\"}"));
        event("TimerFired", "{\"timerId\":\"sleep-1\"}");
        return activation(8, () -> event("WorkflowCompleted", "{\"output\":\"paid\"}"));
    }

    @Test
    void theSameCodeDoesTheSameAndNoOperationIsCarriedOut() {
        order();
        assertEquals(Optional.empty(), difference((workflow, input) -> {
            workflow.run("price", () -> {
                throw new IllegalStateException("carried out");
            });
            var paid = workflow.scheduleTask("pay", input).await();
            workflow.sleep(Duration.ofMillis(5)).await();
            return paid;
        }));
    }

    @Test
    void anotherKindIsToldWithItsActivationAndItsPlace() {
        order();
        Optional<String> difference = difference((workflow, input) -> {
            workflow.run("price", () -> JsonData.of("1"));
            try {
                return workflow.scheduleTask("ship", input).await();
            } catch (RuntimeException caughtByTheCode) {
                return JsonData.of("1");
            }
        });
        assertEquals(
                Optional.of("activation 1 of 3, behind event 1: Determinism violation: expected task 1 to be pay as"
                        + " recorded, but it is ship"),
                difference);
    }

    @Test
    void whatTheCodeAsksForBesidesIsADifferenceAndIsNotCarriedOut() {
        order();
        List<String> carriedOut = new ArrayList<>();
        Optional<String> difference = difference((workflow, input) -> {
            workflow.run("price", () -> JsonData.of("1"));
            var paid = workflow.scheduleTask("pay", input).await();
            workflow.run("mail", () -> {
                carriedOut.add("mail");
                return input;
            });
            workflow.sleep(Duration.ofMillis(5)).await();
            return paid;
        });
        assertEquals(
                Optional.of(
                        "activation 2 of 3, behind event 5: expected no operation 2, as recorded, but the code asks for mail"),
                difference);
        assertEquals(List.of(), carriedOut);
    }

    @Test
    void whatTheCodeNoLongerAsksForIsADifference() {
        order();
        assertEquals(
                Optional.of("activation 1 of 3, behind event 1: expected operation 1, recorded as OPERATION_COMPLETED"
                        + " {\"operationName\":\"price\",\"result\":12.5}, but the code does not ask for it"),
                difference(
                        (workflow, input) -> workflow.scheduleTask("pay", input).await()));
    }

    @Test
    void anotherEndIsADifference() {
        order();
        assertEquals(
                Optional.of("activation 3 of 3, behind event 8: expected that it completes with \"paid\", as recorded,"
                        + " but the code fails with \"no\""),
                difference((workflow, input) -> {
                    workflow.run("price", () -> JsonData.of("1"));
                    workflow.scheduleTask("pay", input).await();
                    workflow.sleep(Duration.ofMillis(5)).await();
                    throw new IllegalStateException("no");
                }));
    }

    @Test
    void codeThatAsksWhetherASignalIsThereMayHaveReadLessThanWasThere() {
        event("WorkflowStarted", "{\"input\":{}}");
        event("SignalReceived", "{\"signalName\":\"go\",\"signalValue\":1}");
        activation(1, () -> event("TaskScheduled", "{\"kind\":\"wait\",\"taskExecutionId\":\"t1\"}"));
        WorkflowFunction code = (workflow, input) -> workflow.scheduleTask(
                        workflow.waitForSignal("go").isReady() ? "went" : "wait", input)
                .await();

        assertEquals(Optional.empty(), difference(code));
        activations.set(0, activations.getFirst().replace("\"claimed_behind\":1", "\"claimed_behind\":2"));
        assertTrue(difference(code).orElseThrow().endsWith("expected task 1 to be wait as recorded, but it is went"));
    }

    @Test
    void aFileWithoutActivationsIsRunAtOnceAndEventsMayHaveTheirNamesOfTheWire() {
        event("WORKFLOW_STARTED", "{}")
                .event("TIMER_STARTED", "{\"timerId\":\"timer-0\"}")
                .event("TIMER_FIRED", "{\"timerId\":\"timer-0\"}")
                .event("WORKFLOW_COMPLETED", "{\"output\":null}");
        String json = json().replace(",\"activations\":[]", "");
        HistoryReplay replay = new HistoryReplay(RecordedHistory.of(json));

        replay.expectSame((workflow, input) -> {
            workflow.sleep(Duration.ofMillis(1)).await();
            return null;
        });
        assertThrows(AssertionError.class, () -> replay.expectSame((workflow, input) -> input));
    }

    @Test
    void whatIsNoSuchFileIsRefusedWithWhatItIs() {
        order();
        assertEquals(
                "expected version 1 of millrace.sdk-history, but this is 2",
                refused(json().replace("\"version\":1", "\"version\":2")));
        assertTrue(refused(json().substring(0, 300))
                .startsWith("expected a history as JSON, but it is none, or only the"));
        assertTrue(refused(json() + "{}").startsWith("expected a history as JSON, but it is none, or only the"));
        assertEquals(
                "expected what `millrace history ID --sdk` writes, but it has no workflow_execution_id with events; its"
                        + " format is millrace.history",
                refused("{\"format\":\"millrace.history\",\"version\":1,\"steps\":[]}"));
        assertTrue(refused(json().replace("\"event_type\":\"TimerFired\",", "")).startsWith("expected events with"));
    }

    private static String refused(String json) {
        return assertThrows(IllegalArgumentException.class, () -> RecordedHistory.of(json))
                .getMessage();
    }
}
