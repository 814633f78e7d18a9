package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.ChainHash;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties that hold after any log. */
class ChainTest {

    private static final int COMMANDS = 1_500;

    private record Link(long sequence, byte[] hash) {}

    /** Whoever has the events can prove each of them: the hash follows from the one before and the event itself. */
    @ParameterizedTest
    @ValueSource(longs = {4, 6, 7, 9})
    void everyEventContinuesTheChainOfItsExecution(long seed) {
        Engine engine = new Engine(new PartitionState(new MemoryStorage(), 100_000));
        ChainHash hash = new ChainHash();
        Map<UUID, Link> chains = new HashMap<>();
        for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
            for (SealedEvent event : engine.process(entry.meta(), entry.command()).events()) {
                Link last = chains.getOrDefault(event.executionId(), new Link(0, new byte[32]));
                assertEquals(last.sequence() + 1, event.chainSequence(), event.type());
                assertArrayEquals(
                        hash.of(
                                last.hash(),
                                event.executionId(),
                                event.chainSequence(),
                                event.historySequence(),
                                event.type(),
                                event.timeMs(),
                                event.data()),
                        event.hash(),
                        event.type());
                if (event.type().equals("EXECUTION_EVICTED")) {
                    chains.remove(event.executionId());
                } else {
                    chains.put(event.executionId(), new Link(event.chainSequence(), event.hash()));
                }
            }
        }
    }

    /** A claim gets something exactly where the level says that there is something. */
    @ParameterizedTest
    @ValueSource(longs = {4, 6, 7, 9})
    void levelsSayWhatClaimsFind(long seed) {
        PartitionState state = new PartitionState(new MemoryStorage(), 100_000);
        Engine engine = new Engine(state);
        long offset = 0;
        long lastMs = 0;
        for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
            engine.process(entry.meta(), entry.command());
            offset = entry.meta().offset() + 1;
            lastMs = Math.max(lastMs, entry.meta().timeMs());
        }
        for (QueueKey queue : state.ready().nonEmpty()) {
            int level = state.ready().depths(queue).values().stream().mapToInt(Integer::intValue).sum();
            int found = 0;
            while (claims(engine, queue, offset++, lastMs)) {
                found++;
            }
            assertEquals(level, found, queue.toString());
        }
    }

    private static boolean claims(Engine engine, QueueKey queue, long offset, long timeMs) {
        var claim = new Claim(
                new UUID(9, offset), "w", List.of(), true, 60_000, 100);
        var command = new ClaimWork(
                queue.workType(), queue.queue(), List.of(claim));
        var meta = new CommandMeta(new UUID(10, offset), queue.orgId(), timeMs, offset);
        Answer.Claimed answer = (Answer.Claimed) engine.process(meta, command).answer();
        return answer.grants().getFirst().executionId() != null;
    }
}
