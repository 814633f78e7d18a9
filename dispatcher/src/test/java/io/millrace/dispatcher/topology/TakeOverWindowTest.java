package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.partition.Announcements;
import io.millrace.dispatcher.partition.Instance;
import io.millrace.dispatcher.partition.ScriptedLease;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.partition.TenureState;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.BeginTenure;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node says of a partition before it owns it, while that is not certain, and after it was lost: nothing. */
class TakeOverWindowTest {

    @TempDir
    private Path folder;

    private final UUID id = Shards.newId(0);
    private final ScriptedLease lease = new ScriptedLease();

    /** One who was given the partition, and whose tenure has still to begin. */
    private Owner given(KeyValueStore<Bytes, byte[]> store, long offset) {
        return new Owner(
                store,
                offset,
                folder,
                new TenureContext(new Instance(0), () -> lease, Announcements.NONE, System::nanoTime, () -> false));
    }

    private static StateReads reads(Owner owner) {
        return new StateReads(owner.partitions, 1, Runnable::run, new Readers());
    }

    private int historyOf(Owner owner) {
        return reads(owner).execution(TestCommands.ORG, id).join().orElseThrow().getHistoryLength();
    }

    private void assertSilent(Owner owner) {
        StateReads reads = reads(owner);
        assertFalse(reads.owns(0));
        assertUnavailable(reads.execution(TestCommands.ORG, id));
        assertUnavailable(reads.history(TestCommands.ORG, id));
        assertUnavailable(reads.findTask(TestCommands.ORG, id, Set.of(0)));
        assertUnavailable(reads.queues(TestCommands.ORG, Set.of(0), new QueuePart.Asked(null, 1)));
        List<WatchStep> steps = new ArrayList<>();
        reads.watch(
                        WatchRequest.newBuilder()
                                .setOrgId(Ids.toByteString(TestCommands.ORG))
                                .setExecutionId(Ids.toByteString(id))
                                .build(),
                        steps::add)
                .next();
        assertEquals(WatchStep.End.MOVED, steps.getFirst().getEnd());
        int said = owner.levels.size();
        owner.repeat();
        assertEquals(said, owner.levels.size());
        assertFalse(owner.partitions.get(0).tenure().timers());
    }

    private static void assertUnavailable(CompletableFuture<?> read) {
        CompletionException failure = assertThrows(CompletionException.class, read::join);
        assertInstanceOf(ReadsUnavailableException.class, failure.getCause());
    }

