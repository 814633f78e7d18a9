package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.StorageClosedException;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.engine.store.Table;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The engine's storage over the store of one task. Reads on any thread, writes on the stream thread. */
final class StreamsStorage implements Storage {

    private final KeyValueStore<Bytes, byte[]> store;

    StreamsStorage(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        return guarded("read", () -> store.get(full(table, key)));
    }

    @Override
    public void put(Table table, byte[] key, byte @Nullable [] value) {
        guarded("write", () -> {
            if (value == null) {
                store.delete(full(table, key));
            } else {
                store.put(full(table, key), value);
            }
            return null;
        });
    }

    @Override
    public void scan(Table table, byte[] prefix, Visitor visitor) {
        visit(() -> store.prefixScan(full(table, prefix), new BytesSerializer()), visitor);
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        Bytes behind = Bytes.wrap(new byte[] {(byte) (Stores.prefix(table) + 1)});
        visit(() -> store.range(full(table, firstKey), behind), visitor);
    }

    /** What the visitor throws is its own affair and passes as it is. */
    private static void visit(Supplier<KeyValueIterator<Bytes, byte[]>> open, Visitor visitor) {
        try (KeyValueIterator<Bytes, byte[]> entries = guarded("read", open)) {
            boolean more = true;
            while (more && guarded("read", entries::hasNext)) {
                KeyValue<Bytes, byte[]> entry = guarded("read", entries::next);
                byte[] key = entry.key.get();
                more = visitor.visit(Arrays.copyOfRange(key, 1, key.length), entry.value);
            }
        }
    }

    private static <T> T guarded(String what, Supplier<T> access) {
        try {
            return access.get();
        } catch (InvalidStateStoreException e) {
            throw new StorageClosedException("expected an open store to " + what + ", but its partition is moving", e);
        } catch (RuntimeException e) {
            throw new StorageException("expected to " + what + " the store, but that failed: " + e.getMessage(), e);
        }
    }

    private static Bytes full(Table table, byte[] key) {
        byte[] full = new byte[key.length + 1];
        full[0] = Stores.prefix(table);
        System.arraycopy(key, 0, full, 1, key.length);
        return Bytes.wrap(full);
    }
}
