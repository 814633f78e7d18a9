package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.codec.OutcomeDecoder;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventJson;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that were recorded are read back and applied, without deciding anything. */
class ExecutionFoldTest {

    private static final int COMMANDS = 1_500;
    private static final long MUCH = 64 << 20;

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void eventsReadBackAreThoseThatWereWritten(long seed) {
        for (LogEntry entry : new RecordedRandomLog(seed, COMMANDS).entries()) {
            for (EventRecord record : entry.outcome().record().getEventsList()) {
                SealedEvent sealed = OutcomeDecoder.event(record);
                Event event = EventParser.parse(sealed);

                assertEquals(sealed.type(), EventJson.type(event));
                assertArrayEquals(
                        sealed.data(),
                        EventJson.data(event, entry.outcome().record().getRulesVersion()),
                        () -> sealed.type() + " " + record.getData().toStringUtf8());
                assertEquals(sealed.taskId(), EventJson.taskId(event), sealed::type);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35, 36})
    void anExecutionStandsTheSameByItsOwnEventsAlone(long seed) {
        RecordedRandomLog log = new RecordedRandomLog(seed, COMMANDS);
        try (PartitionReplay replay = new PartitionReplay(RecordedRandomLog.HOME, MUCH)) {
            log.entries()
                    .forEach(entry ->
                            replay.carryOut(entry.command(), entry.outcome().verdict()));
            replay.stored();
            PartitionState decided = replay.state();
            List<Execution> all = new ArrayList<>();
            decided.executions(all::add);

            assertTrue(all.size() > 20, () -> "expected a log with executions, but it has " + all.size());
            for (Execution one : all) {
                Map<String, Object> folded = ExecutionTrace.of(0, one.id(), null, log.reader(), Long.MAX_VALUE)
                        .last()
                        .orElseThrow();
                assertEquals(
                        String.join("\n", JsonTree.lines(ExecutionTree.of(one, id -> decided.viewTask(one, id)))),
                        String.join("\n", JsonTree.lines(folded)));
            }
        }
    }

    @Test
    void aTraceTellsHowItStoodBeforeAndAfterEachCommand() {
        RecordedRandomLog log = new RecordedRandomLog(38, COMMANDS);
        Execution one = longest(log);

        ExecutionTrace trace = ExecutionTrace.of(0, one.id(), null, log.reader(), Long.MAX_VALUE);

        Map<String, Object> before = null;
        for (ExecutionTrace.Step step : trace.steps()) {
            assertEquals(JsonTree.json(before), JsonTree.json(step.before()));
            before = step.after();
        }
        assertTrue(
                trace.steps().stream().anyMatch(step -> step.outcome().hasRefusal()),
                "refused requests about it belong to it");
        assertTrue(HistoryText.lines(trace).size() > trace.steps().size());
        long half = trace.steps().get(trace.steps().size() / 2).offset();
        ExecutionTrace then = ExecutionTrace.of(0, one.id(), null, log.reader(), half);
        assertEquals(trace.steps().size() / 2, then.steps().size());
    }

    @Test
    void aTaskThatLeftWithItsWorkflowIsNotThereAnyMoreAndIsToldHowItEnded() {
        RecordedRandomLog log = new RecordedRandomLog(38, COMMANDS);
        int told = 0;

        for (LogEntry entry : log.entries()) {
            for (EventRecord event : entry.outcome().record().getEventsList()) {
                if (event.getType().equals("TASK_COMPLETED")
                        && !event.getTaskId().equals(event.getExecutionId())) {
                    told += toldOfTask(log, Ids.fromBytes(event.getExecutionId()), Ids.fromBytes(event.getTaskId()))
                            ? 1
                            : 0;
                }
            }
        }

        assertTrue(told > 0, "expected a workflow with completed tasks that left the state, but there is none");
    }

    private static boolean toldOfTask(RecordedRandomLog log, UUID workflow, UUID task) {
        boolean gone = ExecutionTrace.of(0, workflow, null, log.reader(), Long.MAX_VALUE)
                .last()
                .isEmpty();
        ExecutionTrace trace = ExecutionTrace.of(0, workflow, task, log.reader(), Long.MAX_VALUE);
        if (gone) {
            assertTrue(
                    trace.last().isEmpty(),
                    () -> "expected no task without its workflow, but it stands as " + trace.last());
            assertTrue(
                    trace.why().sentence().startsWith("It ended as COMPLETED at 1970-01-01T"),
                    () -> trace.why().sentence());
        }
        return gone;
    }

    @Test
    void stepsHoldWhatDidNotChangeOnce() {
        RecordedRandomLog log = new RecordedRandomLog(38, COMMANDS);

        ExecutionTrace trace = ExecutionTrace.of(0, longest(log).id(), null, log.reader(), Long.MAX_VALUE);

        int same = 0;
        for (ExecutionTrace.Step step : trace.steps()) {
            if (step.before() == null || step.after() == null) {
                continue;
            }
            for (Object task : (List<?>) step.after().getOrDefault("tasks", List.of())) {
                for (Object earlier : (List<?>) step.before().getOrDefault("tasks", List.of())) {
                    if (earlier.equals(task)) {
                        assertSame(earlier, task);
                        same++;
                    }
                }
            }
        }
        assertTrue(same > 0, "expected a task that stays as it is over a step, but there is none");
    }

    /** Whoever may write to Kafka may put something between, with the very id in it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void passesOverWhatIsNoOutcomeOrASecondOne(boolean second) {
        RecordedRandomLog log = new RecordedRandomLog(38, COMMANDS);
        UUID id = longest(log).id();
        ExecutionTrace expected = ExecutionTrace.of(0, id, null, log.reader(), Long.MAX_VALUE);
        byte[] garbage = Arrays.copyOf(new byte[] {10, 127}, 40);
        System.arraycopy(Ids.toBytes(id), 0, garbage, 2, 16);
        List<LogEntry> entries = new ArrayList<>();
        for (LogEntry entry : log.entries()) {
            entries.add(entry);
            byte[] more = second ? entry.outcome().value() : garbage;
            entries.add(new LogEntry(null, LoggedOutcome.of(entry.outcome().offset(), more)));
        }

        ExecutionTrace trace = ExecutionTrace.of(0, id, null, reader(entries), Long.MAX_VALUE);

        assertEquals(JsonTree.json(HistoryTree.of(expected)), JsonTree.json(HistoryTree.of(trace)));
    }

    /** One that is said to be of a command far behind hides none of those that come. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOutcomeOfACommandThatIsNotThereHidesNoOthers(boolean commandsAreLost) {
        RecordedRandomLog log = new RecordedRandomLog(38, COMMANDS);
        UUID id = longest(log).id();
        List<LogEntry> entries = new ArrayList<>();
        for (LogEntry entry : log.entries()) {
            entries.add(commandsAreLost ? new LogEntry(null, entry.outcome()) : entry);
        }
        ExecutionTrace expected = ExecutionTrace.of(0, id, null, reader(entries), Long.MAX_VALUE);
        byte[] farBehind = OutcomeRecord.newBuilder()
                .setCommandOffset(1L << 40)
                .setCommandId(Ids.toByteString(id))
                .build()
                .toByteArray();
        entries.addFirst(new LogEntry(null, LoggedOutcome.of(0, farBehind)));

        ExecutionTrace trace = ExecutionTrace.of(0, id, null, reader(entries), Long.MAX_VALUE);

        assertTrue(expected.steps().size() > 5, "expected a history of many steps");
        assertEquals(JsonTree.json(HistoryTree.of(expected)), JsonTree.json(HistoryTree.of(trace)));
    }

    private static Supplier<LogEntry> reader(List<LogEntry> entries) {
        Iterator<LogEntry> all = entries.iterator();
        return () -> all.hasNext() ? all.next() : null;
    }

    static Execution longest(RecordedRandomLog log) {
        try (PartitionReplay replay = new PartitionReplay(RecordedRandomLog.HOME, MUCH)) {
            log.entries()
                    .forEach(entry ->
                            replay.carryOut(entry.command(), entry.outcome().verdict()));
            replay.stored();
            List<Execution> all = new ArrayList<>();
            replay.state().executions(all::add);
            return all.stream()
                    .filter(each -> !each.header().standaloneTask())
                    .max((a, b) -> Long.compare(a.chainSequence(), b.chainSequence()))
                    .orElseThrow();
        }
    }
}
