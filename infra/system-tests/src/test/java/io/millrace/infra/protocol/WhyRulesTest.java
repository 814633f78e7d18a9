package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.TestHttp;
import org.junit.jupiter.api.Test;

/** A server tells why a workflow stands where it does. */
class WhyRulesTest extends Protocol {

    private static final String PATH = "/api/orgs/{slug}/workflow-executions/{id}/why";

    @Test
    void readyWorkThatNoLivingWorkerKnowsIsNamed() {
        String id = worker.workflows()
                .startWorkflow(startRequest().setWorkflowKind("kind-" + newId()).build())
                .getWorkflowExecutionId();

        JsonNode why = why(id);

        String sentence = why.path("sentence").asText();
        assertTrue(sentence.startsWith("The workflow has been ready in queue " + queue + " since "), sentence);
        assertTrue(sentence.contains("No worker is known to live that registered the workflow kind "), sentence);
        assertEquals(0, why.path("workers").path(0).path("living").asInt());
        assertEquals("PENDING", why.path("facts").path("status").asText());
    }

    @Test
    void aQueueThatNobodyPollsIsNamedWithTheOneThatMayHaveBeenMeant() {
        running(); // and so its queue is polled
        String mistyped = queue + "s";
        String id = worker.workflows()
                .startWorkflow(startRequest().setQueue(mistyped).build())
                .getWorkflowExecutionId();

        JsonNode why = why(id);

        String sentence = why.path("sentence").asText();
        String told = "No worker is known to have polled queue " + mistyped + " for workflows; polled for workflows: "
                + queue;
        assertTrue(sentence.contains(told), sentence);
        assertFalse(why.path("workers").path(0).path("polled").asBoolean(true), why::toString);
        assertEquals(
                queue, why.path("workers").path(0).path("polledQueues").path(0).asText());
    }

    @Test
    void whoHasItIsNamedWithTheEndOfTheLease() {
        JsonNode why = why(running());

        assertTrue(why.path("sentence").asText().startsWith("Worker "), why::toString);
        assertTrue(why.path("facts").path("lease").has("until"), why::toString);
        assertEquals(0, why.path("workers").size());
    }

    @Test
    void allThatItWaitsForIsNamed() {
        String task = newId();
        String id =
                waiting(Commands.task(task, "mail"), Commands.timer("later", 3_600_000), Commands.promise("approval"));
        claimTask();

        JsonNode why = why(id);

        String sentence = why.path("sentence").asText();
        assertTrue(sentence.startsWith("The workflow waits for task " + task + ", which worker "), sentence);
        assertTrue(sentence.contains("; for timer later, due at "), sentence);
        assertTrue(sentence.contains("; for promise approval"), sentence);
        assertEquals(
                "RUNNING",
                why.path("facts").path("tasks").path(0).path("status").asText());
    }

    @Test
    void whatTheWorkerSaysThatItWaitsForIsNamed() {
        String id = running();
        suspend(id, Commands.suspend("Waiting for signal approve"));

        String sentence = why(id).path("sentence").asText();
        assertTrue(sentence.endsWith(" Its worker says: Waiting for signal approve."), sentence);
    }

    @Test
    void aHistoryThatComesNearItsLimitIsSpokenOf() {
        String id = running();
        String large = "\"" + "x".repeat(1_000_000) + "\"";
        suspend(id, Commands.operation("a", large), Commands.operation("b", large), Commands.operation("c", large));

        String sentence = why(id).path("sentence").asText();
        assertTrue(sentence.contains(" Its history is long: 300"), sentence);
        assertTrue(sentence.endsWith("so let it continue as new."), sentence);
        assertFalse(why(waiting()).path("sentence").asText().contains("history"), "a short one is not");
    }

    @Test
    void whatWasTerminatedTellsByWhomAndWhy() {
        String id = waiting();
        place.http()
                .post(
                        place.server().http("/api/orgs/dev/workflow-executions/" + id + "/terminate"),
                        "{\"reason\":\"runs wild\"}");

        String sentence = why(id).path("sentence").asText();
        assertTrue(sentence.startsWith("The workflow was terminated by eve at "), sentence);
        assertTrue(sentence.endsWith(", because: runs wild."), sentence);
        assertEquals("eve", why(id).path("facts").path("terminatedBy").asText());
    }

    @Test
    void whatEndedTellsHow() {
        String id = running();
        complete(id);

        assertTrue(why(id).path("sentence").asText().startsWith("The workflow completed at "));
        assertEquals(503, ask(newId()).status(), "it may have left the dispatcher, and there is no read model to tell");
        assertEquals(400, ask("no-id").status());
    }

    private JsonNode why(String id) {
        TestHttp.Answer answer = ask(id);
        assertEquals(200, answer.status(), () -> answer.body().toString());
        return answer.body();
    }

    private TestHttp.Answer ask(String id) {
        return place.http()
                .get(place.server().http(PATH.replace("{slug}", "dev").replace("{id}", id)));
    }
}
