package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.proto.v1.CommandRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A history that was written to a file is read back, looked at, and carried out with another command. */
class HistoryFileTest {

    private static final int COMMANDS = 800;

    private static final Map<Long, List<ExecutionTrace>> TRACES = new HashMap<>();

    private static List<ExecutionTrace> traces(long seed) {
        return TRACES.computeIfAbsent(seed, HistoryFileTest::read);
    }

    private static List<ExecutionTrace> read(long seed) {
        RecordedRandomLog log = new RecordedRandomLog(seed, COMMANDS);
        try (PartitionReplay replay = new PartitionReplay(RecordedRandomLog.HOME, 64 << 20)) {
            log.entries()
                    .forEach(entry ->
                            replay.carryOut(entry.command(), entry.outcome().verdict()));
            replay.stored();
            List<Execution> all = new ArrayList<>();
            replay.state().executions(all::add);
            return all.stream()
                    .map(one -> ExecutionTrace.of(0, one.id(), null, log.reader(), Long.MAX_VALUE))
                    .toList();
        }
    }

    private static String written(ExecutionTrace trace) {
        return JsonTree.json(HistoryTree.of(trace));
    }

    @ParameterizedTest
    @ValueSource(longs = {51, 52, 53})
    void whatWasWrittenIsReadBackAndTellsTheSame(long seed) {
        List<ExecutionTrace> traces = traces(seed);
        assertTrue(traces.size() > 20, () -> "expected a log with executions, but it has " + traces.size());
        for (ExecutionTrace trace : traces) {
            HistoryFile file = HistoryFile.read(written(trace));

            assertEquals(written(trace), written(file.trace(file.steps())));
            assertEquals(
                    JsonTree.json(trace.why().tree()),
                    JsonTree.json(file.trace(file.steps()).why().tree()));
        }
    }

    /** Where the log has lost commands, nobody knows where they stood. */
    @Test
    void whatIsToldWithoutCommandsIsReadBackAsWell() {
        RecordedRandomLog log = new RecordedRandomLog(51, COMMANDS);
        Iterator<LogEntry> all = log.entries().iterator();
        ExecutionTrace trace = ExecutionTrace.of(
                0,
                ExecutionFoldTest.longest(log).id(),
                null,
                () -> all.hasNext() ? new LogEntry(null, all.next().outcome()) : null,
                Long.MAX_VALUE);
        assertTrue(trace.steps().size() > 5, "expected a history of many steps");

        HistoryFile file = HistoryFile.read(written(trace));

        assertEquals(written(trace), written(file.trace(file.steps())));
    }

