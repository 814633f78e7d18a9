package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which execution a promise belongs to, by the promise's id. Changes wait for the next flush. {@link #get} on any thread, all else
 * on the partition's.
 */
final class PromiseHomes {

    private final Storage storage;
    /** Empty: nowhere any more. */
    private final Map<UUID, Optional<UUID>> dirty = new ConcurrentHashMap<>();

    PromiseHomes(Storage storage) {
        this.storage = storage;
    }

    /** @return the execution, or null */
    @Nullable
    UUID get(UUID promiseId) {
        Optional<UUID> changed = dirty.get(promiseId);
        if (changed != null) {
            return changed.orElse(null);
        }
        byte[] stored =
                storage.get(Table.PROMISES, Bytes.writer().rawId(promiseId).finish());
        return stored == null ? null : Bytes.reader(stored).rawId();
    }

    /** Notes where a promise lives; null: nowhere any more. */
    void set(UUID promiseId, @Nullable UUID executionId) {
        dirty.put(promiseId, Optional.ofNullable(executionId));
    }

    void flush() {
        dirty.forEach((promiseId, home) -> storage.put(
                Table.PROMISES,
                Bytes.writer().rawId(promiseId).finish(),
                home.map(id -> Bytes.writer().rawId(id).finish()).orElse(null)));
        dirty.clear();
    }
}
