package io.millrace.dispatcher.engine.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Event.ScheduleCreated;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.HistoryForm;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.ScheduleTiming;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Stores that an earlier version wrote are read by this one, and forms that nobody knows are refused. */
class OldFormsTest {

    private static final UUID ID = new UUID(1, 2);
    private static final UUID ORG = new UUID(3, 4);
    private static final UUID TASK = new UUID(5, 6);
    private static final Payload JSON = Payload.of("1");
    /** What a text that is null takes up. */
    private static final int NOTHING_BYTES = Bytes.writer().text(null).finish().length;
    /** What no refusals take up at the end of an execution. */
    private static final int REFUSALS_BYTES = 4 + 4 + NOTHING_BYTES;

    @Test
    void anEventUnderAKeyOfItsOwnIsReadAsAPageOfOne() {
        byte[] data = {'{', '}'};
        byte[] hash = new byte[32];
        hash[31] = 9;
        byte[] stored = Bytes.writer()
                .u8(1)
                .rawId(ID)
                .rawId(ORG)
                .id(TASK)
                .i32(7)
                .i64(11)
                .text("TASK_SCHEDULED")
                .blob(data)
                .i64(1_000)
                .u8(Status.WAITING.ordinal())
                .blob(hash)
                .finish();
        List<SealedEvent> events = new ArrayList<>();
        HistoryForm.read(HistoryForm.key(ID, 7), stored, events::add);
        SealedEvent event = events.getFirst();
        assertEquals(1, events.size());
        assertEquals(
                List.of(ID, ORG, TASK, 7, 11L, "TASK_SCHEDULED", 1_000L, Status.WAITING),
                List.of(
                        event.executionId(),
                        event.orgId(),
                        event.taskId(),
                        event.historySequence(),
                        event.chainSequence(),
                        event.type(),
                        event.timeMs(),
                        event.status()));
        assertArrayEquals(data, event.data());
        assertArrayEquals(hash, event.hash());
    }

    @Test
    void anExecutionFromBeforePagesBeginsAPageAfterItsHistory() {
        Execution execution = new Execution(header());
        execution.lastSequence = 12;
        execution.signals = 5;
        byte[] now = ExecutionForm.encode(execution);
        // The first form: another version, no word on the header, no page at the end.
        byte[] stored = Arrays.copyOfRange(now, 1, now.length - REFUSALS_BYTES - 4);
        stored[0] = 1;

        Execution read = ExecutionForm.decode(stored, () -> header().encode());

        assertEquals(header().input(), read.header().input());
        assertEquals(List.of(12, 5, 13), List.of(read.lastSequence, read.signals, read.historyPage));
    }

    @Test
    void aPartitionFromBeforeOffsetsKnowsNone() {
        MemoryStorage storage = new MemoryStorage();
        storage.put(
                Table.PARTITION,
                new byte[] {0},
                Bytes.writer()
                        .u8(1)
                        .i64(1_000)
                        .i64(3)
                        .blob(new byte[32])
                        .blob(new byte[32])
                        .finish());
        PartitionState state = new PartitionState(storage, 1 << 20);
        assertEquals(List.of(1_000L, -1L), List.of(state.timeMs(), state.offset()));
        state.carriedOut(17, ID);
        state.flush();
        assertEquals(17, new PartitionState(storage, 1 << 20).offset());
    }

    @Test
    void aTaskUnderItsExecutionIsFoundAndMovesWhenItChanges() {
        MemoryStorage storage = new MemoryStorage();
        PartitionState made = new PartitionState(storage, 1 << 20);
        Engine engine = new Engine(made);
        engine.process(meta(0), new SubmitTask(TASK, null, "mail", JSON, Map.of(), 0, 0, "", 0, "q", 1_000, 0));
        engine.process(meta(1), new LogTaskMessage(TASK, TASK, "INFO", "one", 10, 0));
        engine.process(meta(2), new CancelTask(TASK, TASK, Command.ANY_VERSION));
        made.flush();
        asBefore(storage, made.task(TASK, TASK));

        PartitionState state = new PartitionState(storage, 1 << 20);
        assertEquals(TASK, state.taskHome(ORG, TASK));
        assertNull(state.taskHome(ID, TASK));
        new Engine(state).process(meta(3), new LogTaskMessage(TASK, TASK, "INFO", "two", 10, 0));
        state.flush();

        assertEquals(List.of(3, 0), List.of(storage.size(Table.TASKS), storage.size(Table.TASKS_BY_EXECUTION)));
        PartitionState reopened = new PartitionState(storage, 1 << 20);
        assertEquals(
                List.of("one", "two"),
                reopened.task(TASK, TASK).log().stream()
                        .map(Task.LogLine::message)
                        .toList());
        assertEquals(TASK, reopened.taskHome(ORG, TASK));
    }

