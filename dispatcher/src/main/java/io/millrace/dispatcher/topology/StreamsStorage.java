package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.state.Storage;
import io.millrace.dispatcher.engine.state.Table;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The engine's storage over the stores of one task. Reads on any thread, writes on the stream thread. */
final class StreamsStorage implements Storage {

    private final Map<Table, KeyValueStore<Bytes, byte[]>> stores = new EnumMap<>(Table.class);

    StreamsStorage(ProcessorContext<?, ?> context) {
        for (Table table : Table.values()) {
            stores.put(table, Stores.open(context, Stores.name(table)));
        }
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        return stores.get(table).get(Bytes.wrap(key));
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        if (value == null) {
            stores.get(table).delete(Bytes.wrap(key));
        } else {
            stores.get(table).put(Bytes.wrap(key), value);
        }
    }

    @Override
    public void scan(Table table, byte[] prefix, Visitor visitor) {
        KeyValueStore<Bytes, byte[]> store = stores.get(table);
        try (KeyValueIterator<Bytes, byte[]> entries =
                prefix.length == 0 ? store.all() : store.prefixScan(Bytes.wrap(prefix), new BytesSerializer())) {
            boolean more = true;
            while (more && entries.hasNext()) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                more = visitor.visit(entry.key.get(), entry.value);
            }
        }
    }
}
