package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.store.Table;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * All tables of a partition (executions, history, tasks, ready work, due times, keys, promises, outbox) live in one Kafka
 * Streams store, each under a first byte of its own. A commit writes a transaction marker into every changelog partition it
 * touched and the stream thread waits meanwhile, so one changelog instead of ten is what keeps that wait short.
 */
final class Stores {

    static final String STATE = "state";

    private Stores() {}

    /** Caching is off because the engine's state is a write-behind cache already, of objects instead of bytes. */
    static List<StoreBuilder<?>> builders() {
        return List.of(
                org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                                org.apache.kafka.streams.state.Stores.persistentKeyValueStore(STATE),
                                Serdes.Bytes(),
                                Serdes.ByteArray())
                        .withCachingDisabled()
                        .withLoggingEnabled(Map.of()),
                new WriteBehindStore.Builder());
    }

    static KeyValueStore<Bytes, byte[]> open(ProcessorContext<?, ?> context) {
        return context.getStateStore(STATE);
    }

    /** @return first byte of the table's keys; part of the stored form, so it must never change */
    static byte prefix(Table table) {
        return switch (table) {
            case PARTITION -> 1;
            case EXECUTIONS -> 2;
            case HISTORY -> 3;
            case TASKS_BY_EXECUTION -> 4;
            case READY -> 5;
            case DUE -> 6;
            case KEYS -> 7;
            case PROMISES -> 8;
            case CLOSED -> 9;
            case OUTBOX -> 10;
            case TASKS -> 11;
            case EXPIRIES -> 12;
            case DUE_RESIDENT -> 13;
        };
    }
}