    @Test
    void aTaskUnderItsExecutionLeavesWithIt() {
        MemoryStorage storage = new MemoryStorage();
        PartitionState made = new PartitionState(storage, 1 << 20);
        Engine engine = new Engine(made);
        engine.process(meta(0), new SubmitTask(TASK, null, "mail", JSON, Map.of(), 0, 0, "", 0, "q", 1_000, 0));
        engine.process(meta(1), new CancelTask(TASK, TASK, Command.ANY_VERSION));
        made.flush();
        asBefore(storage, made.task(TASK, TASK));

        PartitionState state = new PartitionState(storage, 1 << 20);
        new Engine(state).process(meta(1_000_000), new FireDue(10));
        state.flush();

        assertNull(state.taskHome(ORG, TASK));
        assertEquals(List.of(0, 0), List.of(storage.size(Table.TASKS), storage.size(Table.TASKS_BY_EXECUTION)));
    }

    @Test
    void aPolicyFromBeforeThereWereLimitsHasNone() {
        MemoryStorage storage = new MemoryStorage();
        storage.put(
                Table.POLICIES,
                Bytes.writer()
                        .rawId(ORG)
                        .u8(WorkSubject.Type.QUEUE.ordinal())
                        .text("orders")
                        .finish(),
                Bytes.writer()
                        .u8(1)
                        .i64(7)
                        .u8(1)
                        .i64(5)
                        .text("ann")
                        .text("stock-taking")
                        .i64(0)
                        .finish());
        assertEquals(
                new WorkPolicy(7, new WorkPolicy.Pause(5, "ann", "stock-taking", 0), null),
                new PartitionState(storage, 1 << 20)
                        .policies()
                        .get(ORG, new WorkSubject(WorkSubject.Type.QUEUE, "orders")));
    }

    @Test
    void aTaskThatStandsInAGroupIsReadAsOne() {
        Task task = new Task(TASK, ID, "pay", "orders", Payload.of("1"), Map.of(), 3, 0, 500, 500);
        task.readySinceMs = 700;
        task.readyItem = new ReadyItem(500, ID, TASK, "pay", 700, "=big");
        assertEquals(task.readyItem, Task.decode(task.encode(), lines -> List.of()).readyItem);
        task.readyItem = new ReadyItem(500, ID, TASK, "pay", 700, "");
        byte[] without = task.encode();
        assertEquals(2, without[0], "the form of before, where there are no groups");
        assertEquals(task.readyItem, Task.decode(without, lines -> List.of()).readyItem);
    }

    @Test
    void aTaskFromBeforeSignsOfLifeWereNotedGaveNone() {
        Task task = new Task(TASK, ID, "pay", "orders", Payload.of("1"), Map.of(), 3, 0, 500, 500);
        task.holder = new Holder(new Asker("WORKER", "w", "key"), Holder.Binding.PRINCIPAL);
        byte[] without = task.encode();
        assertEquals(6, without[0], "the form of before, where none came");
        task.gaveSign = true;
        Task with = Task.decode(task.encode(), lines -> List.of());
        assertEquals(List.of(false, true), List.of(Task.decode(without, lines -> List.of()).gaveSign, with.gaveSign));
        assertEquals(task.holder, with.holder);
        task.holder = null;
        assertNull(Task.decode(task.encode(), lines -> List.of()).holder);
    }

    private static CommandMeta meta(long timeMs) {
        return new CommandMeta(new UUID(9, timeMs), ORG, timeMs, timeMs, timeMs, 0);
    }

    /** Stores the task as it once was: under its execution, with its log in it. */
    private static void asBefore(MemoryStorage storage, Task task) {
        new TaskStore(storage).delete(ORG, task.executionId, task.id);
        byte[] now = task.encode();
        Bytes stored = Bytes.writer()
                .raw(Arrays.copyOf(now, now.length - 4 - NOTHING_BYTES))
                .i32(task.log.size());
        task.log.forEach(line -> stored.text(line.level()).text(line.message()).i64(line.timeMs()));
        byte[] value = stored.finish();
        value[0] = 1;
        storage.put(
                Table.TASKS_BY_EXECUTION,
                Bytes.writer().rawId(task.executionId).rawId(task.id).finish(),
                value);
    }

    @Test
    void anExecutionFromBeforeRefusalsWereNotedHasNone() {
        Execution execution = new Execution(header());
        execution.signals = 5;
        execution.historyPage = 7;
        byte[] now = ExecutionForm.encode(execution);
        byte[] stored = Arrays.copyOf(now, now.length - REFUSALS_BYTES);
        stored[0] = 2;

        Execution read = ExecutionForm.decode(stored, () -> header().encode());

        assertEquals(List.of(5, 7, 0), List.of(read.signals, read.historyPage, read.refusedRounds));
        assertNull(read.refusal);
    }

