package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.DeleteQuery;
import io.millrace.dispatcher.engine.command.Command.SaveQuery;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.handle.SavedQueryHandler;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A query has a name, until the name gets another one or none. */
class SavedQueryTest {

    private final Story story = new Story();

    private static SavedQuery late(String query) {
        return new SavedQuery("late", "WORKFLOWS", query, "look at these each morning", "ann");
    }

    private void saved(SavedQuery query, boolean changed) {
        Outcome outcome = story.when(new SaveQuery(query, Command.ANY_VERSION));
        assertEquals(new Answer.Accepted(changed), outcome.answer());
        assertEquals(changed ? 1 : 0, outcome.events().size());
        SavedQuery now = story.state.savedQueries().get(Story.ORG, query.name());
        assertEquals(query.as(now.version()), now);
    }

    @Test
    void aNameStandsForTheLastQueryThatGotIt() {
        saved(late("attempt > 1"), true);
        saved(late("attempt > 1"), false);
        saved(late("attempt > 2"), true);
        assertEquals(1, story.state.savedQueries().count(Story.ORG));
        assertNull(story.state.savedQueries().get(new UUID(8, 8), "late"));
    }

    @Test
    void whatHasChangedSinceItWasSeenStaysAsItIs() {
        assertEquals(
                new Answer.Accepted(true),
                story.when(new SaveQuery(late("attempt > 1"), 0)).answer());
        long seen = story.state.savedQueries().get(Story.ORG, "late").version();
        Outcome taken = story.when(new SaveQuery(late("attempt > 3"), 0));
        assertEquals(Reason.ABORTED, taken.refusal().reason());
        assertEquals(
                "expected version 0 of the saved query late, as it was seen, but it is version " + seen
                        + ": it has changed meanwhile, so look at it again",
                taken.refusal().text());
        saved(late("attempt > 2"), true);
        assertEquals(
                Reason.ABORTED,
                story.when(new DeleteQuery("late", "bob", seen)).refusal().reason());
        long now = story.state.savedQueries().get(Story.ORG, "late").version();
        assertEquals(
                new Answer.Accepted(true),
                story.when(new SaveQuery(late("attempt > 3"), now)).answer());
        long last = story.state.savedQueries().get(Story.ORG, "late").version();
        story.when(new DeleteQuery("late", "bob", last));
        saved(late("attempt > 3"), true);
        assertEquals(
                Reason.ABORTED,
                story.when(new DeleteQuery("late", "bob", last)).refusal().reason(),
                "one that is saved later is another");
    }

    @Test
    void aNameThatIsDeletedStandsForNothing() {
        saved(late("attempt > 1"), true);
        assertEquals(
                1,
                story.when(new DeleteQuery("late", "bob", Command.ANY_VERSION))
                        .events()
                        .size());
        assertNull(story.state.savedQueries().get(Story.ORG, "late"));
        assertEquals(
                Reason.NOT_FOUND,
                story.when(new DeleteQuery("late", "bob", Command.ANY_VERSION))
                        .refusal()
                        .reason());
    }

    @Test
    void theyAreBoundedAndEachMayStillChange() {
        for (int i = 0; i < SavedQueryHandler.MOST; i++) {
            story.when(new SaveQuery(new SavedQuery("q" + i, "TASKS", "left = 0", "", "ann"), Command.ANY_VERSION));
        }
        assertEquals(
                Reason.RESOURCE_EXHAUSTED,
                story.when(new SaveQuery(late("attempt > 1"), Command.ANY_VERSION))
                        .refusal()
                        .reason());
        saved(new SavedQuery("q7", "TASKS", "left = 1", "", "ann"), true);
    }

    @Test
    void whatIsStoredIsTheSame() {
        saved(late("attempt > 1"), true);
        saved(new SavedQuery("other", "TASKS", "left = 0", "", "ann"), true);
        story.state.flush();
        story.when(new DeleteQuery("other", "bob", Command.ANY_VERSION));
        story.state.flush();
        PartitionState opened = new PartitionState(story.storage, 1 << 20);
        assertEquals(
                story.state.savedQueries().get(Story.ORG, "late"),
                opened.savedQueries().get(Story.ORG, "late"));
        assertNull(opened.savedQueries().get(Story.ORG, "other"));
    }
}
