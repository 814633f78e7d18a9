package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.codec.OutgoingEncoder;
import io.millrace.dispatcher.engine.Outgoing;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Commands on their way to other partitions. Each is sent at once, and kept until Kafka has it; one that is still under way
 * at a commit is stored with it, and sent again by whoever owns the partition after a crash. So each arrives at least
 * once, with the same id, and receivers ignore what they have seen. Stream thread, but for acknowledgements.
 */
final class Outbox {

    private final KeyValueStore<Bytes, byte[]> store;
    private final CommandWriter writer;
    private final Map<Bytes, Entry> entries = new LinkedHashMap<>();

    private static final class Entry {
        private final int partition;
        private final byte[] key;
        private final byte[] value;
        private boolean stored;
        private volatile boolean acknowledged;
        private volatile boolean failed;

        private Entry(int partition, byte[] key, byte[] value) {
            this.partition = partition;
            this.key = key;
            this.value = value;
        }
    }

    Outbox(KeyValueStore<Bytes, byte[]> store, CommandWriter writer) {
        this.store = store;
        this.writer = writer;
        try (KeyValueIterator<Bytes, byte[]> stored = store.all()) {
            while (stored.hasNext()) {
                KeyValue<Bytes, byte[]> kept = stored.next();
                ByteBuffer buffer = ByteBuffer.wrap(kept.value);
                int partition = buffer.getInt();
                byte[] value = new byte[buffer.remaining()];
                buffer.get(value);
                Entry entry = new Entry(partition, null, value);
                entry.stored = true;
                entries.put(kept.key, entry);
                send(entry);
            }
        }
    }

    void send(Outgoing outgoing, long timeMs, int fromPartition, long offset) {
        CommandRecord record = OutgoingEncoder.encode(outgoing, timeMs, "partition " + fromPartition + " offset " + offset);
        int partition = Shards.partition(outgoing.shard(), writer.partitions());
        byte[] id = Ids.toBytes(outgoing.commandId());
        Entry entry = new Entry(partition, id, record.toByteArray());
        entries.put(Bytes.wrap(id), entry);
        send(entry);
    }

    private void send(Entry entry) {
        entry.failed = false;
        writer.write(entry.partition, entry.key, entry.value, failure -> {
            if (failure == null) {
                entry.acknowledged = true;
            } else {
                entry.failed = true;
            }
        });
    }

    /** Stores what is still under way, strikes what has arrived. */
    void flush() {
        for (Iterator<Map.Entry<Bytes, Entry>> all = entries.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Bytes, Entry> next = all.next();
            Entry entry = next.getValue();
            if (entry.acknowledged) {
                if (entry.stored) {
                    store.delete(next.getKey());
                }
                all.remove();
            } else if (!entry.stored) {
                ByteBuffer value = ByteBuffer.allocate(4 + entry.value.length);
                store.put(next.getKey(), value.putInt(entry.partition).put(entry.value).array());
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
