package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.store.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.RecordCollector;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.WrappedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * All tables of a partition (executions, history, tasks, ready work, due times, keys, promises, outbox) live in one
 * Kafka Streams store, each under a first byte of its own. A commit writes a transaction marker into every changelog
 * partition that it touched, and the stream thread waits meanwhile. One changelog instead of ten keeps that wait short.
 */
final class Stores {

    static final String STATE = "state";

    /** Key of the {@link Lineage}, beside the one record that tells of the partition itself. */
    static final Bytes LINEAGE = Bytes.wrap(new byte[] {prefix(Table.PARTITION), 2});

    /** Only closed segments are compacted, and what is not compacted has to be read by whoever takes a partition over. */
    private static final Map<String, String> CHANGELOG = Map.of(
            TopicConfig.SEGMENT_BYTES_CONFIG,
            String.valueOf(64 * 1024 * 1024),
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
            "0.3");

    private Stores() {}

    /** Caching is off because the engine's state is a write-behind cache already, of objects instead of bytes. */
    static List<StoreBuilder<?>> builders() {
        return List.of(
                org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                                new CommittedStores(), Serdes.Bytes(), Serdes.ByteArray())
                        .withCachingDisabled()
                        .withLoggingEnabled(CHANGELOG),
                new WriteBehindStore.Builder());
    }

    static KeyValueStore<Bytes, byte[]> open(ProcessorContext<?, ?> context) {
        return context.getStateStore(STATE);
    }

    /** @return the store beneath what Kafka Streams wrapped it in; empty for one in memory, which need not know of commits */
    static Optional<CommittedStore> committed(StateStore store) {
        StateStore inner = store;
        while (inner instanceof WrappedStateStore<?, ?, ?> wrapper) {
            inner = wrapper.wrapped();
        }
        return inner instanceof CommittedStore committed ? Optional.of(committed) : Optional.empty();
    }

    private static final class CommittedStores implements KeyValueBytesStoreSupplier {

        @Override
        public String name() {
            return STATE;
        }

        @Override
        public KeyValueStore<Bytes, byte[]> get() {
            return new CommittedStore(STATE, CommittedStores::acknowledged);
        }

        private static @Nullable Long acknowledged(StateStoreContext context, TopicPartition changelog) {
            return ((RecordCollector.Supplier) context)
                    .recordCollector()
                    .offsets()
                    .get(changelog);
        }

        @Override
        public String metricsScope() {
            return "committed";
        }
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
            case READY_LINES -> 14;
            case READY_COUNTS -> 15;
            case SCHEDULES -> 16;
            case POLICIES -> 17;
            case BULK_JOBS -> 18;
            case SAVED_QUERIES -> 19;
            case PLACES -> 20;
            case PLACE_LENDERS -> 21;
            case READY_TURNS -> 22;
            case WRITERS -> 23;
            case RUNS -> 24;
        };
    }
}
