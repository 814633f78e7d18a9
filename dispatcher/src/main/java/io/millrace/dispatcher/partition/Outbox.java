package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.codec.OutgoingEncoder;
import io.millrace.dispatcher.engine.Outgoing;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands on their way to other partitions. Each is sent at once, and kept until Kafka has it; one that is still under way
 * at a commit is stored with it, and sent again by whoever owns the partition after a crash. So each arrives at least
 * once, with the same id, and receivers ignore what they have seen. Stream thread, but for acknowledgements.
 */
final class Outbox {

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final Storage storage;
    private final CommandWriter writer;
    private final long maxHistoryBytes;
    private final Map<ByteBuffer, Entry> entries = new LinkedHashMap<>();

    private static final class Entry {
        private final int partition;
        private final byte[] key;
        private final byte[] value;
        private boolean stored;
        private volatile boolean acknowledged;
        private volatile boolean failed;
        private boolean told;

        private Entry(int partition, byte[] key, byte[] value) {
            this.partition = partition;
            this.key = key;
            this.value = value;
        }
    }

    Outbox(Storage storage, CommandWriter writer, long maxHistoryBytes) {
        this.storage = storage;
        this.writer = writer;
        this.maxHistoryBytes = maxHistoryBytes;
        storage.scan(Table.OUTBOX, new byte[0], (key, stored) -> {
            ByteBuffer buffer = ByteBuffer.wrap(stored);
            int partition = buffer.getInt();
            byte[] value = new byte[buffer.remaining()];
            buffer.get(value);
            Entry entry = new Entry(partition, key, value);
            entry.stored = true;
            entries.put(ByteBuffer.wrap(key), entry);
            return true;
        });
        entries.values().forEach(this::send);
    }

    void send(Outgoing outgoing, long timeMs, int fromPartition, long offset) {
        CommandRecord record = OutgoingEncoder.encode(
                outgoing, timeMs, "partition " + fromPartition + " offset " + offset, maxHistoryBytes);
        int partition = Shards.partition(outgoing.shard(), writer.partitions());
        byte[] id = Ids.toBytes(outgoing.commandId());
        Entry entry = new Entry(partition, id, record.toByteArray());
        entries.put(ByteBuffer.wrap(id), entry);
        send(entry);
    }

    private void send(Entry entry) {
        entry.failed = false;
        writer.write(entry.partition, entry.key, entry.value, failure -> {
            if (failure == null) {
                entry.acknowledged = true;
            } else {
                if (!entry.told) {
                    entry.told = true; // once: it is tried again every second
                    LOG.warn("could not send a command to partition {}, will try again", entry.partition, failure);
                }
                entry.failed = true;
            }
        });
    }

    /** Stores what is still under way, strikes what has arrived. */
    void flush() {
        for (Iterator<Map.Entry<ByteBuffer, Entry>> all = entries.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<ByteBuffer, Entry> next = all.next();
            Entry entry = next.getValue();
            if (entry.acknowledged) {
                if (entry.stored) {
                    storage.put(Table.OUTBOX, entry.key, null);
                }
                all.remove();
            } else if (!entry.stored) {
                ByteBuffer value = ByteBuffer.allocate(4 + entry.value.length);
                storage.put(Table.OUTBOX, entry.key, value.putInt(entry.partition).put(entry.value).array());
                entry.stored = true;
            }
        }
    }

    /** Sends again what Kafka did not take. @return whether anything waits to be struck at a commit */
    boolean retry() {
        boolean struck = false;
        for (Entry entry : entries.values()) {
            if (entry.failed) {
                send(entry);
            }
            struck |= entry.acknowledged && entry.stored;
        }
        return struck;
    }
}