    @Test
    void anyStepIsShownAsItWas() {
        ExecutionTrace trace = longest();
        HistoryFile file = HistoryFile.read(written(trace));
        for (int step = 1; step <= file.steps(); step += 1 + file.steps() / 17) {
            assertEquals(
                    JsonTree.json(trace.steps().get(step - 1).after()),
                    JsonTree.json(file.trace(step).last().orElse(null)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {52, 53})
    void theSameCommandInsteadOfACommandChangesNothing(long seed) {
        int tried = 0;
        for (ExecutionTrace trace : traces(seed)) {
            HistoryFile file = HistoryFile.read(written(trace));
            int step = 1 + tried % file.steps();
            CommandRecord there = trace.steps().get(step - 1).command();
            if (there == null) {
                continue;
            }
            WhatIf same = WhatIf.of(file, step, JsonTree.json(CommandTree.of(there)));
            assertEquals(List.of(), same.steps());
            assertEquals(List.of(), same.differences());
            tried++;
        }
        assertTrue(tried > 20, "expected commands to try, but there are few");
    }

    @Test
    void withoutItsStartAWorkflowIsNeverThereAndEachLaterCommandIsRefusedOrDoesNothing() {
        HistoryFile file = HistoryFile.read(written(longest()));

        WhatIf without = WhatIf.of(file, 1, null);

        assertEquals(1, without.steps().getFirst().step());
        assertEquals(List.of(), without.steps().getFirst().instead());
        assertTrue(without.steps().stream()
                .allMatch(step -> step.instead().stream().allMatch(line -> line.startsWith("refused"))));
        assertTrue(without.differences().stream().allMatch(line -> line.startsWith("- ")), without::toString);
    }

    @Test
    void anotherCommandIsCarriedOutInstead() {
        ExecutionTrace trace = longest();
        HistoryFile file = HistoryFile.read(written(trace));

        WhatIf cancelled = WhatIf.of(
                file,
                2,
                "{\"name\":\"cancel_workflow\",\"body\":{\"execution_id\":\"" + trace.executionId()
                        + "\",\"reason\":\"what if\"}}");

        assertTrue(
                cancelled.steps().getFirst().instead().stream().anyMatch(line -> line.contains("WORKFLOW_CANCELLED")),
                cancelled::toString);
        assertTrue(cancelled.why().startsWith("The workflow was cancelled at "), cancelled::why);
    }

    @Test
    void aCommandThatIsNoneIsRefusedWithWhatIsWrong() {
        HistoryFile file = HistoryFile.read(written(longest()));
        Function<String, String> refused =
                command -> assertThrows(LogUnreadableException.class, () -> WhatIf.of(file, 2, command))
                        .getMessage();

        assertTrue(refused.apply("{").contains("expected a text in quotation marks, but the text ends there"));
        assertTrue(refused.apply("[]").contains("expected an object"));
        assertTrue(refused.apply("{\"name\":\"dance\"}").contains("such as cancel_workflow, but got 'dance'"));
        assertTrue(refused.apply("{\"name\":\"reason\"}").contains("but got 'reason'"));
        assertTrue(refused.apply("{\"name\":\"cancel_workflow\",\"body\":{\"why\":1}}")
                .contains("expected fields of cancel_workflow that this version knows, but got 'why'; they are ["));
        assertTrue(refused.apply("{\"name\":\"cancel_workflow\",\"body\":{\"reason\":1}}")
                .contains("expected reason to be string, but got 1"));
        assertTrue(refused.apply("{\"name\":\"cancel_workflow\",\"body\":{\"execution_id\":\"x\"}}")
                .contains("expected an id as execution_id, but got 'x'"));
        assertTrue(refused.apply("{\"name\":\"claim_work\",\"body\":{\"claims\":{}}}")
                .contains("expected claims to be a list, but got {}"));
        assertTrue(refused.apply("{\"name\":\"claim_work\",\"body\":{\"claims\":[{\"longer_lease_ms\":[1]}]}}")
                .contains("expected longer_lease_ms to be an object, but got [1]"));
        assertTrue(refused.apply("{\"name\":\"cancel_workflow\",\"written\":\"+999999999-01-01T00:00:00Z\"}")
                .contains("expected a time such as 2026-01-31T14:03:00Z, but got '+999999999-01-01T00:00:00Z'"));
        assertEquals(
                "expected a step from 1 to " + file.steps() + ", but got 0",
                assertThrows(LogUnreadableException.class, () -> WhatIf.of(file, 0, null))
                        .getMessage());
    }

    @Test
    void truncatedForeignAndNewerFilesAreRefusedWithWhatTheyAre() {
        String whole = written(longest());

        for (int end = 0; end < whole.length(); end += 1 + whole.length() / 29) {
            String cut = whole.substring(0, end);
            assertTrue(
                    refused(cut)
                            .startsWith(
                                    "expected what `millrace history ID --json` writes, whole, but it is not JSON, or only"),
                    () -> cut);
        }
        assertEquals(
                "expected what `millrace history ID --json` writes, with the format millrace.history, but its format is"
                        + " millrace.state",
                refused("{\"format\":\"millrace.state\",\"version\":1}"));
        assertTrue(refused("[1]").endsWith("but it says no format"));
        assertTrue(refused("{\"a\nb\":1}")
                .endsWith("expected a text without control characters at character 4, but there is U+000A"));
        assertTrue(refused(whole.replaceFirst("\"decision\":\"ACCEPTED\",", ""))
                .contains("step 1: expected a decision, since there are events, but it has none"));
        assertEquals(
                "expected version 1 to 1 of millrace.history, which this Millrace knows, but the file has version 2",
                refused(whole.replaceFirst("\"version\":1", "\"version\":2")));
        assertTrue(refused("{\"format\":\"millrace.history\",\"version\":1,\"execution\":\"0\",\"steps\":[]}")
                .contains("expected an id as execution, but got \"0\""));
        assertTrue(refused(whole.replaceFirst("\"takenIn\":\"[^\"]*\"", "\"takenIn\":\"+999999999-01-01T00:00:00Z\""))
                .contains(
                        "step 1: expected a time such as 2026-01-31T14:03:00Z, but got '+999999999-01-01T00:00:00Z'"));
        assertTrue(refused(whole.replaceFirst("\"offset\":", "\"place\":"))
                .contains("but: step 1: expected a number as offset, but got null"));
        assertTrue(refused(whole.replaceFirst("\"name\":\"[a-z_]+\"", "\"name\":\"of_the_future\""))
                .contains("step 1: expected the name of a command that this version knows"));
        assertTrue(refused(whole.replaceFirst("\"type\":\"WORKFLOW_STARTED\"", "\"type\":\"OF_THE_FUTURE\""))
                .startsWith("expected the events of the command at offset "));
    }

    private static String refused(String file) {
        return assertThrows(LogUnreadableException.class, () -> {
                    HistoryFile read = HistoryFile.read(file);
                    read.trace(read.steps());
                })
                .getMessage();
    }

    private static ExecutionTrace longest() {
        return traces(51).stream()
                .filter(trace -> trace.steps().getFirst().command() != null
                        && trace.steps().getFirst().command().hasStartWorkflow())
                .max((a, b) -> Integer.compare(a.steps().size(), b.steps().size()))
                .orElseThrow();
    }
}