    private static CommandRecord.Builder beginningOf(String node) {
        return TestCommands.command()
                .clearReplyNode()
                .setBeginTenure(BeginTenure.newBuilder()
                        .setTenureId(Ids.toByteString(UUID.randomUUID()))
                        .setNode(node)
                        .setKnownRules(1));
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

    @Test
    void whereverTheOwnerDiesTheNextOneIsSilentUntilItHasCaughtUpAndThenKnowsAll() {
        List<CommandRecord.Builder> log = List.of(
                TestCommands.start(id),
                TestCommands.claim(),
                TestCommands.submit(id, TestCommands.timer("t", 500)),
                TestCommands.start(Shards.newId(0)));
        for (int committed = 0; committed <= log.size(); committed++) {
            Owner first = given(Owner.emptyStore(), 0);
            first.own();
            KeyValueStore<Bytes, byte[]> store = null;
            for (int i = 0; i <= log.size(); i++) {
                if (i == committed) {
                    first.commit();
                    store = copy(first.store);
                }
                if (i < log.size()) {
                    first.process(log.get(i));
                }
            }
            int acknowledged = historyOf(first);

            Owner second = given(store, 1 + committed);
            assertSilent(second);
            for (int i = committed; i < log.size(); i++) {
                second.process(log.get(i));
                assertSilent(second);
            }
            assertEquals(log.size() - committed, second.replies.size(), "their callers wait");
            second.own();

            assertEquals(acknowledged, historyOf(second), "after a commit behind " + committed);
            assertFalse(second.levels.isEmpty(), "what stands ready is said at once");
        }
    }

    /** Nothing of it comes twice, and nothing is passed over, wherever the owner dies. */
    @Test
    void streamsGoOnTasksAreFoundAndTimersFireAtTheNextOwner() throws InterruptedException {
        UUID task = Shards.newId(0);
        UUID parallel = Shards.newId(0);
        List<CommandRecord.Builder> log = List.of(
                TestCommands.start(id),
                TestCommands.claim(),
                TestCommands.submit(id, TestCommands.task(task)),
                TestCommands.start(parallel),
                TestCommands.claim(),
                TestCommands.submit(parallel, TestCommands.timer("t", 500)));
        for (int committed = 0; committed <= log.size(); committed++) {
            Owner first = given(Owner.emptyStore(), 0);
            first.own();
            KeyValueStore<Bytes, byte[]> store = null;
            Stream stream = null;
            for (int i = 0; i <= log.size(); i++) {
                if (i == committed) {
                    first.commit();
                    store = copy(first.store);
                }
                if (i < log.size()) {
                    first.process(log.get(i));
                }
                if (i == 0) {
                    stream = new Stream(first, 0);
                    assertEquals(List.of(1), stream.next());
                }
            }
            long dueMs = first.nextDueMs();

            Owner second = given(store, 1 + committed);
            for (int i = committed; i < log.size(); i++) {
                assertSilent(second);
                assertUnavailable(reads(second).findTask(TestCommands.ORG, task, Set.of(0)));
                second.process(log.get(i));
            }
            second.own();

            int told = stream.told;
            assertEquals(
                    IntStream.rangeClosed(told + 1, historyOf(second)).boxed().toList(),
                    new Stream(second, told).next(),
                    "from where it was, after a commit behind " + committed);
            assertEquals(
                    task,
                    Ids.fromBytes(reads(second)
                            .findTask(TestCommands.ORG, task, Set.of(0))
                            .join()
                            .orElseThrow()
                            .getTaskId()));
            assertTrue(second.partitions.get(0).tenure().timers());
            assertEquals(dueMs, second.nextDueMs());
            List<String> fired = new ArrayList<>();
            for (int times = 0; times < 2; times++) { // by each of the two, as far as the log tells
                second.process(TestCommands.command()
                                .setTimeMs(dueMs)
                                .setFireDue(FireDue.newBuilder().setLimit(10)))
                        .getEventsList()
                        .forEach(event -> fired.add(event.getType()));
            }
            assertEquals(
                    1, fired.stream().filter("TIMER_FIRED"::equals).count(), () -> "after " + dueMs + ": " + fired);
        }
    }

    /** What a stream of server-sent events asks for. */
    private final class Stream {

        private final BlockingQueue<WatchStep> steps = new LinkedBlockingQueue<>();
        private final ExecutionWatch watch;
        private int told;

        Stream(Owner owner, int after) {
            told = after;
            watch = reads(owner)
                    .watch(
                            WatchRequest.newBuilder()
                                    .setOrgId(Ids.toByteString(TestCommands.ORG))
                                    .setExecutionId(Ids.toByteString(id))
                                    .setAfter(after)
                                    .build(),
                            steps::add);
        }

        /** @return sequences of the next events */
        List<Integer> next() throws InterruptedException {
            watch.next();
            WatchStep step = steps.poll(60, TimeUnit.SECONDS);
            assertNotNull(step, "nothing came");
            assertEquals(WatchStep.End.OPEN, step.getEnd());
            told += step.getEventsCount();
            return step.getEventsList().stream()
                    .map(EventRecord::getHistorySequence)
                    .toList();
        }
    }

    @Test
    void anAnswerWaitsWhileAnotherMayStillServeReadsWithoutHavingDoneIt() {
        Owner first = given(Owner.emptyStore(), 0);
        first.process(beginningOf("elsewhere"));
        first.commit();
        lease.formerOwnersOut = false;

        Owner second = given(copy(first.store), 1);
        second.process(TestCommands.start(id));
        second.own();
        second.tick();
        assertTrue(second.replies.isEmpty());
        assertSilent(second);

        lease.formerOwnersOut = true;
        second.tick();
        assertEquals(1, second.replies.size());
        assertEquals(1, historyOf(second));
        assertFalse(second.levels.isEmpty());
    }

    @Test
    void whoCannotBeCertainAnswersNoReadsUntilItIsAgain() {
        Owner owner = given(Owner.emptyStore(), 0);
        owner.own();
        owner.process(TestCommands.start(id));
        lease.holds = false;
        assertSilent(owner);
        lease.holds = true;
        assertEquals(1, historyOf(owner));
    }

    @Test
    void whoComesUponALaterTenureSaysNothingMore() {
        Owner owner = given(Owner.emptyStore(), 0);
        owner.own();
        owner.process(TestCommands.start(id));
        owner.process(beginningOf("elsewhere"));
        owner.process(TestCommands.start(Shards.newId(0)));

        assertSilent(owner);
        assertEquals(1, owner.replies.size(), "the other gives the second answer");
        owner.tick();
        assertEquals(TenureState.CONTESTED, owner.partitions.get(0).tenure());
    }

    @Test
    void aPartitionThatTheGroupLeftHereIsOwnedAgainWithWhatWasDoneMeanwhile() {
        Owner owner = given(Owner.emptyStore(), 0);
        owner.own();
        owner.process(beginningOf("elsewhere"));
        owner.process(TestCommands.start(id));
        lease.confirmedAt = Long.MAX_VALUE;
        owner.tick();
        owner.own();
        owner.tick();

        assertEquals(1, owner.replies.size());
        assertEquals(1, historyOf(owner));
    }
}
