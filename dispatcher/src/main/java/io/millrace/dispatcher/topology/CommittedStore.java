package io.millrace.dispatcher.topology;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.ProcessorContextUtils;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.LegacyCheckpointingStateStore;
import org.apache.kafka.streams.state.internals.OffsetCheckpoint;
import org.jspecify.annotations.Nullable;

/**
 * A store on disk that holds what is committed and nothing else, together with the offset of the changelog up to which
 * that goes. So it can be trusted after a kill, and only what came after the offset is read from Kafka. Kafka Streams'
 * own store may hold what was never committed. It is therefore thrown away after a kill, and read from Kafka as a
 * whole.
 *
 * <p>Changes stay in memory until it is sure that they are committed. Kafka Streams does not tell a store so. Of a
 * commit that failed it may even ask for the changes again, and tell the store to {@link #commit} before it closes it.
 * But it gives a task whose commit failed nothing to do any more, neither a record nor a tick. So whatever stood in
 * memory at {@link #commitBegins} is committed when the task is given something to do, which says {@link
 * #commitWorked}. Nothing may change in between. What was committed last before the store is closed is read from Kafka
 * again.
 *
 * <p>Reads on any thread, all else on the stream thread. Reads of a closed store fail with
 * {@link InvalidStateStoreException}.
 */
final class CommittedStore implements KeyValueStore<Bytes, byte[]> {

    /** Tells how far the changelog is known to Kafka. */
    @FunctionalInterface
    interface Acknowledged {

        /** @return offset of the last record that Kafka acknowledged since the task began, or null if there is none */
        @Nullable
        Long offset(StateStoreContext context, TopicPartition changelog);
    }

    private final String name;
    private final Acknowledged acknowledged;
    private StateStoreContext context;
    private TopicPartition changelog;
    private volatile @Nullable CommittedFile file;
    /** Who had written the file when it was opened, and the last record of the changelog in it; empty for a new file. */
    private Optional<Lineage> found = Optional.empty();

    private Optional<Long> foundLast = Optional.empty();
    private volatile NavigableMap<Bytes, byte[]> changes = new ConcurrentSkipListMap<>();
    private boolean committing;

    CommittedStore(String name, Acknowledged acknowledged) {
        this.name = name;
        this.acknowledged = acknowledged;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext stateStoreContext, StateStore root) {
        context = stateStoreContext;
        changelog = new TopicPartition(
                ProcessorContextUtils.changelogFor(context, name, true),
                context.taskId().partition());
        changes = new ConcurrentSkipListMap<>();
        committing = false;
        Path folder = context.stateDir().toPath();
        deleteForerunner(folder);
        CommittedFile opening = CommittedFile.open(folder.resolve(Path.of("committed", name)));
        file = opening;
        found = opening.offset().map(any -> Lineage.of(opening.get(Stores.LINEAGE.get())));
        foundLast = opening.lastRecord();
        context.register(root, (RecordBatchingStateRestoreCallback) this::restore);
    }

    /** Earlier versions had a store of Kafka Streams here, whose offset must not be taken for one of this. */
    private static void deleteForerunner(Path folder) {
        try {
            Utils.delete(folder.resolve("rocksdb").toFile());
            Files.deleteIfExists(folder.resolve(LegacyCheckpointingStateStore.CHECKPOINT_FILE_NAME));
        } catch (IOException e) {
            throw new ProcessorStateException(
                    "expected to delete what is out of date in " + folder + ", but: " + e.getMessage(), e);
        }
    }

