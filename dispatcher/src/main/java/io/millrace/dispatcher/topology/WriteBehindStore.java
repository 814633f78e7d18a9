package io.millrace.dispatcher.topology;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * A store without contents that tells the engine when Kafka Streams is about to commit. Streams flushes caches before
 * it flushes its producer, and knows a cache by {@link CachedStateStore}. That interface is internal to Kafka Streams,
 * but it is the only hook at that moment that every commit has, whether by interval, rebalance or close. The hook
 * writes the engine's changes to the other stores, so that they enter the same transaction as the input offsets. Stream
 * thread only.
 */
final class WriteBehindStore implements StateStore, CachedStateStore<byte[], byte[]> {

    static final String NAME = "write-behind";

    private Runnable beforeCommit = () -> {};
    private boolean open;

    void beforeCommit(Runnable action) {
        beforeCommit = action;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void flushCache() {
        beforeCommit.run();
    }

    @Override
    public void clearCache() {}

    @Override
    public boolean setFlushListener(CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public void close() {
        open = false;
        beforeCommit = () -> {};
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Makes one for each task; it has nothing to log. */
    static final class Builder implements StoreBuilder<WriteBehindStore> {

        @Override
        public StoreBuilder<WriteBehindStore> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<WriteBehindStore> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<WriteBehindStore> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<WriteBehindStore> withLoggingDisabled() {
            return this;
        }

        @Override
        public WriteBehindStore build() {
            return new WriteBehindStore();
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }

        @Override
        public String name() {
            return NAME;
        }
    }
}
