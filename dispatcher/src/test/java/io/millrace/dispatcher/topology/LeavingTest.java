package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.StartWorkflow;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Closed executions fall due to leave in crowds, those of ten seconds at once. They leave bit by bit, so that no commit has to delete
 * them all while commands wait.
 */
class LeavingTest {

    private static final int CROWD = 600;
    private static final long RETENTION_MS = 60_000;
    private static final long TIME_MS = 1_000_000;

    @TempDir
    private Path folder;

    private Owner owner;

    private void closed() {
        UUID id = Shards.newId(0);
        owner.process(at(TIME_MS)
                .setStartWorkflow(StartWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setKind("k")
                        .setQueue("q")
                        .setRetentionMs(RETENTION_MS)));
        owner.process(at(TIME_MS)
                .setCancelWorkflow(CancelWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setReason("enough")));
    }

    private static CommandRecord.Builder at(long timeMs) {
        return TestCommands.command().setTimeMs(timeMs);
    }

    /** @return how many executions left */
    private int fires(long timeMs) {
        return (int) owner.process(at(timeMs).setFireDue(FireDue.newBuilder().setLimit(250))).getEventsList().stream()
                .filter(event -> event.getType().equals("EXECUTION_EVICTED"))
                .count();
    }

    @Test
    void theNextOfACrowdLeaveWhenThoseBeforeAreDeleted() {
        owner = Owner.owning(Owner.emptyStore(), 0, folder);
        for (int i = 0; i < CROWD; i++) {
            closed();
        }
        owner.commit();
        long bucketMs = owner.nextDueMs();
        long dueMs = TIME_MS + 100_000;
        assertTrue(bucketMs <= dueMs && bucketMs >= TIME_MS + RETENTION_MS, () -> "a bucket at " + bucketMs);

        assertEquals(250, fires(bucketMs + 1));
        assertEquals(Partition.NEVER, owner.nextDueMs(), "nobody asks for more before these are deleted");
        long before = owner.stored(Table.EXECUTIONS);
        owner.tick();
        assertTrue(owner.stored(Table.EXECUTIONS) < before, "a tick deletes some");
        int ticks = 1;
        while (owner.nextDueMs() == Partition.NEVER) {
            owner.tick();
            assertTrue(++ticks < CROWD, "expected the next of them to leave some time, but none does");
        }
        assertEquals(bucketMs, owner.nextDueMs());

        assertEquals(250, fires(bucketMs + 2));
        owner.commit(); // a commit deletes what is left, so that nothing stays behind
        assertEquals(bucketMs, owner.nextDueMs());
        assertEquals(100, fires(bucketMs + 3));
        owner.commit();
        assertEquals(0, owner.stored(Table.EXECUTIONS));
        assertEquals(0, owner.stored(Table.HISTORY));
    }

    /** Whoever cannot keep up with so little at a time lets them leave as fast as it goes. */
    @Test
    void whatIsLateWaitsForNothing() {
        owner = Owner.owning(Owner.emptyStore(), 0, folder);
        for (int i = 0; i < CROWD; i++) {
            closed();
        }
        long bucketMs = owner.nextDueMs();

        assertEquals(250, fires(bucketMs + 120_000));

        assertEquals(bucketMs, owner.nextDueMs());
    }
}
