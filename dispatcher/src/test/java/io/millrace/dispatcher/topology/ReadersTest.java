package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory answers at once, on whichever thread asks; stores are read by threads that may wait for a disk. */
class ReadersTest {

    @TempDir
    private Path folder;

    private final UUID id = Shards.newId(0);
    private final SlowStore store = new SlowStore();
    private final Readers readers = new Readers();

    /** A disk that takes its time, but for the thread of the test, which stands for the stream thread and for an event loop. */
    private static final class SlowStore extends InMemoryKeyValueStore {
        private final AtomicInteger readsOfReaders = new AtomicInteger();
        private final CountDownLatch disk = new CountDownLatch(1);

        SlowStore() {
            super(Stores.STATE);
        }

        @Override
        public byte[] get(Bytes key) {
            if (Thread.currentThread().getName().startsWith("millrace-readers-")) {
                readsOfReaders.incrementAndGet();
                try {
                    disk.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted, as by a shutdown", e);
                }
            }
            return super.get(key);
        }
    }

    /** @return reads of one who took the partition over, and has nothing of it in memory yet */
    private StateReads takenOver() {
        Owner first = Owner.owning(store, 0, folder);
        first.process(TestCommands.start(id));
        first.commit();
        first.close();
        return new StateReads(Owner.owning(store, first.next(), folder).partitions, 1, null, readers);
    }

    @AfterEach
    void close() {
        readers.close();
    }

    @Test
    void whatIsInMemoryAnswersAtOnce() {
        Owner owner = Owner.owning(store, 0, folder);
        owner.process(TestCommands.start(id));
        StateReads reads = new StateReads(owner.partitions, 1, null, readers);
        assertTrue(reads.execution(TestCommands.ORG, id).isDone());
        assertEquals(1, reads.history(TestCommands.ORG, id).join().orElseThrow().getEventsCount());
        assertEquals(0, store.readsOfReaders.get());
    }

    @Test
    void whoAsksForWhatIsInAStoreIsNotHeldUp() {
        StateReads reads = takenOver();

        CompletableFuture<Optional<HistoryView>> history = reads.history(TestCommands.ORG, id);
        CompletableFuture<Optional<ExecutionView>> execution = reads.execution(TestCommands.ORG, id);
        assertFalse(history.isDone());
        store.disk.countDown();

        assertEquals(1, history.join().orElseThrow().getEventsCount());
        assertEquals("order", execution.join().orElseThrow().getKind());
        assertTrue(store.readsOfReaders.get() >= 2);
    }

    @Test
    void whoWaitsWhenTheNodeStopsIsToldToAskElsewhere() {
        StateReads reads = takenOver();
        CompletableFuture<?>[] waiting = new CompletableFuture<?>[5];
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = reads.execution(TestCommands.ORG, id);
        }

        readers.close();

        CompletionException gone = assertThrows(CompletionException.class, waiting[4]::join);
        assertInstanceOf(ReadsUnavailableException.class, gone.getCause());
        gone = assertThrows(
                CompletionException.class,
                () -> reads.execution(TestCommands.ORG, id).join());
        assertInstanceOf(ReadsUnavailableException.class, gone.getCause());
    }
}
