package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RulesRaiserTest {

    private final PartitionState state = new PartitionState(new MemoryStorage(), 1 << 20);
    private final WrittenCommands written = new WrittenCommands();
    private final AtomicLong nanoTime = new AtomicLong();
    private final AtomicBoolean allKnow = new AtomicBoolean();
    private final RulesRaiser raiser = new RulesRaiser(
            2,
            state,
            new TenureLog(2, "node", written, () -> 0),
            new TenureContext(
                    new Instance(0), () -> Lease.OF_THE_ONLY_NODE, Announcements.NONE, nanoTime::get, allKnow::get));

    @Test
    void raisesOnceWhenAllNodesKnowTheNewestRules() throws Exception {
        raiser.look();
        assertEquals(0, written.waiting());

        allKnow.set(true);
        raiser.look();
        raiser.look();
        WrittenCommands.Written raise = written.take();
        assertEquals(2, raise.partition());
        assertEquals(Rules.VERSION, raise.command().getRaiseRules().getVersion());
        assertEquals(0, written.waiting());
    }

    @Test
    void raisesAgainWhatWasLostAndNeverWhatIsInForce() throws Exception {
        allKnow.set(true);
        raiser.look();
        written.take();
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(11));
        raiser.look();
        written.take();

        new Engine(state)
                .process(new CommandMeta(new UUID(1, 1), new UUID(0, 0), 1, 1, 0, 0), new RaiseRules(Rules.VERSION));
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(11));
        raiser.look();
        assertEquals(0, written.waiting());
    }
}
