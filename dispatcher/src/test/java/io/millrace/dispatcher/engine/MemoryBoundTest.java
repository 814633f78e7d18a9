package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a partition holds in memory is bounded by bytes, whatever its workflows look like. */
class MemoryBoundTest {

    private static final long MEMORY = 1 << 20;
    private static final long TIME_MS = 1_000_000;

    private final MemoryStorage storage = new MemoryStorage();
    private final PartitionState state = new PartitionState(storage, MEMORY);
    private final Engine engine = new Engine(state);
    private final Story story = new Story();
    private long offset;

    private UUID started() {
        UUID id = story.newId();
        when(story.start(id, Story.KIND, ""));
        return id;
    }

    private void when(Command command) {
        CommandMeta meta =
                new CommandMeta(new UUID(0x4000, offset), Story.ORG, TIME_MS, TIME_MS, offset++, Story.MAX_HISTORY);
        assertNull(engine.process(meta, command).refusal());
    }

    private void signal(UUID id, int bytes) {
        when(new SignalWorkflow(id, "s", Story.json("\"" + "x".repeat(bytes) + "\""), 10_000, "", 0));
    }

    @Test
    void manySmallWorkflowsStayWithinIt() {
        for (int i = 0; i < 5_000; i++) {
            started();
            if (i % 100 == 0) {
                state.flush();
            }
        }
        state.flush();

        assertTrue(state.residentBytes() <= MEMORY, () -> state.residentBytes() + " bytes are held");
        assertTrue(
                state.resident() > 100,
                () -> "expected memory to be used, but it has " + state.resident() + " workflows");
    }

    @Test
    void aFewLargeOnesStayWithinItAndAreStillWhole() {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            UUID id = started();
            ids.add(id);
            signal(id, 200_000);
            state.flush();
        }

        assertTrue(state.residentBytes() <= MEMORY, () -> state.residentBytes() + " bytes are held");
        for (UUID id : ids) {
            assertEquals(2, state.history(state.view(id)).size());
        }
    }

    @Test
    void whatIsReadAndNotChangedCountsAndLeavesAsWell() {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            ids.add(started());
        }
        state.flush();
        state.flush();

        ids.forEach(state::execution);
        assertTrue(state.residentBytes() > MEMORY, "all were read back");
        state.flush();

        assertTrue(state.residentBytes() <= MEMORY, () -> state.residentBytes() + " bytes are held");
    }

    @Test
    void whatWaitsForACommitIsKnownUntilThen() {
        UUID id = started();
        signal(id, 100_000);
        assertTrue(state.unflushedBytes() > 100_000);

        state.flush();

        assertEquals(0, state.unflushedBytes());
    }
}
