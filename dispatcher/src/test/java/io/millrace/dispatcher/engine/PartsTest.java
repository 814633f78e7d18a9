package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleChildWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a workflow had long ago is not written again with every change. */
class PartsTest {

    private static final int ROUNDS = 300;

    private final Story story = new Story();

    /**
     * Each round starts a timer and waits for it, as a workflow does that looks after something for months. One timer is for the end.
     *
     * @param flushes whether each round is stored by itself
     * @return a workflow in a worker's hands, all of it stored
     */
    private static UUID aged(Story story, boolean flushes) {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new StartTimer("end", 1_000_000_000), timer(0)));
        for (int i = 1; i <= ROUNDS; i++) {
            story.passes(1_000);
            if (flushes) {
                story.state.flush();
            }
            assertEquals(id, story.claim("w").executionId());
            story.given(story.submit(id, SubmissionStatus.SUSPENDED, timer(i)));
        }
        story.passes(1_000);
        assertEquals(id, story.claim("w").executionId());
        story.state.flush();
        return id;
    }

    private static StartTimer timer(int number) {
        return new StartTimer("t" + number, 1_000);
    }

    /** @return bytes that a flush writes for the execution itself, besides its history */
    private int written(UUID id) {
        Counting counting = new Counting(story.storage);
        PartitionState state = new PartitionState(counting, 1 << 20);
        Engine engine = new Engine(state);
        engine.process(story.meta(), story.submit(id, SubmissionStatus.SUSPENDED, new StartTimer("another", 1_000)));
        counting.bytes = 0;
        state.flush();
        return counting.bytes;
    }

    private static final class Counting implements Storage {
        private final Storage storage;
        private int bytes;

        private Counting(Storage storage) {
            this.storage = storage;
        }

        @Override
        public byte[] get(Table table, byte[] key) {
            return storage.get(table, key);
        }

        @Override
        public void put(Table table, byte[] key, byte[] value) {
            if (table == Table.EXECUTIONS && value != null) {
                bytes += value.length;
            }
            storage.put(table, key, value);
        }

        @Override
        public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
            storage.scanFrom(table, firstKey, visitor);
        }
    }

    @Test
    void timersThatFiredAreNotWrittenAgain() {
        UUID id = aged(story, true);

        int bytes = written(id);

        // The page with the timer that is open, and that which is not full, besides a core of some hundred bytes.
        assertTrue(bytes < 500 + 2 * 64 * 20, () -> bytes + " bytes for " + ROUNDS + " timers");
    }

    @Test
    void allAreKnownAfterARestartInTheirOrder() {
        UUID id = aged(story, true);
        Execution before = story.state.execution(id);

        Execution read = new PartitionState(story.storage, 1 << 20).execution(id);

        assertEquals(
                new ArrayList<>(before.timers().entrySet()),
                new ArrayList<>(read.timers().entrySet()));
        assertTrue(read.knowsTimer("t7"));
        assertFalse(read.timerArmed("t7"));
        assertTrue(read.timerArmed("end"));
    }

    @Test
    void aMissingPageIsDamageAndNotForgotten() {
        aged(story, true);
        List<byte[]> pages = new ArrayList<>();
        story.storage.scanFrom(Table.EXECUTIONS, new byte[0], (key, value) -> {
            if (key.length > 17 && key[16] == 3) {
                pages.add(key);
            }
            return true;
        });
        story.storage.put(Table.EXECUTIONS, pages.getFirst(), null);

        // A worker holds it, so it is read at once.
        assertThrows(DamagedRecordException.class, () -> new PartitionState(story.storage, 1 << 20));
    }

    @Test
    void whatIsStoredDoesNotDependOnWhenItWas() {
        Story other = new Story();
        aged(story, true);
        aged(other, false);

        assertEquals(other.storage.dump(), story.storage.dump());
    }

    @Test
    void promisesAndChildrenThatAreOverStandApartToo() {
        List<WorkflowStep> steps = new ArrayList<>();
        List<UUID> children = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            steps.add(new CreatePromise("p" + i, 0, "", 0));
            UUID given = story.newId();
            children.add(given);
            steps.add(new ScheduleChildWorkflow("c" + i, "sub", "", given, Story.json("1"), "", 0));
        }
        UUID id = story.waiting(steps.toArray(WorkflowStep[]::new));
        for (int i = 0; i < 140; i++) {
            story.given(new ResolvePromise(id, null, "p" + i, Story.json("1")));
            story.given(new ChildClosed(
                    id, Story.child(id, children.get(i)), "c" + i, ChildOutcome.COMPLETED, Story.json("1"), ""));
        }
        story.state.flush();
        Execution before = story.state.execution(id);

        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        Execution read = reopened.execution(id);

        assertEquals(List.copyOf(before.promises()), List.copyOf(read.promises()));
        assertEquals(List.copyOf(before.children()), List.copyOf(read.children()));
        assertEquals(
                10, read.children().stream().filter(child -> !child.closed()).count());
        assertEquals(
                new Child(Story.child(id, children.get(3)), "c3", true),
                read.children().stream().toList().get(3));
        assertTrue(read.promise("p3").settled());
        // A core, two pages of each that are over, and a page of the history in another table.
        assertEquals(5, story.storage.size(Table.EXECUTIONS));
    }

    /** Nodes that know only rules 3 may own the partition next, and know of no pages. */
    @Test
    void underOlderRulesNothingStandsApartAndItDoesOnceTheyAreRaised() {
        Story old = Story.under(Rules.PARTS_APART - 1);
        UUID id = aged(old, true);
        assertEquals(1, old.storage.size(Table.EXECUTIONS));
        old.given(new RaiseRules(Rules.PARTS_APART));
        old.state.flush();
        assertEquals(1, old.storage.size(Table.EXECUTIONS), "it did not change since");

        old.given(old.submit(id, SubmissionStatus.SUSPENDED, timer(ROUNDS + 1)));
        old.state.flush();

        assertTrue(old.storage.size(Table.EXECUTIONS) > 1);
        Execution read = new PartitionState(old.storage, 1 << 20).execution(id);
        assertEquals(
                new ArrayList<>(old.state.execution(id).timers().entrySet()),
                new ArrayList<>(read.timers().entrySet()));
    }

    @Test
    void nothingOfThemIsLeftWhenTheExecutionHasLeft() {
        UUID id = aged(story, true);
        story.given(new CancelWorkflow(id, "enough", "test"));
        story.state.flush();
        story.passes(Story.RETENTION_MS + 10_000);
        story.state.flush();

        assertEquals(0, story.storage.size(Table.EXECUTIONS));
    }
}
