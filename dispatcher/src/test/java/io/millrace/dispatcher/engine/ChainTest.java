package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.ChainHash;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hash chains, after any log. */
class ChainTest {

    private static final int COMMANDS = 1_500;

    private record Link(long sequence, byte[] hash) {}

    /** Whoever has the events can prove each of them: the hash follows from the one before and the event itself. */
    @ParameterizedTest
    @ValueSource(longs = {4, 6, 7, 9, 11, 14})
    void everyEventContinuesTheChainOfItsExecution(long seed) {
        Engine engine = new Engine(new PartitionState(new MemoryStorage(), 256 << 20));
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
}
