package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Same log, same state, same outcomes, byte for byte, wherever commits fall, however often the process dies between them,
 * and whatever is held in memory.
 */
class DeterminismTest {

    private static final int COMMANDS = 1_500;

    private record Result(List<String> outcomes, String stores) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
    void aRandomLogGivesTheSameStoresAndOutcomesWhereverCommitsAndCrashesFall(long seed) {
        assertDeterministic(new RandomLog(seed).entries(COMMANDS), seed);
    }

    /** The log above raises the rules somewhere; this one never does. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5})
    void soDoesALogOfTheOldestRules(long seed) {
        assertDeterministic(RandomLog.ofOldestRules(seed).entries(COMMANDS), seed);
    }

    private static void assertDeterministic(List<RandomLog.Entry> log, long seed) {
        Result atOnce = run(log, new Random(seed), COMMANDS + 1, 0, 256 << 20);
        Result everyCommand = run(log, new Random(seed), 1, 0, 256 << 20);
        Result inBatches = run(log, new Random(seed), 40, 0, 256 << 20);
        Result withCrashes = run(log, new Random(seed + 1), 40, 30, 256 << 20);
        Result withLittleMemory = run(log, new Random(seed + 2), 7, 90, 4_000);

        assertSame(atOnce, everyCommand);
        assertSame(atOnce, inBatches);
        assertSame(atOnce, withCrashes);
        assertSame(atOnce, withLittleMemory);
    }

    /** Names the first difference only: whole logs are too long to look at. */
    private static void assertSame(Result expected, Result actual) {
        for (int i = 0; i < expected.outcomes().size(); i++) {
            assertEquals(expected.outcomes().get(i), actual.outcomes().get(i), "outcome of command " + i);
        }
        List<String> lines = expected.stores().lines().toList();
        List<String> others = actual.stores().lines().toList();
        for (int i = 0; i < Math.min(lines.size(), others.size()); i++) {
            assertEquals(lines.get(i), others.get(i), "stored entry " + i);
        }
        assertEquals(lines.size(), others.size(), "number of stored entries");
    }

    @Test
    void theRandomLogsReachWhatTheyAreMeantToReach() {
        Set<String> types = new HashSet<>();
        for (long seed = 1; seed <= 24; seed++) {
            PartitionState state = new PartitionState(new MemoryStorage(), 256 << 20);
            Engine engine = new Engine(state);
            for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
                Outcome outcome = engine.process(entry.meta(), entry.command());
                outcome.events().forEach(event -> types.add(event.type()));
                if (outcome.refusal() != null) {
                    types.add(outcome.refusal().reason().name());
                    assertTrue(
                            outcome.refusal().reason() != Refusal.Reason.POISON,
                            outcome.refusal().text());
                }
            }
        }
        assertTrue(
                types.containsAll(Set.of(
                        "WORK_CLAIMED",
                        "WORK_POLICY_CHANGED",
                        "QUEUE_PLACES_CHANGED",
                        "QUEUE_PLACES_LENT",
                        "BULK_JOB_CHANGED",
                        "SCHEDULE_UPDATED",
                        "QUERY_SAVED",
                        "QUERY_DELETED",
                        "WORKFLOW_ANNOTATED",
                        "LEASE_EXPIRED",
                        "CLAIM_RELEASED",
                        "TASK_COMPLETED",
                        "TASK_FAILED",
                        "TASK_ATTEMPT_FAILED",
                        "TASK_CANCELLED",
                        "TIMER_FIRED",
                        "TIMER_CANCELLED",
                        "PROMISE_RESOLVED",
                        "PROMISE_REJECTED",
                        "PROMISE_TIMEOUT",
                        "CHILD_WORKFLOW_INITIATED",
                        "SIGNAL_RECEIVED",
                        "WORKFLOW_COMPLETED",
                        "WORKFLOW_FAILED",
                        "WORKFLOW_CANCELLED",
                        "EXECUTION_EVICTED",
                        "KEY_BOUND",
                        "KEY_RELEASED",
                        "KEY_FREED",
                        "SUBMISSION_DISCARDED",
                        "SUBMISSION_IGNORED",
                        "SUBMISSION_REFUSED",
                        "TASK_REPORT_REFUSED",
                        "TASK_REPORT_IGNORED",
                        "LEASE_MOVED",
                        "TASK_LEASE_MOVED",
                        "TASK_RETRIED",
                        "WORKFLOW_RESET",
                        "WORKFLOW_CONTINUED_AS_NEW",
                        "WORKFLOW_PAUSED",
                        "WORKFLOW_RESUMED",
                        "NOT_FOUND",
                        "FAILED_PRECONDITION")),
                () -> "reached only " + new java.util.TreeSet<>(types));
    }

    /**
     * @param batch commands between two commits, at the most
     * @param crashPercent chance that a batch is lost before its commit and done again, and the state read back
     */
    private static Result run(List<RandomLog.Entry> log, Random random, int batch, int crashPercent, long memory) {
        MemoryStorage committed = new MemoryStorage();
        MemoryStorage storage = committed.copy();
        List<String> outcomes = new ArrayList<>();
        PartitionState state = new PartitionState(storage, () -> memory, dues(memory));
        int at = 0;
        while (at < log.size()) {
            List<RandomLog.Entry> entries = log.subList(at, Math.min(log.size(), at + 1 + random.nextInt(batch)));
            List<String> uncommitted = process(state, entries, random);
            if (random.nextInt(100) < crashPercent) {
                storage = committed.copy();
                state = new PartitionState(storage, () -> memory, dues(memory));
                if (random.nextBoolean()) {
                    continue; // the batch was lost, and comes again
                }
                assertEquals(uncommitted, process(state, entries, random), "the same answers come out again");
            }
            state.flush();
            if (crashPercent > 0) {
                committed = storage.copy();
            }
            outcomes.addAll(uncommitted);
            at += entries.size();
        }
        return new Result(outcomes, storage.dump());
    }

    /** With little memory most of what falls due waits in the storage, too. */
    private static int dues(long memory) {
        return memory < 1 << 20 ? 3 : 1_000;
    }

    /** Carries out commands; now and then closed executions are written ahead of the commit. */
    private static List<String> process(PartitionState state, List<RandomLog.Entry> entries, Random random) {
        Engine engine = new Engine(state);
        List<String> outcomes = new ArrayList<>();
        for (RandomLog.Entry entry : entries) {
            outcomes.add(text(engine.process(entry.meta(), entry.command())));
            if (random.nextInt(4) == 0) {
                state.flushEvicted(random.nextInt(3));
                state.flushClosed();
                state.storePartition();
            }
        }
        return outcomes;
    }

    /** @return all that the outcome says, so that two are equal where their texts are */
    static String text(Outcome outcome) {
        StringBuilder text = new StringBuilder()
                .append(outcome.refusal())
                .append(outcome.answer())
                .append(outcome.outgoing())
                .append(outcome.timeMs())
                .append(HexFormat.of().formatHex(outcome.partitionHash()));
        for (SealedEvent event : outcome.events()) {
            text.append('\n')
                    .append(event.type())
                    .append(event.executionId())
                    .append(event.historySequence())
                    .append(event.status())
                    .append(new String(event.data(), java.nio.charset.StandardCharsets.UTF_8))
                    .append(HexFormat.of().formatHex(event.hash()));
        }
        return text.toString();
    }
}