    /** Committed records only, since that is what changelogs are read for. */
    void restore(Collection<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (Stores.LINEAGE.equals(Bytes.wrap(record.key()))) {
                expectToGoOn(Lineage.of(record.value()));
            }
        }
        opened().restore(records);
    }

    /** Before anything behind it is taken over: what the file tells of itself is then still what it was opened with. */
    private void expectToGoOn(Lineage now) {
        Optional<String> parted = found.flatMap(before -> before.parted(foundLast, now));
        if (parted.isPresent()) {
            ProcessorStateException mixed = new ProcessorStateException(
                    "expected the changelog " + changelog + " to go on where the store ends, but: " + parted.get());
            damaged(mixed);
            throw mixed;
        }
    }

    /** @return the entry of a new owner, who has not changed anything yet since it was restored */
    byte[] newOwner(long owner) {
        return lineage()
                .followedBy(owner, opened().lastRecord().orElse(Lineage.BEGINNING))
                .stored();
    }

    private Lineage lineage() {
        return Lineage.of(opened().get(Stores.LINEAGE.get()));
    }

    /** The changes so far enter the transaction that is now being committed; none may come before it is known to have worked. */
    void commitBegins() {
        committing = true;
    }

    /** @return whether anything was changed since the last commit that is known to have worked */
    boolean changed() {
        return !changes.isEmpty();
    }

    /** @return whether a commit has begun of which it is not known whether it worked */
    boolean committing() {
        return committing;
    }

    /** The commit that began last, if it is not known already, worked. */
    void commitWorked() {
        if (!committing) {
            return;
        }
        committing = false;
        NavigableMap<Bytes, byte[]> settled = changes;
        opened().write(settled, Optional.ofNullable(acknowledged.offset(context, changelog)));
        // Whoever reads either has taken hold of the old map before and finds everything in it, or takes the new one
        // and finds it in the file.
        changes = new ConcurrentSkipListMap<>();
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    @Deprecated
    public boolean managesOffsets() {
        return true;
    }

    /** @return the offset, or "from the beginning": never that the store cannot be trusted */
    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        return partition.equals(changelog) ? opened().offset().orElse(OffsetCheckpoint.OFFSET_UNKNOWN) : null;
    }

    /**
     * Takes over how far the store was restored. It says nothing of changes: Kafka Streams calls it after a commit that failed
     * as well as after one that worked.
     *
     * @param changelogOffsets empty if the store is damaged: the offset is forgotten then
     */
    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        if (changelogOffsets.isEmpty()) {
            opened().forgetOffset();
        } else if (!committing && changes.isEmpty()) {
            Long offset = changelogOffsets.get(changelog);
            if (offset != null && offset != OffsetCheckpoint.OFFSET_UNKNOWN) {
                opened().reached(offset);
            }
        }
    }

    @Override
    public boolean isOpen() {
        return file != null;
    }

    /** Forgets what is not known to be committed. */
    @Override
    public void close() {
        CommittedFile closing = file;
        file = null;
        changes = new ConcurrentSkipListMap<>();
        committing = false;
        if (closing != null) {
            closing.close();
        }
    }

    /** What stands in it is not what was written, so it is filled anew from its changelog when it is opened next. */
    void damaged(Exception why) {
        opened().markUnreadable(why);
    }

    private CommittedFile opened() {
        CommittedFile now = file;
        if (now == null) {
            throw new InvalidStateStoreException("expected the store " + name + " to be open, but it is closed");
        }
        return now;
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
        opened();
        if (committing) {
            throw new IllegalStateException("expected no change of the store " + name
                    + " before it is known whether the last ones were committed, but there is one");
        }
        changes.put(key, value == null ? CommittedFile.DELETED : value);
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
        byte[] before = get(key);
        if (before == null) {
            put(key, value);
        }
        return before;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
        byte[] before = get(key);
        put(key, null);
        return before;
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        byte[] changed = changes.get(key);
        if (changed != null) {
            return changed == CommittedFile.DELETED ? null : changed;
        }
        return opened().get(key.get());
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        return scan(from == null ? CommittedFile.FIRST_KEY : from, key -> to == null || key.compareTo(to) <= 0);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return scan(CommittedFile.FIRST_KEY, key -> true);
    }

    @Override
    public <S extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, S serializer) {
        byte[] bytes = serializer.serialize(null, prefix);
        ByteBuffer wanted = ByteBuffer.wrap(bytes);
        return scan(
                Bytes.wrap(bytes),
                key -> key.get().length >= bytes.length
                        && ByteBuffer.wrap(key.get(), 0, bytes.length).equals(wanted));
    }

    private KeyValueIterator<Bytes, byte[]> scan(Bytes from, MergedEntries.Within within) {
        NavigableMap<Bytes, byte[]> changed = changes; // before the file is looked at; see commitWorked
        return new MergedEntries(changed.tailMap(from, true).entrySet().iterator(), opened().scan(from.get()), within);
    }

    /** Nobody asks it by positions. */
    @Override
    public Position getPosition() {
        return Position.emptyPosition();
    }

    @Override
    public long approximateNumEntries() {
        return opened().approximateEntries() + changes.size();
    }
}
