package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.flovyn.v1.QueryWorkflowRequest;
import io.millrace.proto.flovyn.v1.QueryWorkflowResponse;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** QueryWorkflow is answered from the workflow's state map, since no worker can be asked: section 2.2 of the contract. */
class QueryRulesTest extends Protocol {

    @Test
    void aStateKeyIsAnsweredWithItsValue() {
        String id = waiting(Commands.set("step", "{\"at\":12345678901234567890}"));

        QueryWorkflowResponse answer = query(id, "step");

        assertEquals("{\"at\":12345678901234567890}", answer.getResult().toStringUtf8());
        assertFalse(answer.hasError());
    }

    @Test
    void theLatestValueCounts() {
        String id = waiting(Commands.set("step", "1"), Commands.set("step", "2"));

        assertEquals("2", query(id, "step").getResult().toStringUtf8());
    }

    @Test
    void noNameAndTheReservedOneMeanTheWholeState() {
        String id = waiting(
                Commands.set("a", "1"), Commands.set("b", "[true]"), Commands.set("c", "3"), Commands.clear("c"));

        for (String name : new String[] {"", "__state"}) {
            assertEquals(
                    parse("{\"a\":1,\"b\":[true]}"),
                    parse(query(id, name).getResult().toStringUtf8()));
        }
    }

    @Test
    void anUnknownNameIsAnErrorInTheAnswer() {
        String id = waiting(Commands.set("gone", "1"), Commands.clear("gone"));

        for (String name : new String[] {"nothing", "gone"}) {
            QueryWorkflowResponse answer = query(id, name);

            assertTrue(answer.getError().contains(name), answer.getError());
            assertTrue(answer.getResult().isEmpty());
        }
    }

    @Test
    void runningAndClosedWorkflowsAnswerToo() {
        String id = running();
        assertEquals("{}", query(id, "").getResult().toStringUtf8());
        submit(id, WorkflowStatus.COMPLETED, Commands.set("a", "1"), Commands.complete("1"));

        assertEquals("1", query(id, "a").getResult().toStringUtf8());
    }

    @Test
    void aDiscardedBatchLeavesTheStateAlone() {
        String id = waiting(Commands.timer("t", 600_000), Commands.set("a", "1"));
        signal(id, "on", "1");
        claim();
        suspend(id, Commands.timer("t", 600_000), Commands.set("a", "2"));

        assertEquals("1", query(id, "a").getResult().toStringUtf8());
    }

    private QueryWorkflowResponse query(String id, String name) {
        return WorkflowQueryGrpc.newBlockingStub(place.user().channel())
                .withCallCredentials(place.user().key())
                .withDeadlineAfter(LONG_S, TimeUnit.SECONDS)
                .queryWorkflow(QueryWorkflowRequest.newBuilder()
                        .setWorkflowExecutionId(id)
                        .setQueryName(name)
                        .build());
    }
}
