package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.LastTenure;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.Principal;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The passing of time becomes a command, whatever is done to that command. */
class DueClockTest {

    private final WrittenCommands written = new WrittenCommands();
    private final Partitions partitions = new Partitions();
    private final DueClock clock = new DueClock(partitions, written, "node", 70_000, now -> OptionalLong.empty());

    @BeforeEach
    void start() {
        clock.start();
    }

    @AfterEach
    void close() {
        clock.close();
    }

    /** @return a partition in which the last command left this time just now */
    private Partition owned(int number, long timeMs, long dueMs) {
        Partition partition =
                new Partition(number, new PartitionState(new MemoryStorage(), 16 << 20), owningTenure(number));
        partition.time(timeMs, false);
        partition.nextDueMs(dueMs);
        partitions.opened(partition);
        clock.consider(partition);
        return partition;
    }

    /** What a partition does when it has carried out the command. */
    private void carriedOut(Partition partition, long timeMs, boolean ahead, long nextDueMs) {
        partition.time(timeMs, ahead);
        partition.firingDone();
        partition.nextDueMs(nextDueMs);
        clock.consider(partition);
    }

    private static Tenure owningTenure(int number) {
        Tenure tenure = new Tenure(
                number,
                new TenureLog(number, "node", new WrittenCommands(), () -> 0),
                TenureContext.ofTheOnlyNode(),
                LastTenure.NONE,
                () -> Rules.VERSION);
        tenure.open();
        tenure.passed(new BeginTenure(tenure.id(), "node", 1, 0, 0, 0), 0);
        return tenure;
    }

    @Test
    void whatIsDueIsWrittenToItsPartition() throws Exception {
        owned(1, 2_000, Partition.NEVER);
        Partition partition = owned(3, 2_000, 1_000);

        WrittenCommands.Written record = written.take();

        assertEquals(3, record.partition());
        CommandRecord command = record.command();
        assertTrue(command.getFireDue().getLimit() > 0);
        assertEquals(0, command.getFireDue().getUnservedUntilMs());
        assertEquals(Principal.Type.SYSTEM, command.getPrincipal().getType());
        assertTrue(command.getTimeMs() > 1_000);
        assertEquals(70_000, command.getMaxHistoryBytes());
        assertTrue(command.getReplyNode().isEmpty(), "nobody waits for an answer");
        assertTrue(partition.firing(System.nanoTime(), Long.MAX_VALUE));
    }

    /** The partition's time, not the machine's: one is 55 years behind the other here, and in the next test an hour ahead. */
    @Test
    void whatFallsDueLaterIsWrittenThen() throws Exception {
        long beganNanos = System.nanoTime();
        owned(0, 1_000_000, 1_000_100);
        written.take();
        assertTrue(System.nanoTime() - beganNanos >= TimeUnit.MILLISECONDS.toNanos(100));
    }

    @Test
    void aPartitionWhoseTimeIsAheadOfTheMachinesIsAskedByItsOwn() throws Exception {
        long timeMs = System.currentTimeMillis() + 3_600_000;
        long beganNanos = System.nanoTime();
        owned(0, timeMs, timeMs + 100);
        CommandRecord command = written.take().command();
        assertTrue(System.nanoTime() - beganNanos >= TimeUnit.MILLISECONDS.toNanos(100));
        assertTrue(command.getTimeMs() >= timeMs + 100, "or it would not move a time that writers move");
    }

