package io.millrace.dispatcher.engine.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.codec.CommandDecoder;
import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Event.TenureBegan;
import io.millrace.dispatcher.engine.event.EventParser;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the state of a partition keeps of those who may still answer its reads, also over a stop. */
class LastTenureTest {

    private static final UUID A = new UUID(1, 11);
    private static final UUID A_AGAIN = new UUID(2, 11);
    private static final UUID B = new UUID(3, 12);

    private MemoryStorage storage;
    private PartitionState state;
    private long offset;

    @BeforeEach
    void begin() {
        storage = new MemoryStorage();
        state = new PartitionState(storage, 1 << 20);
        given(new RaiseRules(Rules.VERSION));
    }

    /** As it comes from the log, and over a stop. */
    private Outcome given(Command command) {
        UUID nobody = new UUID(0, 0);
        CommandMeta meta =
                new CommandMeta(nobody, nobody, 1_000, 1_000, offset++, 0, false, false, new byte[32], Asker.NOBODY);
        Outcome outcome = new Engine(state).process(meta, CommandDecoder.decode(CommandRecords.of(meta, command)));
        state.flush();
        state = new PartitionState(storage, 1 << 20);
        return outcome;
    }

    private static Command begins(UUID id, String node, int leaseMs) {
        return new BeginTenure(id, node, Rules.VERSION, 0, 0, leaseMs);
    }

    @Test
    void theLeaseStandsInTheEventAndIsReadFromItsText() {
        Outcome outcome = given(begins(A, "a", 15_000));
        assertEquals(
                new TenureBegan(A, "a", Rules.VERSION, 0, 15_000),
                EventParser.parse(outcome.events().getFirst()));
        assertEquals(
                new TenureBegan(B, "b", Rules.VERSION, 0, 0),
                EventParser.parse(given(begins(B, "b", 0)).events().getFirst()));
    }

    @Test
    void theLongestLeaseSinceAnOwnerEndedInOrderIsKept() {
        given(begins(A, "a", 15_000));
        assertEquals(new LastTenure(A, "a", 15_000, false), state.lastTenure());
        given(begins(B, "b", 3_000));
        assertEquals(new LastTenure(B, "b", 15_000, true), state.lastTenure());
        given(begins(A_AGAIN, "a", 0));
        assertEquals(new LastTenure(A_AGAIN, "a", 15_000, true), state.lastTenure());
        given(new EndTenure(A_AGAIN, "a"));
        assertNull(state.lastTenure().id());
        given(begins(A, "a", 0));
        assertEquals(new LastTenure(A, "a", 0, false), state.lastTenure());
    }

    @Test
    void whoComesBackToItsOwnFolderIsNoOther() {
        given(begins(A, "a", 0));
        given(begins(A_AGAIN, "a", 0));
        assertEquals(new LastTenure(A_AGAIN, "a", 0, false), state.lastTenure());
        given(begins(new UUID(9, 11), "namesake", 0));
        assertEquals(new LastTenure(new UUID(9, 11), "namesake", 0, true), state.lastTenure());
    }

    @Test
    void anEndOfAnotherTenureChangesNothing() {
        given(begins(A, "a", 15_000));
        given(begins(B, "b", 0));
        given(new EndTenure(A, "a"));
        assertEquals(new LastTenure(B, "b", 15_000, true), state.lastTenure());
    }

    @Test
    void rulesBeforeKnowNothingOfLeases() {
        storage = new MemoryStorage();
        state = new PartitionState(storage, 1 << 20);
        given(new RaiseRules(Rules.READ_LEASES - 1));
        given(begins(A, "a", 15_000));
        given(begins(B, "b", 15_000));
        assertEquals(new LastTenure(B, "b", 0, false), state.lastTenure());
    }
}