    @Test
    void aTaskFromBeforeRefusalsWereNotedHasNone() {
        Task task = new Task(TASK, ID, "pay", "orders", Payload.of("1"), Map.of(), 3, 0, 500, 500);
        task.attempt = 2;
        byte[] now = task.encode();
        byte[] stored = Arrays.copyOf(now, now.length - NOTHING_BYTES);
        stored[0] = 1;

        Task read = Task.decode(stored, lines -> List.of());

        assertEquals(2, read.attempt());
        assertNull(read.refusal());
    }

    @Test
    void aKeyFromBeforeKeysWereFreedIsInUse() {
        KeyBinding binding = new KeyBinding(KeyUse.PROMISE, ORG, "invoice", TASK, ID, "p", 1_000, false);
        byte[] now = binding.encode();
        byte[] stored = Arrays.copyOf(now, now.length - 1);
        stored[0] = 1;
        assertEquals(binding, KeyBinding.decode(stored));
        assertEquals(binding.free(), KeyBinding.decode(binding.free().encode()));
        KeyBinding next = binding.inPlaceOf(binding.free());
        assertEquals(List.of(TASK), KeyBinding.decode(next.encode()).earlier());
    }

    @Test
    void aKeyFromBeforeBucketsIsReleasedWhenItIsDue() {
        MemoryStorage storage = new MemoryStorage();
        KeyBinding binding = new KeyBinding(KeyUse.TASK, ORG, "key", TASK, TASK, "mail", 5_000, false);
        storage.put(Table.KEYS, binding.storeKey(), binding.encode());
        storage.put(Table.DUE, binding.due().orElseThrow().key(), new byte[] {1});

        PartitionState state = new PartitionState(storage, 1 << 20);
        new Engine(state).process(meta(5_000), new FireDue(10));
        state.flush();

        assertNull(state.key(KeyUse.TASK, ORG, "key"));
        assertEquals(List.of(0, 0), List.of(storage.size(Table.KEYS), storage.size(Table.DUE)));
    }

    @Test
    void aScheduleAndASavedQueryFromBeforeTheyHadVersionsHaveNone() {
        ScheduleDefinition definition = new ScheduleDefinition(
                "nightly",
                TASK,
                new ScheduleTiming(ScheduleTiming.Form.ONCE, "", 0, 9_000, "", 0, 0, 0, 0),
                new ScheduleDefinition.Start("order", JSON, Map.of(), "orders", 0, "", "", 1_000),
                ScheduleDefinition.Overlap.SKIP,
                ScheduleDefinition.Missed.LATEST,
                1_000,
                0);
        Schedule schedule = Schedule.begin(new ScheduleCreated(ORG, definition, true, "ann", 7), 500);
        byte[] now = schedule.encode();
        assertEquals(schedule, Schedule.decode(ORG, definition, now));
        byte[] stored = Arrays.copyOf(now, now.length - Long.BYTES);
        stored[0] = 1;
        assertEquals(0, Schedule.decode(ORG, definition, stored).version());

        MemoryStorage storage = new MemoryStorage();
        storage.put(
                Table.SAVED_QUERIES,
                Bytes.writer().rawId(ORG).text("late").finish(),
                Bytes.writer()
                        .u8(1)
                        .text("TASKS")
                        .text("left = 0")
                        .text("")
                        .text("ann")
                        .finish());
        assertEquals(
                new SavedQuery("late", "TASKS", "left = 0", "", "ann", 0),
                new SavedQueryStore(storage).get(ORG, "late"));
    }

    @Test
    void aFormFromTheFutureIsRefused() {
        byte[] page = HistoryForm.newPage(ORG).finish();
        page[0] = 3;
        byte[] core = ExecutionForm.encode(new Execution(header()));
        core[0] = 7;
        assertThrows(IllegalStateException.class, () -> HistoryForm.read(HistoryForm.key(ID, 1), page, event -> {}));
        assertThrows(IllegalStateException.class, () -> ExecutionForm.decode(core, () -> header().encode()));
    }

    /** With an input so large that it is stored apart, as all were in the first form. */
    private static Header header() {
        Payload input = Payload.of("\"" + "x".repeat(600) + "\"");
        Header.Work work = new Header.Work("order", input, Map.of(), "orders", 0, "", "");
        return new Header(ID, ORG, false, work, "", 1_000, Header.Parent.NONE, 500, Header.EarlierRuns.NONE, null, "");
    }
}