    @Test
    void aPartitionWhoseTimeGoesAtHalfSpeedIsGivenTwiceTheTime() throws Exception {
        Partition partition = owned(0, 1_000, Partition.NEVER);
        long beganNanos = System.nanoTime();
        carriedOut(partition, 1_000, true, 1_100);
        written.take();
        assertTrue(System.nanoTime() - beganNanos >= TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void aCommandThatCameTooEarlyIsFollowedByAnotherInDueTime() throws Exception {
        Partition partition = owned(0, 2_000, 2_000);
        written.take();
        long beganNanos = System.nanoTime();

        carriedOut(partition, 1_900, false, 2_000);

        written.take();
        assertTrue(System.nanoTime() - beganNanos >= TimeUnit.MILLISECONDS.toNanos(100));
    }

    @Test
    void whoHasJustBecomeTheOwnerAsksForTheTimeOnce() throws Exception {
        Partition partition = new Partition(2, new PartitionState(new MemoryStorage(), 16 << 20), owningTenure(2));
        partition.nextDueMs(Long.MAX_VALUE - 1);
        partitions.opened(partition);
        clock.consider(partition);
        assertEquals(2, written.take().partition());

        carriedOut(partition, 5_000, false, Long.MAX_VALUE - 1);
        Partition other = owned(3, 2_000, 2_000);
        assertEquals(3, written.take().partition());
        carriedOut(other, 3_000, false, 3_000);
        assertEquals(3, written.take().partition(), "and nothing more for the first");
    }

    @Test
    void afterTheMachineMayHaveSleptTheTimeIsAskedFor() throws Exception {
        Partition partition = owned(1, 1_000, 1_000_000_000);
        partition.doubtTime();
        clock.consider(partition);
        assertEquals(1, written.take().partition());
    }

    @Test
    void whatIsStillDueOnceTheCommandWasCarriedOutIsWrittenAgain() throws Exception {
        Partition partition = owned(0, 2_000, 1_000);
        CommandRecord first = written.take().command();
        carriedOut(partition, 2_000, false, 1_000);
        CommandRecord second = written.take().command();
        assertNotEquals(first.getCommandId(), second.getCommandId());
    }

    /** Each command is about one organisation, so what is due of many needs as many of them. */
    @Test
    void whereMuchWasLeftBehindMoreCommandsAreWrittenTogether() throws Exception {
        Partition partition = owned(0, 2_000, 1_000);
        written.take();
        for (int together = 2; together <= 32; together *= 2) {
            carriedOut(partition, 2_000, false, 1_000);
            int most = Math.min(together, Partition.MOST_TOGETHER);
            for (int i = 0; i < most; i++) {
                assertTrue(written.take().command().hasFireDue());
            }
            for (int i = 1; i < most; i++) {
                partition.firingDone();
                clock.consider(partition);
                assertTrue(partition.firing(System.nanoTime(), Long.MAX_VALUE), "the others are under way still");
            }
        }
        carriedOut(partition, 2_000, false, 2_001);
        written.take();
        carriedOut(partition, 2_010, false, Partition.NEVER);
        Partition other = owned(3, 2_000, 2_000);
        assertEquals(3, written.take().partition(), "what fell due meanwhile is no backlog: one command was enough");
        assertTrue(other.firing(System.nanoTime(), Long.MAX_VALUE));
    }

    @Test
    void aCommandThatNobodyCarriedOutIsWrittenAgain() throws Exception {
        owned(0, 2_000, 1_000);
        written.take().done().accept(new IllegalStateException("no broker"));
        assertTrue(written.take().command().hasFireDue());
    }

    @Test
    void whatGoesWrongWithOnePartitionEndsNothing() throws Exception {
        written.failFor(1);
        owned(1, 2_000, 1_000);
        written.awaitFailure();
        owned(3, 2_000, 1_000);
        assertEquals(3, written.take().partition());
        written.failFor(-1);
        assertEquals(1, written.take().partition(), "and it is tried again");
    }

    /** By the time of the partition, whatever this machine takes the time of day for. */
    @Test
    void itSaysUntilWhenKafkaDidNotAnswer() throws Exception {
        long agoNanos = TimeUnit.SECONDS.toNanos(20);
        try (DueClock other = new DueClock(
                partitions::all, written, "node", 70_000, now -> OptionalLong.of(System.nanoTime() - agoNanos))) {
            clock.close();
            Partition partition = owned(2, 3_600_000, 1_000);
            other.start();
            FireDue said = written.take().command().getFireDue();
            long passedMs = partition.time().at(System.nanoTime()) - 3_600_000;
            assertTrue(said.getUnservedUntilMs() >= 3_600_000 - 20_000, said::toString);
            assertTrue(said.getUnservedUntilMs() <= 3_600_000 - 20_000 + passedMs + 1, said::toString);
        }
    }

    @Test
    void anErrorOfTheMachineDoesNotEndIt() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        Supplier<Collection<Partition>> failingOnce = () -> {
            if (broken.getAndSet(false)) {
                throw new StackOverflowError();
            }
            return partitions.all();
        };
        try (DueClock other = new DueClock(failingOnce, written, "node", 70_000, now -> OptionalLong.empty())) {
            clock.close();
            owned(2, 2_000, 1_000);
            other.start();
            assertEquals(2, written.take().partition());
        }
    }
}
