package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Named.named;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.SignalWithStart;
import io.millrace.proto.v1.SubmitTask;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read while a command is carried out: the state before it or after it, whatever is asked. */
class WholeCommandsTest {

    /** One of the partition. */
    private static final String KEY = IntStream.range(0, 1_000)
            .mapToObj(i -> "key-" + i)
            .filter(key -> Shards.partition(Shards.of(TestCommands.ORG, key), 4) == 0)
            .findFirst()
            .orElseThrow();

    @TempDir
    private Path folder;

    private final ScheduledThreadPoolExecutor pump = new ScheduledThreadPoolExecutor(1);
    private final Readers readers = new Readers();
    private final UUID id = Shards.newId(0);
    private final SteppedStore store = new SteppedStore();

    /** A read by the id of the execution. */
    private interface Read extends BiFunction<StateReads, UUID, CompletableFuture<?>> {}

    /** Does something whenever the engine looks for a key: before it decides, and between two events that it applies. */
    private static final class SteppedStore extends InMemoryKeyValueStore {

        private volatile Thread engine;
        private Runnable step = () -> {};

        SteppedStore() {
            super(Stores.STATE);
        }

        @Override
        public byte[] get(Bytes key) {
            if (Thread.currentThread() == engine && key.get()[0] == Stores.prefix(Table.KEYS)) {
                step.run();
            }
            return super.get(key);
        }
    }

    @AfterEach
    void close() {
        pump.shutdownNow();
        readers.close();
    }

    static Stream<Named<Read>> reads() {
        return Stream.of(
                named("history", (reads, id) -> reads.history(TestCommands.ORG, id)),
                named("execution", (reads, id) -> reads.execution(TestCommands.ORG, id)),
                named("state", (reads, id) -> reads.workflowState(TestCommands.ORG, id)),
                named("why", (reads, id) -> reads.why(TestCommands.ORG, id)),
                named("watch", (reads, id) -> watched(reads, id, false)),
                named("wait for the end", (reads, id) -> watched(reads, id, true)));
    }

    private static CompletableFuture<WatchStep> watched(StateReads reads, UUID id, boolean onlyEnd) {
        CompletableFuture<WatchStep> step = new CompletableFuture<>();
        reads.watch(
                        WatchRequest.newBuilder()
                                .setOrgId(Ids.toByteString(TestCommands.ORG))
                                .setExecutionId(Ids.toByteString(id))
                                .setOnlyEnd(onlyEnd)
                                .build(),
                        step::complete)
                .next();
        return onlyEnd ? step.completeOnTimeout(WatchStep.getDefaultInstance(), 1, TimeUnit.SECONDS) : step;
    }

    @ParameterizedTest
    @MethodSource("reads")
    void aWorkflowIsSeenWithAllThatItsStartAppendsOrNotAtAll(Read read) throws Exception {
        assertWhole(
                read,
                TestCommands.command()
                        .setSignalWithStart(SignalWithStart.newBuilder()
                                .setStart(TestCommands.start(id).getStartWorkflow().toBuilder()
                                        .setIdempotencyKey(KEY)
                                        .setIdempotencyKeyTtlMs(60_000))
                                .setSignalName("s")
                                .setSignalValue(ByteString.copyFromUtf8("1"))
                                .setMaxSignals(10)));
    }

    static Stream<Named<Read>> readsOfTasks() {
        return Stream.of(
                named("task", (reads, id) -> reads.task(TestCommands.ORG, id, id)),
                named("task by its id alone", (reads, id) -> reads.findTask(TestCommands.ORG, id, Set.of(0))));
    }

    @ParameterizedTest
    @MethodSource("readsOfTasks")
    void soIsATask(Read read) throws Exception {
        assertWhole(
                read,
                TestCommands.command()
                        .setSubmitTask(SubmitTask.newBuilder()
                                .setTaskId(Ids.toByteString(id))
                                .setKind("t")
                                .setQueue(TestCommands.QUEUE)
                                .setInput(ByteString.copyFromUtf8("1"))
                                .setIdempotencyKey(KEY)
                                .setIdempotencyKeyTtlMs(60_000)
                                .setRetentionMs(60_000)));
    }

    private void assertWhole(Read read, CommandRecord.Builder command) throws Exception {
        Owner owner = Owner.owning(store, 0, folder);
        StateReads reads = new StateReads(owner.partitions, 1, pump, readers);
        Object before = read.apply(reads, id).get(20, TimeUnit.SECONDS);
        List<CompletableFuture<?>> begun = new ArrayList<>();
        boolean[] hadToWait = new boolean[1];
        store.engine = Thread.currentThread();
        store.step = () -> {
            CompletableFuture<?> answer =
                    CompletableFuture.supplyAsync(() -> read.apply(reads, id)).thenCompose(asked -> asked);
            begun.add(answer);
            while (!answer.isDone() && !owner.partitions.get(0).views().isAwaited()) {
                Thread.onSpinWait();
            }
            hadToWait[0] |= !answer.isDone();
        };

        assertFalse(owner.process(command).getEventsList().isEmpty());

        store.engine = null;
        Object after = read.apply(reads, id).get(20, TimeUnit.SECONDS);
        for (CompletableFuture<?> answer : begun) {
            Object seen = answer.get(20, TimeUnit.SECONDS);
            assertTrue(
                    seen.equals(before) || seen.equals(after), () -> "expected what was before or after, but " + seen);
        }
        assertTrue(hadToWait[0], "expected a read in the midst of the command");
        assertEquals(after, begun.getLast().get());
    }
}
