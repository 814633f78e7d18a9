package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition changes hands: whoever takes it over goes on where the last commit left it. */
class TakeOverTest {

    @TempDir
    private Path folder;

    private final UUID id = Shards.newId(0);

    private Owner owner(KeyValueStore<Bytes, byte[]> store, long offset) {
        return Owner.owning(store, offset, folder);
    }

    private static KeyValueStore<Bytes, byte[]> copy(KeyValueStore<Bytes, byte[]> store) {
        KeyValueStore<Bytes, byte[]> copy = Owner.emptyStore();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                copy.put(entry.key, entry.value);
            }
        }
        return copy;
    }

    private static ReplyRecord.WorkClaimed.Result claimed(Owner owner) {
        return owner.replies.getLast().getWorkClaimed().getResults(0);
    }

    @Test
    void readyWorkIsStillReadyAndTold() {
        Owner first = owner(Owner.emptyStore(), 0);
        first.process(TestCommands.start(id));
        first.commit();
        first.close();
        assertNull(first.partitions.get(0));

        Owner second = owner(first.store, first.next());
        second.repeat();
        assertEquals(TestCommands.QUEUE, second.levels.getFirst().getQueue());
        assertTrue(
                first.levels.getLast().getPosition() <= second.levels.getFirst().getPosition(),
                "as new as what notifiers know, or they would not believe it");
        second.process(TestCommands.claim());
        assertEquals(id, Ids.fromBytes(claimed(second).getExecutionId()));
    }

    @Test
    void aClaimedWorkflowIsStillClaimedAndItsLeaseStillRuns() {
        Owner first = owner(Owner.emptyStore(), 0);
        first.process(TestCommands.start(id));
        first.process(TestCommands.claim());
        first.commit();

        Owner second = owner(first.store, first.next());
        assertEquals(TestCommands.NOW_MS + 60_000, second.nextDueMs());
        second.process(TestCommands.claim());
        assertTrue(claimed(second).getExecutionId().isEmpty());
        second.process(TestCommands.submit(id, TestCommands.timer("t", 500)));
        assertEquals(TestCommands.NOW_MS + 500, second.nextDueMs());
        OutcomeRecord fired = second.process(TestCommands.command()
                .setTimeMs(TestCommands.NOW_MS + 500)
                .setFireDue(FireDue.newBuilder().setLimit(10)));
        assertEquals("TIMER_FIRED", fired.getEvents(0).getType());
    }

    @Test
    void whoHasLostAPartitionDoesNotSayThatATaskIsNotThere() {
        Owner owner = owner(Owner.emptyStore(), 0);
        StateReads reads = new StateReads(owner.partitions, 4, null, new Readers());
        UUID org = Ids.fromBytes(TestCommands.command().getOrgId());
        assertTrue(reads.findTask(org, id, Set.of(0)).join().isEmpty());
        owner.close();
        CompletionException gone = assertThrows(
                CompletionException.class,
                () -> reads.findTask(org, id, Set.of(0)).join());
        assertInstanceOf(ReadsUnavailableException.class, gone.getCause());
        gone = assertThrows(
                CompletionException.class,
                () -> reads.queues(org, Set.of(0), new QueuePart.Asked(null, 1)).join());
        assertInstanceOf(ReadsUnavailableException.class, gone.getCause());
    }

    @Test
    void whatWasNotCommittedIsDoneAgainAndComesOutTheSame() {
        List<CommandRecord.Builder> log = List.of(
                TestCommands.start(id),
                TestCommands.claim(),
                TestCommands.submit(id, TestCommands.child(Shards.newId(3))),
                TestCommands.start(Shards.newId(0)));
        Owner first = owner(Owner.emptyStore(), 0);
        first.process(log.get(0));
        first.commit();
        KeyValueStore<Bytes, byte[]> committed = copy(first.store);
        OutcomeRecord claim = first.process(log.get(1));
        OutcomeRecord submission = first.process(log.get(2));
        OutcomeRecord start = first.process(log.get(3));

        Owner second = new Owner(committed, 2, folder, TenureContext.ofTheOnlyNode());

        assertEquals(claim, second.process(log.get(1)));
        assertEquals(submission, second.process(log.get(2)));
        assertEquals(start, second.process(log.get(3)));
        assertEquals(first.replies.subList(1, 4), second.replies);
        assertArrayEquals(
                first.sent.history().getFirst().value(),
                second.sent.history().getFirst().value(),
                "the same command");
    }

    @Test
    void whatWasOnItsWayIsSentAgainUntilKafkaHasIt() throws Exception {
        Owner first = owner(Owner.emptyStore(), 0);
        first.process(TestCommands.start(id));
        first.process(TestCommands.claim());
        first.process(TestCommands.submit(id, TestCommands.child(Shards.newId(3))));
        ProducerRecord<byte[], byte[]> sent = first.sent.take();
        first.commit();
        assertEquals(1, first.stored(Table.OUTBOX));

        Owner second = owner(copy(first.store), 4);
        ProducerRecord<byte[], byte[]> again = second.sent.take();
        assertArrayEquals(sent.key(), again.key(), "the same id, so that it counts once");
        assertEquals(
                SentCommands.command(sent).toBuilder().setSentAgain(true).build(),
                SentCommands.command(again),
                "the same, and it says that it may have come before");
        assertEquals(3, again.partition());
        second.sent.completeNext();
        second.commit();
        assertEquals(0, second.stored(Table.OUTBOX));

        assertEquals(0, owner(second.store, 5).sent.history().size());
    }

    @Test
    void whatArrivedBeforeTheCommitIsNeverStored() {
        Owner first = owner(Owner.emptyStore(), 0);
        first.process(TestCommands.start(id));
        first.process(TestCommands.claim());
        first.process(TestCommands.submit(id, TestCommands.child(Shards.newId(3))));
        first.sent.completeNext();
        first.commit();
        assertEquals(0, first.stored(Table.OUTBOX));
    }
}
