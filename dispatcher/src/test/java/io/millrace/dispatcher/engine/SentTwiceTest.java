package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What partitions send each other comes again after a crash, an answer of Kafka that was lost, or an entry of the outbox that was not
 * struck in time. The second time it changes nothing. {@link ResetTest} has the children that go on, which random logs do not reach.
 */
class SentTwiceTest {

    private static final int COMMANDS = 1_500;
    private static final int SENT_IN_A_ROW = 64;

    private final Set<String> seen = new TreeSet<>();

    @Test
    void whatIsSentTwiceHappensOnce() {
        for (long seed = 1; seed <= 24; seed++) {
            carryOut(seed);
        }
        assertTrue(
                seen.containsAll(Set.of(
                        "BindPromiseKey",
                        "CancelWorkflow",
                        "CheckScheduledRun",
                        "ChildClosed",
                        "FreePromiseKey",
                        "LendPlaces",
                        "RejectPromise",
                        "RequestCancellation",
                        "ResolvePromise",
                        "ScheduledRunEnded",
                        "StartScheduledRun",
                        "StartWorkflow",
                        "TellPlaces")),
                () -> "sent only " + seen);
    }

    private void carryOut(long seed) {
        Engine engine = new Engine(new PartitionState(new MemoryStorage(), 256 << 20));
        for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
            CommandMeta meta = entry.meta();
            Deque<Outgoing> sent =
                    new ArrayDeque<>(engine.process(meta, entry.command()).outgoing());
            for (int i = 0; i < SENT_IN_A_ROW && !sent.isEmpty(); i++) {
                Outgoing outgoing = sent.poll();
                seen.add(outgoing.command().getClass().getSimpleName());
                sent.addAll(carriedOut(engine, outgoing, meta, false).outgoing());
                Outcome again = carriedOut(engine, outgoing, meta, true);
                assertEquals(List.of(), Story.types(again), () -> "of " + outgoing.command());
                sent.addAll(again.outgoing());
            }
        }
    }

    /** It was decided in this partition a moment before. */
    private Outcome carriedOut(Engine engine, Outgoing outgoing, CommandMeta of, boolean again) {
        return engine.process(
                new CommandMeta(
                        outgoing.commandId(),
                        outgoing.orgId(),
                        of.timeMs(),
                        of.appendedMs(),
                        of.offset(),
                        Story.MAX_HISTORY,
                        again,
                        false,
                        of.asked(),
                        of.asker()),
                outgoing.command());
    }
}
