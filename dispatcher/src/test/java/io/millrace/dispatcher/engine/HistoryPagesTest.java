package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories rest in pages: few records, none of which grows without bound. */
class HistoryPagesTest {

    private static final int PAGE_BYTES = 4096;
    private static final int SIGNALS = 300;

    private final Story story = new Story();

    private void signal(UUID id, int number) {
        story.given(new SignalWorkflow(id, "go", Story.json("\"" + number + "\""), SIGNALS, "", 0));
    }

    private List<byte[]> pages() {
        List<byte[]> pages = new ArrayList<>();
        story.storage.scan(Table.HISTORY, new byte[0], (key, value) -> pages.add(value));
        return pages;
    }

    @Test
    void aShortWorkflowIsOneRecordForItselfAndOneForItsHistory() {
        UUID id = story.waiting();
        signal(id, 1);
        story.state.flush();
        assertEquals(List.of(1, 1), List.of(story.storage.size(Table.EXECUTIONS), story.storage.size(Table.HISTORY)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void aLongHistoryIsReadWholeFromPagesOfOneSize(int signalsPerFlush) {
        UUID id = story.waiting();
        for (int i = 0; i < SIGNALS; i++) {
            signal(id, i);
            if (i % signalsPerFlush == 0) {
                story.state.flush();
            }
        }
        List<SealedEvent> inMemory = story.state.history(story.state.execution(id));
        story.state.flush();

        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        List<SealedEvent> stored = reopened.history(reopened.view(id));

        assertEquals(SIGNALS + 2, stored.size());
        for (int i = 0; i < stored.size(); i++) {
            assertSame(inMemory.get(i), stored.get(i));
        }
        assertTrue(pages().size() > 5, () -> pages().size() + " pages");
        for (byte[] page : pages()) {
            assertTrue(page.length < PAGE_BYTES + 500, () -> "a page of " + page.length + " bytes");
        }
        for (byte[] page : pages().subList(0, pages().size() - 1)) {
            assertTrue(page.length >= PAGE_BYTES, () -> "a page of " + page.length + " bytes before the last");
        }
    }

    private static void assertSame(SealedEvent expected, SealedEvent actual) {
        assertEquals(
                List.of(expected.executionId(), expected.orgId(), expected.historySequence(), expected.chainSequence()),
                List.of(actual.executionId(), actual.orgId(), actual.historySequence(), actual.chainSequence()));
        assertEquals(
                List.of(expected.type(), expected.timeMs(), expected.status()),
                List.of(actual.type(), actual.timeMs(), actual.status()));
        assertEquals(expected.taskId(), actual.taskId());
        assertArrayEquals(expected.data(), actual.data());
        assertArrayEquals(expected.hash(), actual.hash());
    }

    @Test
    void whatIsLargeAndNeverChangesIsNotWrittenAgain() {
        UUID id = story.newId();
        Payload large = Story.json("\"" + "x".repeat(600) + "\"");
        story.given(new StartWorkflow(
                id, Story.KIND, large, Map.of(), Story.QUEUE, 0, "", "", "", 10_000, Story.RETENTION_MS, null, ""));
        story.state.flush();
        assertEquals(2, story.storage.size(Table.EXECUTIONS), "what changes, and what does not");
        assertEquals(
                large,
                new PartitionState(story.storage, 1 << 20)
                        .execution(id)
                        .header()
                        .input());
    }
}
