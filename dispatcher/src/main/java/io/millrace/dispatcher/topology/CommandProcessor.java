package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.NodeContext;
import io.millrace.dispatcher.partition.PartitionRuntime;
import io.millrace.dispatcher.partition.UnreadablePartition;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Drives a partition by the records, commits and ticks of Kafka Streams. Stream thread only. */
final class CommandProcessor implements Processor<byte[], byte[], EventKey, byte[]> {

    private static final Duration TICK = Duration.ofMillis(50);

    private final NodeContext node;
    private final IntFunction<LogCursor> cursors;
    private final Supplier<ThreadCommits> ofThread;
    private final Runnable storing = this::store;
    private ProcessorContext<EventKey, byte[]> context;
    private int number;
    /** Null where its state cannot be read. */
    private @Nullable PartitionRuntime partition;

    /** Null where it can be. */
    private @Nullable UnreadablePartition unreadable;

    private boolean damageNoted;
    /** Says who writes the state from now on; null where the store is another one. */
    private byte @Nullable [] lineage;

    private KeyValueStore<Bytes, byte[]> store;
    /** Commits of the thread that runs it. */
    private ThreadCommits commits;
    /** What the next commit needs is stored already: it began with another partition. */
    private boolean stored;
    /** Null where the store is another one, as in tests. */
    private @Nullable CommittedStore committed;
    /** Null while there is nothing to do: in Kafka Streams whatever is done now and then ends in a commit. */
    private @Nullable Cancellable ticking;

    /** @param ofThread commits of the calling thread */
    CommandProcessor(NodeContext node, IntFunction<LogCursor> cursors, Supplier<ThreadCommits> ofThread) {
        this.node = node;
        this.cursors = cursors;
        this.ofThread = ofThread;
    }

    @Override
    public void init(ProcessorContext<EventKey, byte[]> context) {
        this.context = context;
        number = context.taskId().partition();
        store = Stores.open(context);
        committed = Stores.committed(store).orElse(null);
        lineage = null;
        if (committed != null) {
            lineage = committed.newOwner(ThreadLocalRandom.current().nextLong());
        }
        damageNoted = false;
        partition = null;
        stored = false;
        stopTicking();
        commits = ofThread.get();
        StreamsStorage storage = new StreamsStorage(store);
        LogCursor cursor = cursors.apply(number);
        WriteBehindStore hook = context.getStateStore(WriteBehindStore.NAME);
        hook.beforeCommit(this::beforeCommit);
        unreadable = UnreadablePartition.known(number, storage, cursor, node).orElse(null);
        if (unreadable == null) {
            noting(() -> partition = new PartitionRuntime(number, storage, cursor, node));
            commits.join(storing);
            tick();
        }
    }

    /** A damaged record is noted; whatever fails closes the task, and its store is filled anew. */
    private void noting(Runnable step) {
        try {
            step.run();
        } catch (DamagedRecordException e) {
            note(e);
            throw e;
        }
    }

    private void note(DamagedRecordException e) {
        if (damageNoted) {
            return;
        }
        damageNoted = true;
        node.faults().damagedRecords().note(number, e);
        if (committed != null) {
            committed.damaged(e);
        }
    }

    private void tick() {
        if (ticking == null) {
            commits.looks();
            ticking = context.schedule(
                    TICK,
                    PunctuationType.WALL_CLOCK_TIME,
                    now -> noting(() -> {
                        commitWorked();
                        if (commits.due(readable().tick())) {
                            context.commit();
                        }
                    }));
        }
    }

    private PartitionRuntime readable() {
        return Objects.requireNonNull(partition, "a partition whose state can be read");
    }

    /** Kafka Streams gives a task something to do only after its last commit worked; otherwise it closes it. */
    private void commitWorked() {
        commits.over();
        stored = false;
        if (committed != null) {
            committed.commitWorked();
        }
    }

    /**
     * Nothing happened since the last commit if that is not known to have worked. So either there is nothing to add, or that
     * one failed, and Kafka Streams asks once more on the way to closing the task.
     */
    private void beforeCommit() {
        if (committing()) {
            return;
        }
        commits.begins();
        store();
        stored = false;
        if (committed != null) {
            committed.commitBegins();
        }
        if (partition == null || partition.quiet()) {
            stopTicking();
        }
    }

    private boolean committing() {
        return committed != null && committed.committing();
    }

    /** Stores what a commit needs, which may begin with another partition. */
    private void store() {
        if (stored || committing()) {
            return;
        }
        if (partition != null) {
            noting(partition::beforeCommit);
        }
        if (lineage != null && committed != null && committed.changed()) {
            // With each commit: a store that is completed from anywhere has to come upon it.
            store.put(Stores.LINEAGE, lineage);
        }
        stored = true;
    }

    private void stopTicking() {
        if (ticking != null) {
            ticking.cancel();
            ticking = null;
            commits.looksAway();
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        commitWorked();
        long offset = context.recordMetadata().map(RecordMetadata::offset).orElseThrow();
        if (unreadable != null) {
            unreadable.hold(offset, record.timestamp());
            return;
        }
        try {
            process(offset, record);
        } catch (DamagedRecordException e) {
            note(e);
            throw e;
        }
    }

    private void process(long offset, Record<byte[], byte[]> record) {
        OutcomeRecord outcome;
        try {
            outcome = readable().process(offset, record.timestamp(), record.value());
        } catch (RuntimeException | Error e) {
            readable().failed();
            throw e;
        }
        tick();
        if (outcome != null) {
            byte[] value = outcome.toByteArray();
            byte[] seal = node.writers().outcomeSeals().seal(RecordSeals.place(number), value);
            context.forward(new Record<>(
                    new EventKey(number, record.key()),
                    value,
                    Math.max(0, outcome.getTimeMs()),
                    new RecordHeaders(SealHeader.of(seal))));
        }
    }

    @Override
    public void close() {
        stopTicking();
        try {
            if (commits != null) {
                commits.leave(storing);
            }
        } finally {
            if (partition != null) {
                partition.close();
            }
            if (unreadable != null) {
                unreadable.close();
            }
        }
    }
}
