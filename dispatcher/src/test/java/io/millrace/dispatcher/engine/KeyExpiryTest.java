package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Table;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Keys leave some time after they expired, in buckets: a day of keyed starts must not stand in memory, nor for ever in stores. */
class KeyExpiryTest {

    /** Life of the keys of {@link Story#start}, and length of a bucket. */
    private static final long TTL_MS = 10_000;

    private static final long BUCKET_MS = 60_000;

    private final Story story = new Story();

    private UUID started(String key) {
        UUID id = story.newId();
        story.given(story.start(id, Story.KIND, key));
        return id;
    }

    private UUID completed(String key) {
        UUID id = started(key);
        assertEquals(id, story.claim("w").executionId());
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        return id;
    }

    private Object binding(String key) {
        return story.state.key(KeyUse.WORKFLOW, Story.ORG, key);
    }

    @Test
    void manyKeysOfOneTimeAreOneThingThatIsDue() {
        for (int i = 0; i < 500; i++) {
            completed("key-" + i);
        }
        assertEquals(2, story.state.dues().size(), "the keys, and the retention of their executions");
    }

    @Test
    void theyLeaveMemoryAndStoresPieceByPiece() {
        for (int i = 0; i < 30; i++) {
            completed("key-" + i);
        }
        story.state.flush();
        assertEquals(30, story.storage.size(Table.EXPIRIES));
        story.tick(TTL_MS + BUCKET_MS);
        for (int left = 20; left >= 0; left -= 10) {
            Outcome outcome = story.when(new FireDue(10));
            assertEquals(
                    10,
                    Story.types(outcome).stream().filter("KEY_RELEASED"::equals).count());
            story.state.flush();
            assertEquals(left, story.storage.size(Table.KEYS));
            assertEquals(left, story.storage.size(Table.EXPIRIES));
        }
        assertEquals(1, story.state.dues().size(), "only the retention");
        assertTrue(story.when(new FireDue(10)).events().isEmpty());
    }

    @Test
    void theKeyOfAnOpenExecutionStaysUntilItCloses() {
        completed("over");
        UUID open = started("open");
        story.passes(TTL_MS + BUCKET_MS);
        assertNull(binding("over"));
        assertNotNull(binding("open"));
        assertEquals(1, story.state.dues().size(), "only the retention of the one that is over");
        story.given(new CancelWorkflow(open, "enough", "test"));
        assertNull(binding("open"));
    }

    @Test
    void aKeyThatIsBoundAgainLivesOn() {
        completed("key");
        story.state.flush();
        story.passes(TTL_MS);
        UUID second = completed("key");
        story.passes(TTL_MS - 1);
        assertNotNull(binding("key"));
        Outcome third = story.given(story.start(story.newId(), Story.KIND, "key"));
        assertEquals(second, ((Answer.Started) third.answer()).executionId());
        story.passes(2 * BUCKET_MS);
        story.state.flush();
        assertEquals(0, story.storage.size(Table.KEYS));
        assertEquals(0, story.storage.size(Table.EXPIRIES));
    }

    @Test
    void whoOpensTheStoreAgainReleasesThemToo() {
        completed("key");
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        long laterMs = reopened.timeMs() + TTL_MS + BUCKET_MS;
        new Engine(reopened)
                .process(new CommandMeta(new UUID(3, 3), Story.ORG, laterMs, laterMs, 99, 0), new FireDue(10));
        assertNull(reopened.key(KeyUse.WORKFLOW, Story.ORG, "key"));
    }
}
