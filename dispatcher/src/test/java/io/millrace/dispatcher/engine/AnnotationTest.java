package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.AnnotateWorkflow;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.handle.AnnotationHandler;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What people note about a workflow stands among its events, whether or not it has ended, and changes nothing of it. */
class AnnotationTest {

    private final Story story = new Story();

    private Outcome annotate(UUID id) {
        return story.when(new AnnotateWorkflow(id, "ticket 4711", "ann"));
    }

    @Test
    void aWorkflowIsAnnotatedAndGoesOnAsBefore() {
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), story.newId(), 3, 0, ""));
        Execution before = story.state.present(id);
        int length = before.lastSequence();

        Outcome outcome = annotate(id);

        assertEquals(1, outcome.events().size());
        assertEquals("WORKFLOW_ANNOTATED", outcome.events().getFirst().type());
        assertEquals(
                "{\"text\":\"ticket 4711\",\"requestedBy\":\"ann\"}",
                new String(outcome.events().getFirst().data(), StandardCharsets.UTF_8));
        assertEquals(length, story.state.present(id).lastSequence());
        assertEquals(before.status(), story.state.present(id).status());
    }

    @Test
    void oneThatHasEndedIsAnnotatedToo() {
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), story.newId(), 3, 0, ""));
        story.when(new TerminateWorkflow(id, "enough", "ann", 0));
        assertEquals(1, annotate(id).events().size());
        assertTrue(story.state.present(id).status().terminal());
    }

    @Test
    void oneHasAHundredAtTheMostAndTheyAreCountedInTheStoreToo() {
        UUID id = story.started();
        UUID other = story.started();
        for (int i = 0; i < AnnotationHandler.MOST; i++) {
            assertEquals(1, annotate(id).events().size());
        }
        story.state.flush();
        assertEquals(
                AnnotationHandler.MOST,
                new PartitionState(story.storage, 1 << 20).present(id).annotations());

        Outcome outcome = annotate(id);

        assertEquals(Reason.RESOURCE_EXHAUSTED, outcome.refusal().reason());
        assertEquals(
                "expected at most 100 annotations of a workflow execution, but " + id + " has 100 already",
                outcome.refusal().text());
        assertEquals(0, outcome.events().size());
        assertEquals(1, annotate(other).events().size());
    }

    @Test
    void whatIsNotThereCannotBeAnnotated() {
        assertEquals(Reason.NOT_FOUND, annotate(story.newId()).refusal().reason());
    }
}
