package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The passing of time becomes a command, whatever is done to that command. */
class DueClockTest {

    private final WrittenCommands written = new WrittenCommands();
    private final Partitions partitions = new Partitions();
    private final DueClock clock = new DueClock(partitions, written, "node", 70_000);

    @BeforeEach
    void start() {
        clock.start();
    }

    @AfterEach
    void close() {
        clock.close();
    }

    private Partition owned(int number, long dueMs) {
        Partition partition = new Partition(number, new PartitionState(new MemoryStorage(), 16 << 20), owningTenure(number));
        partition.nextDueMs(dueMs);
        partitions.opened(partition);
        clock.consider(dueMs);
        return partition;
    }

    private static Tenure owningTenure(int number) {
        Tenure tenure = new Tenure(
                number, new TenureLog(number, "node", new WrittenCommands()), TenureContext.ofTheOnlyNode(), null, "");
        tenure.open();
        tenure.passed(new BeginTenure(tenure.id(), "node", 1), 0);
        return tenure;
    }

    @Test
    void whatIsDueIsWrittenToItsPartition() throws Exception {
        owned(1, Partition.NEVER);
        Partition partition = owned(3, 1_000);

        WrittenCommands.Written record = written.take();

        assertEquals(3, record.partition());
        CommandRecord command = record.command();
        assertTrue(command.getFireDue().getLimit() > 0);
        assertEquals(Principal.Type.SYSTEM, command.getPrincipal().getType());
        assertTrue(command.getTimeMs() > 1_000);
        assertEquals(70_000, command.getMaxHistoryBytes());
        assertTrue(command.getReplyNode().isEmpty(), "nobody waits for an answer");
        assertTrue(partition.firingSinceMs() > 0);
    }

    @Test
    void whatFallsDueLaterIsWrittenThen() throws Exception {
        Partition partition = owned(0, Partition.NEVER);
        long dueMs = System.currentTimeMillis() + 100;
        partition.nextDueMs(dueMs);
        clock.consider(dueMs);
        assertTrue(written.take().command().getTimeMs() >= dueMs);
    }

    @Test
    void whatIsStillDueOnceTheCommandWasCarriedOutIsWrittenAgain() throws Exception {
        Partition partition = owned(0, 1_000);
        CommandRecord first = written.take().command();
        partition.firingSinceMs(0);
        clock.consider(1_000);
        CommandRecord second = written.take().command();
        assertNotEquals(first.getCommandId(), second.getCommandId());
    }

    @Test
    void aCommandThatNobodyCarriedOutIsWrittenAgain() throws Exception {
        owned(0, 1_000);
        written.take().done().accept(new IllegalStateException("no broker"));
        assertTrue(written.take().command().hasFireDue());
    }
}
