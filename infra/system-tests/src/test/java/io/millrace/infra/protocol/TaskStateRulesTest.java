package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.proto.flovyn.v1.ClearAllStateRequest;
import io.millrace.proto.flovyn.v1.ClearStateRequest;
import io.millrace.proto.flovyn.v1.GetStateKeysRequest;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.GetStateResponse;
import io.millrace.proto.flovyn.v1.SetStateRequest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys and values that a task keeps: section 2.3 of the contract. */
class TaskStateRulesTest extends Protocol {

    private final String task = newId();

    @BeforeEach
    void schedule() {
        waiting(Commands.task(task, "t"));
        claimTask();
    }

    @Test
    void aValueIsFoundAsItWasSet() {
        set("cursor", "{\"at\":12345678901234567890}");

        GetStateResponse answer = get("cursor");
        assertTrue(answer.getFound());
        assertEquals("{\"at\":12345678901234567890}", answer.getValue().toStringUtf8());
    }

    @Test
    void aKeyThatIsNotSetIsNotFound() {
        assertFalse(get("nothing").getFound());
        assertTrue(get("nothing").getValue().isEmpty());
    }

    @Test
    void keysAreListedInOrder() {
        set("b", "1");
        set("a", "1");
        set("b", "2");

        assertEquals(List.of("a", "b"), keys());
    }

    @Test
    void aClearedKeyIsGoneAndClearingItAgainIsOk() {
        set("a", "1");
        set("b", "1");
        clear("a");
        clear("a");

        assertFalse(get("a").getFound());
        assertEquals(List.of("b"), keys());
    }

    @Test
    void allKeysAreClearedAtOnce() {
        set("a", "1");
        set("b", "1");
        worker.tasks()
                .clearAllState(ClearAllStateRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .build());

        assertEquals(List.of(), keys());
    }

    @Test
    void theNextAttemptFindsTheState() {
        set("cursor", "7");
        failTask(task, "once more");
        claimTask();

        assertEquals("7", get("cursor").getValue().toStringUtf8());
    }

    @Test
    void theStateOfATaskHasALimit() {
        String value = "\"" + "x".repeat(100_000) + "\"";
        set("a", value);
        set("b", value);

        assertRefused(Status.Code.RESOURCE_EXHAUSTED, task, () -> set("c", value));

        assertEquals(List.of("a", "b"), keys());
        set("a", value);
    }

    private void set(String key, String value) {
        worker.tasks()
                .setState(SetStateRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setKey(key)
                        .setValue(Commands.json(value))
                        .build());
    }

    private void clear(String key) {
        worker.tasks()
                .clearState(ClearStateRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setKey(key)
                        .build());
    }

    private GetStateResponse get(String key) {
        return worker.tasks()
                .getState(GetStateRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setKey(key)
                        .build());
    }

    private List<String> keys() {
        return worker.tasks()
                .getStateKeys(GetStateKeysRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .build())
                .getKeysList();
    }
}
