package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
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
    private final Map<UUID, Optional<Home>> dirty = new ConcurrentHashMap<>();

    /** @param name null while the execution is there, which knows it */
    private record Home(UUID executionId, @Nullable String name) {

        byte[] encode() {
            Bytes out = Bytes.writer().rawId(executionId);
            return (name == null ? out : out.text(name)).finish();
        }

        static Home decode(byte[] stored) {
            Bytes in = Bytes.reader(stored);
            return new Home(in.rawId(), in.more() ? in.text() : null);
        }
    }

    PromiseHomes(Storage storage) {
        this.storage = storage;
    }

    /** @return the execution, or null */
    @Nullable
    UUID get(UUID promiseId) {
        Home home = home(promiseId);
        return home == null ? null : home.executionId();
    }

    /** @return the name of a promise whose execution has left, and that is kept; null for all others */
    @Nullable
    String name(UUID promiseId) {
        Home home = home(promiseId);
        return home == null ? null : home.name();
    }

    private @Nullable Home home(UUID promiseId) {
        Optional<Home> changed = dirty.get(promiseId);
        if (changed != null) {
            return changed.orElse(null);
        }
        byte[] key = key(promiseId);
        byte[] stored = storage.get(Table.PROMISES, key);
        return stored == null ? null : DamagedRecordException.guard(Table.PROMISES, key, () -> Home.decode(stored));
    }

    /** Notes where a promise lives; null: nowhere any more. */
    void set(UUID promiseId, @Nullable UUID executionId) {
        dirty.put(promiseId, Optional.ofNullable(executionId).map(id -> new Home(id, null)));
    }

    /** Notes that the execution of an open promise leaves, and its workflow goes on. */
    void keep(UUID promiseId, UUID executionId, String name) {
        dirty.put(promiseId, Optional.of(new Home(executionId, name)));
    }

    void flush() {
        dirty.forEach((promiseId, home) -> storage.put(
                Table.PROMISES, key(promiseId), home.map(Home::encode).orElse(null)));
        dirty.clear();
    }

    private static byte[] key(UUID promiseId) {
        return Bytes.writer().rawId(promiseId).finish();
    }
}
