package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.ChangeTaskState;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.StateChange;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.ContinueAsNew;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.command.WorkflowStep.SetState;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Table;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Closed executions stay as long as they are to be kept, and then leave nothing behind in the stores. */
class RetentionTest {

    /** Closed executions leave in buckets of ten seconds. */
    private static final long BUCKET_MS = 10_000;

    private final Story story = new Story();

    private int stored(Table table) {
        return story.storage.size(table);
    }

    private UUID completed() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        return id;
    }

    @Test
    void aClosedExecutionIsKeptForItsTime() {
        UUID id = completed();
        story.passes(Story.RETENTION_MS - 1);
        assertNotNull(story.state.execution(id));
        story.passes(BUCKET_MS + 1);
        assertNull(story.state.execution(id));
    }

    @Test
    void anOpenExecutionIsKeptForEver() {
        UUID id = story.waiting();
        story.passes(100 * Story.RETENTION_MS);
        assertNotNull(story.state.execution(id));
    }

    @Test
    void whatLeavesMayBeDeletedPieceByPieceBetweenCommits() {
        List<UUID> ids = List.of(completed(), completed(), completed());
        story.state.flush();
        story.passes(Story.RETENTION_MS + BUCKET_MS);
        assertEquals(List.of(3, 3), List.of(stored(Table.EXECUTIONS), stored(Table.HISTORY)));
        ids.forEach(id -> assertNull(story.state.view(id))); // readers see none of it either, though it is stored still
        story.state.flushEvicted(4); // each has a core and a page
        assertEquals(List.of(1, 1), List.of(stored(Table.EXECUTIONS), stored(Table.HISTORY)));
        ids.forEach(id -> assertNull(story.state.execution(id)));
        // An id that comes back before the rest is deleted is a new execution.
        story.given(story.start(ids.get(2), Story.KIND, ""));
        story.state.flushEvicted(2);
        story.state.flush();
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(ids.get(2)));
        assertEquals(List.of(1, 1), List.of(stored(Table.EXECUTIONS), stored(Table.HISTORY)));
    }

    /** Executions are of very different sizes, so a number of them bounds nothing. */
    @Test
    void aLargeExecutionLeavesBitByBit() {
        UUID id = story.running();
        WorkflowStep[] steps = new WorkflowStep[200];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = new ScheduleTask("pay", Story.json("1"), story.newId(), 0, 0, "");
        }
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, steps));
        story.given(new CancelWorkflow(id, "enough", "test"));
        story.state.flush();
        int all = storedRecords();
        story.passes(Story.RETENTION_MS + BUCKET_MS);

        story.state.flushEvicted(10);
        int left = storedRecords();
        assertTrue(left < all && left > all / 2, () -> left + " of " + all);
        assertNull(story.state.view(id)); // readers see none of it, though much is stored still
        int calls = 1;
        while (story.state.evicted() > 0) {
            story.state.flushEvicted(10);
            calls++;
        }
        assertEquals(0, storedRecords());
        assertTrue(calls > 5, "expected many steps, but there were " + calls);
    }

    @Test
    void theNotesOfManyRunsLeaveBitByBit() {
        UUID run = story.running();
        for (int i = 0; i < 100; i++) {
            UUID next = story.newId();
            story.given(story.submit(
                    run, SubmissionStatus.COMPLETED, new ContinueAsNew(next, Story.json("1"), 0, Map.of())));
            story.claim("w");
            run = next;
        }
        story.given(new CancelWorkflow(run, "enough", "test"));
        story.state.flush();
        int all = stored(Table.RUNS);
        assertTrue(all > 200, () -> all + " notes of 100 runs");
        story.passes(Story.RETENTION_MS + BUCKET_MS);

        while (storedRecords() > 0) {
            story.state.flushEvicted(10);
        }
        assertTrue(stored(Table.RUNS) > all / 2, () -> stored(Table.RUNS) + " of " + all);
        int calls = 0;
        while (story.state.evicted() > 0) {
            story.state.flushEvicted(10);
            calls++;
        }
        story.state.flush();
        assertEquals(0, stored(Table.RUNS));
        assertTrue(calls > 5, "expected many steps, but there were " + calls);
    }

    private int storedRecords() {
        return stored(Table.EXECUTIONS) + stored(Table.HISTORY) + stored(Table.TASKS);
    }

    @Test
    void whatComesBackUnderAnIdStaysInMemoryWhenItsForerunnerLeaves() {
        UUID id = completed();
        story.state.flushClosed();
        story.passes(Story.RETENTION_MS + BUCKET_MS);
        story.given(story.start(id, Story.KIND, ""));
        Execution successor = story.state.execution(id);
        story.state.flushEvicted(1);

        story.state.flush();
        story.state.flush(); // it leaves the time after next

        assertSame(successor, story.state.execution(id));
    }

    @Test
    void nothingIsLeftInTheStores() {
        UUID task = story.newId();
        UUID id = story.running();
        story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""),
                new CreatePromise("p", 0, "", 0),
                new SetState("k", Story.json("1"))));
        story.given(new CancelWorkflow(id, "enough", "test"));
        story.state.flush();
        assertEquals(List.of(2, 1), List.of(stored(Table.EXECUTIONS), stored(Table.HISTORY)));
        assertEquals(List.of(1, 1, 1), List.of(stored(Table.TASKS), stored(Table.PROMISES), stored(Table.CLOSED)));

        story.passes(Story.RETENTION_MS + BUCKET_MS);
        story.state.flush();
        for (Table table : Table.values()) {
            assertEquals(table == Table.PARTITION ? 1 : 0, stored(table), table.name());
        }
        assertEquals(0, story.state.dues().size());
    }

    @Test
    void whatComesLaterIsNotFound() {
        UUID task = story.newId();
        UUID id = story.waiting(
                new ScheduleTask("pay", Story.json("1"), task, 0, 0, ""), new CreatePromise("p", 0, "", 0));
        UUID promise = story.state.execution(id).promise("p").id();
        story.claimTask("t");
        story.given(new CancelWorkflow(id, "enough", "test"));
        story.passes(Story.RETENTION_MS + BUCKET_MS);
        for (Command command : List.of(
                new CompleteTask(task, id, Story.json("1")),
                new ResolvePromise(null, promise, "", Story.json("1")),
                new SignalWorkflow(id, "go", Story.json("1"), 10, "", 0),
                new CancelWorkflow(id, "enough", "test"),
                story.submit(id, SubmissionStatus.COMPLETED))) {
            assertEquals(
                    Refusal.Reason.NOT_FOUND,
                    story.when(command).refusal().reason(),
                    command.getClass().getName());
        }
    }

    @Test
    void aTaskThatIsStillOpenGoesWithItsWorkflow() {
        UUID task = story.newId();
        UUID id = story.running();
        story.given(
                story.submit(id, SubmissionStatus.COMPLETED, new ScheduleTask("pay", Story.json("1"), task, 0, 0, "")));
        assertEquals(1, story.readyWork(WorkType.TASK), "losing branches run on");
        story.passes(Story.RETENTION_MS + BUCKET_MS);
        assertEquals(0, story.readyWork(WorkType.TASK));
        assertNull(story.claimTask("t").taskId());
    }

    @Test
    void anIdThatLeftMayComeBack() {
        UUID id = completed();
        story.state.flush();
        story.passes(Story.RETENTION_MS + BUCKET_MS);
        story.given(story.start(id, Story.KIND, ""));
        story.state.flush();
        assertEquals(List.of("WORKFLOW_STARTED"), story.history(id));
        assertEquals(1, stored(Table.HISTORY));
    }

    @Test
    void aStandaloneTaskIsKeptForItsTimeToo() {
        UUID id = story.newId();
        story.given(new SubmitTask(
                id, null, "mail", Story.json("1"), Map.of(), 0, 0, "", 0, Story.QUEUE, Story.RETENTION_MS, 0));
        story.claimTask("t");
        story.given(new CompleteTask(id, id, Story.json("2")));
        story.given(new ChangeTaskState(id, id, StateChange.SET, "k", Story.json("1"), 100));
        story.passes(Story.RETENTION_MS - 1);
        assertNotNull(story.state.task(id, id));
        story.passes(BUCKET_MS + 1);
        story.state.flush();
        assertNull(story.state.task(id, id));
        assertEquals(0, stored(Table.TASKS) + stored(Table.EXECUTIONS));
    }

    @Test
    void manyThatCloseTogetherLeaveInPiecesAndEachIsLookedAtOnce() {
        int many = 1_000;
        for (int i = 0; i < many; i++) {
            completed();
        }
        story.state.flush();
        story.tick(Story.RETENTION_MS + BUCKET_MS);
        long before = story.storage.visits();
        int commands = 0;
        while (story.state.dues().size() > 0) {
            Outcome outcome = story.given(new FireDue(100));
            assertTrue(
                    outcome.events().size() <= 100,
                    "one command evicted " + outcome.events().size());
            commands++;
        }
        assertEquals(many / 100, commands);
        long perExecution = (story.storage.visits() - before) / many;
        assertTrue(perExecution <= 3, "looked at " + perExecution + " entries for each execution");
        story.state.flush();
        assertEquals(0, stored(Table.EXECUTIONS) + stored(Table.CLOSED) + stored(Table.DUE));
    }

    @Test
    void whatCannotBeReadAnyMoreIsTheMachinesFaultAndStaysDue() {
        UUID damaged = story.waiting(new StartTimer("t", 500));
        story.state.flush();
        String sound = story.storage.dump();
        MemoryStorage storage = story.storage.copy();
        storage.scan(Table.EXECUTIONS, key(damaged), (key, value) -> {
            storage.put(Table.EXECUTIONS, key, new byte[] {99});
            return false;
        });
        CommandMeta meta = new CommandMeta(
                story.newId(), Story.ORG, story.state.timeMs() + 1_000, story.state.timeMs() + 1_000, 100, 0);

        assertThrows(
                DamagedRecordException.class,
                () -> new Engine(new PartitionState(storage, 16 << 20)).process(meta, new FireDue(10)));

        assertEquals(sound, story.storage.dump());
        PartitionState rebuilt = new PartitionState(story.storage, 16 << 20);
        assertNull(new Engine(rebuilt).process(meta, new FireDue(10)).refusal());
        assertEquals(Status.PENDING, rebuilt.execution(damaged).status(), "the timer was still due");
    }

    private static byte[] key(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
