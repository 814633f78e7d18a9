package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever proves an outcome shows all of it, so what is due of several organisations at one time happens in several outcomes. */
class DueOfOneOrganisationTest {

    private static final UUID OTHER = new UUID(8, 8);

    private UUID submitted(Story story, UUID org, SubmissionStatus status, WorkflowStep... steps) {
        UUID id = story.newId();
        story.given(org, story.start(id, Story.KIND, ""));
        story.given(org, new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(story.poll("w"))));
        story.given(org, story.submit(id, status, steps));
        return id;
    }

    /** One of each organisation in turn. */
    private List<UUID> timers(Story story, int pairs) {
        List<UUID> ids = new ArrayList<>();
        for (int n = 0; n < pairs; n++) {
            ids.add(submitted(story, Story.ORG, SubmissionStatus.SUSPENDED, new StartTimer("t", 500)));
            ids.add(submitted(story, OTHER, SubmissionStatus.SUSPENDED, new StartTimer("t", 500)));
        }
        return ids;
    }

    private static Set<UUID> organisations(Outcome outcome) {
        return outcome.events().stream().map(SealedEvent::orgId).collect(Collectors.toSet());
    }

    private static List<UUID> fired(Outcome outcome) {
        return outcome.events().stream()
                .filter(event -> event.type().equals("TIMER_FIRED"))
                .map(SealedEvent::executionId)
                .toList();
    }

    @Test
    void timersOfTwoFireInTwoOutcomes() {
        Story story = new Story();
        List<UUID> ids = timers(story, 2);
        story.tick(500);

        Outcome first = story.given(new FireDue(100));
        assertEquals(List.of(ids.get(0), ids.get(2)), fired(first));
        assertEquals(Set.of(Story.ORG), organisations(first));

        Outcome second = story.given(new FireDue(100));
        assertEquals(List.of(ids.get(1), ids.get(3)), fired(second));
        assertEquals(Set.of(OTHER), organisations(second));
    }

    /** What is in memory hangs on when the state was stored, and no decision may. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 1_000})
    void howMuchIsInMemoryChangesNothing(int window) {
        Story story = new Story(window);
        List<UUID> ids = timers(story, 10);
        story.state.flush();
        story.tick(500);

        List<UUID> fired = fired(story.given(new FireDue(6)));

        assertEquals(
                List.of(0, 2, 4, 6, 8, 10), fired.stream().map(ids::indexOf).toList());
    }

    @Test
    void oneBucketOfTwoEmptiesInTwoOutcomes() {
        Story story = new Story();
        List<UUID> ids = List.of(
                submitted(story, Story.ORG, SubmissionStatus.COMPLETED),
                submitted(story, OTHER, SubmissionStatus.COMPLETED),
                submitted(story, Story.ORG, SubmissionStatus.COMPLETED));
        story.tick(2 * Story.RETENTION_MS);

        Outcome first = story.given(new FireDue(100));
        assertEquals(List.of("EXECUTION_EVICTED", "EXECUTION_EVICTED"), Story.types(first));
        assertEquals(Set.of(Story.ORG), organisations(first));

        Outcome second = story.given(new FireDue(100));
        assertEquals(List.of("EXECUTION_EVICTED"), Story.types(second));
        assertEquals(Set.of(OTHER), organisations(second));
        ids.forEach(id -> assertNull(story.state.execution(id)));
        assertEquals(0, story.state.dues().size());
    }

    @Test
    void underRules2AllFireTogether() {
        Story story = Story.under(Rules.OLDEST);
        timers(story, 1);
        story.tick(500);

        assertEquals(Set.of(Story.ORG, OTHER), organisations(story.given(new FireDue(100))));
    }
}
