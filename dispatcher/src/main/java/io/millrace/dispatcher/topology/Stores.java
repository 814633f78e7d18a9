package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.state.Table;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/** Names and builders of the stores. Each has a compacted changelog topic of its own, named by Kafka Streams. */
final class Stores {

    /** Commands for other partitions that Kafka has not acknowledged yet. */
    static final String OUTBOX = "outbox";

    private static final Map<Table, String> NAMES = new EnumMap<>(Map.of(
            Table.EXECUTIONS, "executions",
            Table.HISTORY, "history",
            Table.TASKS, "tasks",
            Table.READY, "ready",
            Table.DUE, "due",
            Table.KEYS, "idempotency-keys",
            Table.PROMISES, "promises",
            Table.CLOSED, "closed",
            Table.PARTITION, "partition"));

    private Stores() {}

    static String name(Table table) {
        return NAMES.get(table);
    }

    /** Caching is off because the engine's state is a write-behind cache already, of objects instead of bytes. */
    static List<StoreBuilder<?>> builders() {
        List<StoreBuilder<?>> builders = new java.util.ArrayList<>();
        for (Table table : Table.values()) {
            builders.add(logged(name(table)));
        }
        builders.add(logged(OUTBOX));
        builders.add(new WriteBehindStore.Builder());
        return builders;
    }

    private static StoreBuilder<KeyValueStore<Bytes, byte[]>> logged(String name) {
        return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name),
                        Serdes.Bytes(),
                        Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    static KeyValueStore<Bytes, byte[]> open(ProcessorContext<?, ?> context, String name) {
        return context.getStateStore(name);
    }
}
