package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.RandomLog;
import io.millrace.dispatcher.engine.event.Event.SubmissionIgnored;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Applier;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.reads.ReadsUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other threads see a partition as it is between two commands, however fast commands come, and whatever is in memory. */
class ViewsTest {

    private static final UUID ID = new UUID(1, 2);

    private final ExecutorService readers = Executors.newCachedThreadPool();
    private final AtomicBoolean readable = new AtomicBoolean(true);
    private final PartitionState state = new PartitionState(new SharedStorage(), 4_000);
    private final Applier applier = new Applier(state);
    private final Views views = new Views(state, readable::get);

    @AfterEach
    void close() {
        readers.shutdownNow();
    }

    /** As a store that is read on any thread. */
    private static final class SharedStorage implements Storage {

        private final MemoryStorage storage = new MemoryStorage();

        @Override
        public synchronized byte @Nullable [] get(Table table, byte[] key) {
            return storage.get(table, key);
        }

        @Override
        public synchronized void put(Table table, byte[] key, byte @Nullable [] value) {
            storage.put(table, key, value);
        }

        @Override
        public synchronized void scan(Table table, byte[] prefix, Visitor visitor) {
            storage.scan(table, prefix, visitor);
        }

        @Override
        public synchronized void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
            storage.scanFrom(table, firstKey, visitor);
        }
    }

    /** All that a reader can see of an execution at once. */
    private record Seen(
            UUID id,
            Status status,
            int lastSequence,
            long historyBytes,
            long chainSequence,
            boolean closed,
            String workerId,
            int deliveries,
            long leaseUntilMs,
            long readySinceMs,
            int signals) {

        static @Nullable Seen of(@Nullable Execution e) {
            return e == null
                    ? null
                    : new Seen(
                            e.id(),
                            e.status(),
                            e.lastSequence(),
                            e.historyBytes(),
                            e.chainSequence(),
                            e.closedMs() != 0,
                            e.workerId(),
                            e.deliveries(),
                            e.leaseUntilMs(),
                            e.readySinceMs(),
                            e.signals());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatReadersSeeStoodSoBetweenTwoCommands(long seed) throws Exception {
        Engine engine = new Engine(state);
        Set<UUID> known = ConcurrentHashMap.newKeySet();
        Set<Seen> whole = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        List<Future<Set<Seen>>> seen = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            seen.add(readers.submit(() -> readUntil(over, known)));
        }

        int commands = 0;
        for (RandomLog.Entry entry : new RandomLog(seed).entries(3_000)) {
            views.makeAwaited();
            Outcome outcome = engine.process(entry.meta(), entry.command());
            for (SealedEvent event : outcome.events()) {
                UUID id = event.executionId();
                Seen now = id == null ? null : Seen.of(state.view(id));
                if (now != null) {
                    whole.add(now);
                    known.add(id);
                }
            }
            if (++commands % 5 == 0) {
                state.flush();
            }
        }
        over.set(true);

        for (Future<Set<Seen>> each : seen) {
            Set<Seen> strange = each.get(60, TimeUnit.SECONDS);
            strange.removeAll(whole);
            assertEquals(Set.of(), strange);
        }
        assertFalse(views.isAwaited());
    }

    private Set<Seen> readUntil(AtomicBoolean over, Set<UUID> known) {
        Set<Seen> seen = ConcurrentHashMap.newKeySet();
        while (!over.get()) {
            for (UUID id : known) {
                Seen direct = views.take(now -> Seen.of(now.view(id)), id);
                if (direct != null) {
                    seen.add(direct);
                }
                Optional<Views.Story<Execution>> story =
                        views.story(now -> Optional.ofNullable(now.standing(id)), Function.identity(), 0, id);
                story.ifPresent(told -> {
                    seen.add(Seen.of(told.view()));
                    assertEquals(told.view().lastSequence(), told.history().size());
                    assertEquals(
                            told.view().historyBytes(),
                            told.history().stream()
                                    .mapToLong(SealedEvent::historyBytes)
                                    .sum());
                });
            }
        }
        return seen;
    }

    /** So that its own attempts never succeed, as may befall whoever reads slowly what changes all the time. */
    private String readOfWhatAlwaysChanges(PartitionState now, Thread reader) {
        if (Thread.currentThread() == reader) {
            applier.apply(new SubmissionIgnored(ID, "too late", null));
            now.changes().end();
            return "what does not belong together";
        }
        return "whole";
    }

    @Test
    void whoeverMeetsNothingButChangesIsServedByTheStreamThread() throws Exception {
        Future<String> read = readers.submit(() -> {
            Thread reader = Thread.currentThread();
            return views.take(now -> readOfWhatAlwaysChanges(now, reader), ID);
        });
        while (!views.isAwaited()) {
            Thread.onSpinWait();
        }

        views.makeAwaited();

        assertEquals("whole", read.get(20, TimeUnit.SECONDS));
    }

    @Test
    void whoeverMustNotWaitDoesNot() {
        applier.apply(new SubmissionIgnored(ID, "half of a command", null));

        assertThrows(StoreGate.ShutException.class, () -> StoreGate.shut(() -> views.take(now -> "", ID)));
        assertFalse(views.isAwaited());
    }

    @Test
    void noReaderWaitsForAPartitionThatIsLostInTheMidstOfACommand() throws Exception {
        applier.apply(new SubmissionIgnored(ID, "half of a command", null));
        Future<String> read = readers.submit(() -> views.take(now -> "", ID));
        while (!views.isAwaited()) {
            Thread.onSpinWait();
        }

        readable.set(false);

        ExecutionException failure = assertThrows(ExecutionException.class, () -> read.get(20, TimeUnit.SECONDS));
        assertTrue(failure.getCause() instanceof ReadsUnavailableException, failure.toString());
        assertFalse(views.isAwaited());
    }

    @Test
    void aReadThatFailsOnWhatBelongsTogetherFails() {
        IllegalStateException failure = new IllegalStateException("expected");
        assertEquals(
                failure,
                assertThrows(
                        IllegalStateException.class,
                        () -> views.take(
                                now -> {
                                    throw failure;
                                },
                                ID)));
    }

    @Test
    void changesOfOtherThingsDisturbNoReader() {
        applier.apply(new SubmissionIgnored(ID, "half of a command", null));

        assertNotNull(views.take(now -> "", new UUID(3, 4)));
    }
}
