package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.PartitionState;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The first command of a log may say by which rules it goes on; no later one can. */
class NewLogTest {

    private static final BeginTenure NEWEST =
            new BeginTenure(new UUID(1, 1), "node", Rules.VERSION, 0, Rules.VERSION, 0);

    private final PartitionState state = new PartitionState(new MemoryStorage(), 1 << 20);
    private final Engine engine = new Engine(state);
    private long offset;

    private Outcome when(Command command) {
        return engine.process(new CommandMeta(new UUID(9, offset), new UUID(0, 0), 1_000, 1_000, offset++, 0), command);
    }

    @Test
    void aLogThatBeginsWithThemGoesOnByTheNewestRules() {
        Outcome first = when(NEWEST);
        assertEquals(
                Rules.OLDEST, first.rules(), "the command itself is decided by what is in force where nothing is said");
        assertEquals(
                List.of("RULES_RAISED", "TENURE_BEGAN"),
                first.events().stream().map(SealedEvent::type).toList());
        assertEquals(Rules.VERSION, when(new FireDue(1)).rules());
        assertEquals(NEWEST.tenureId(), state.tenureId());
    }

    @Test
    void aBeginningThatSaysNothingLeavesTheOldestRules() {
        when(new BeginTenure(new UUID(1, 1), "node", Rules.VERSION, 0, 0, 0));
        assertEquals(Rules.OLDEST, when(new FireDue(1)).rules());
    }

    @Test
    void behindAnotherCommandItSaysNothingOfTheRules() {
        when(new FireDue(1));
        assertEquals(1, when(NEWEST).events().size());
        assertEquals(Rules.OLDEST, state.rules());
    }

    @Test
    void rulesThatAreNotKnownAreNeverInForce() {
        Outcome first = when(new BeginTenure(new UUID(1, 1), "newer", Rules.VERSION + 1, 0, Rules.VERSION + 1, 0));
        assertEquals(Refusal.Reason.FAILED_PRECONDITION, first.refusal().reason());
        assertEquals(Rules.OLDEST, state.rules());
    }

    @Test
    void aReplayGivesTheSame() {
        NewLogTest again = new NewLogTest();
        when(NEWEST);
        again.when(NEWEST);
        assertArrayEquals(
                when(new FireDue(1)).partitionHash(), again.when(new FireDue(1)).partitionHash());
        assertEquals(state.rules(), again.state.rules());
    }
}
