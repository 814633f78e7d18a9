package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** However much work stands ready, only the heads of the lines are in memory, and it is handed out in its order. */
class MuchReadyWorkTest {

    private static final int WINDOW = 5;
    private static final int MANY = 300;
    private static final QueueKey QUEUE = new QueueKey(Story.ORG, WorkType.WORKFLOW, Story.QUEUE);

    private Story story = new Story(WINDOW);

    private List<UUID> started(String kind, int many) {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            UUID id = story.newId();
            story.given(story.start(id, kind, ""));
            ids.add(id);
            story.tick(1);
        }
        return ids;
    }

    @Test
    void onlyTheHeadIsInMemoryAndAllIsCounted() {
        started(Story.KIND, MANY);
        started("mail", 2);
        story.state.flush();

        assertTrue(
                story.state.ready().inMemory() <= 3 * WINDOW,
                () -> story.state.ready().inMemory() + " are in memory");
        assertEquals(Map.of(Story.KIND, MANY, "mail", 2), story.state.ready().depths(QUEUE));
    }

    /** A line of its own for each kind and queue would make any number of them. */
    @Test
    void manyLinesTogetherTakeNoMoreThanOne() {
        int window = 200;
        story = new Story(window);
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            for (int kind = 0; kind < 50; kind++) {
                ids.addAll(started("kind-" + kind, 1));
            }
        }
        story.state.flush();
        assertTrue(
                story.state.ready().inMemory() <= 3 * window,
                () -> story.state.ready().inMemory() + " are in memory");

        List<UUID> handedOut = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            handedOut.add(story.claim("w").executionId());
            if (i % 100 == 0) {
                story.state.flush();
                assertTrue(story.state.ready().inMemory() <= 3 * window);
            }
        }
        assertEquals(ids, handedOut);
    }

    @Test
    void allIsHandedOutInItsOrderWithFlushesAndWithout() {
        List<UUID> ids = started(Story.KIND, MANY);
        story.state.flush();
        List<UUID> handedOut = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            handedOut.add(story.claim("w").executionId());
            if (i % 7 == 0) {
                story.state.flush();
            }
        }

        assertEquals(ids, handedOut);
        assertNull(story.claim("w").executionId());
        story.state.flush();
        assertEquals(0, story.storage.size(Table.READY_LINES) + story.storage.size(Table.READY_COUNTS));
    }

    @Test
    void whatIsCancelledFarBehindInTheLineLeavesIt() {
        List<UUID> ids = started(Story.KIND, MANY);
        story.state.flush();

        story.given(new CancelWorkflow(ids.getLast(), "no", "somebody"));
        assertEquals(Map.of(Story.KIND, MANY - 1), story.state.ready().depths(QUEUE));
        story.state.flush();

        assertEquals(MANY - 1, story.storage.size(Table.READY_LINES));
    }

    @Test
    void whatIsMoreUrgentThanTheHeadComesFirst() {
        started(Story.KIND, MANY);
        story.state.flush();
        UUID urgent = story.newId();
        story.given(new StartWorkflow(
                urgent,
                Story.KIND,
                Story.json("1"),
                Map.of(),
                Story.QUEUE,
                3_600,
                "",
                "",
                "",
                0,
                Story.RETENTION_MS,
                null,
                ""));

        assertEquals(urgent, story.claim("w").executionId());
    }

    @Test
    void openingReadsTheHeadsAlone() {
        List<UUID> ids = started(Story.KIND, MANY);
        story.state.flush();
        long before = story.storage.visits();

        PartitionState reopened = new PartitionState(story.storage, () -> 1 << 20, WINDOW);

        assertEquals(
                ids.getFirst(), reopened.ready().first(QUEUE, List.of(), true).executionId());
        assertEquals(Map.of(Story.KIND, MANY), reopened.ready().depths(QUEUE));
        assertTrue(
                story.storage.visits() - before < 50, () -> (story.storage.visits() - before) + " entries were read");
    }

    @Test
    void whatComesAndGoesBetweenTwoFlushesNeverTouchesTheStore() {
        story.state.flush();
        story.running();
        story.state.flush();

        assertEquals(0, story.storage.size(Table.READY_LINES) + story.storage.size(Table.READY_COUNTS));
    }
}
