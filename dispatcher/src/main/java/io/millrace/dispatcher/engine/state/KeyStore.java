package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.store.Buckets;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What idempotency keys point to, and when that ends. Changes wait for the next flush. {@link #get} on any thread, all else on the
 * partition's.
 */
final class KeyStore {

    private final Storage storage;
    private final Buckets expiring;
    private final DueIndex dues;
    private final Changes changes;
    /** Empty: bound no more. */
    private final Map<KeyId, Optional<KeyBinding>> dirty = new ConcurrentHashMap<>();

    private record KeyId(KeyUse use, UUID orgId, String key) {}

    /**
     * @param expiring bindings by the time at which they end
     * @param dues told of that time
     * @param changes told of keys
     */
    KeyStore(Storage storage, Buckets expiring, DueIndex dues, Changes changes) {
        this.changes = changes;
        this.storage = storage;
        this.expiring = expiring;
        this.dues = dues;
    }

    /** @return what the key points to, or null */
    @Nullable
    KeyBinding get(KeyUse use, UUID orgId, String key) {
        Optional<KeyBinding> changed = dirty.get(new KeyId(use, orgId, key));
        if (changed != null) {
            return changed.orElse(null);
        }
        byte[] storeKey = KeyBinding.storeKey(use, orgId, key);
        byte[] stored = storage.get(Table.KEYS, storeKey);
        return stored == null
                ? null
                : DamagedRecordException.guard(Table.KEYS, storeKey, () -> KeyBinding.decode(stored));
    }

    /** Binds a key, in place of what it pointed to before. */
    void bind(KeyBinding binding) {
        changes.begin(Changes.ofKey(binding.key()));
        KeyBinding earlier = get(binding.use(), binding.orgId(), binding.key());
        if (earlier != null) {
            disarm(earlier);
        }
        dirty.put(new KeyId(binding.use(), binding.orgId(), binding.key()), Optional.of(binding));
        expiring.add(binding.bucketMs(), binding.storeKey());
        dues.add(Due.keyExpiry(binding.bucketMs()));
    }

    /** Lets a key point to nothing; nothing happens if it does already. */
    void release(KeyUse use, UUID orgId, String key) {
        KeyBinding binding = get(use, orgId, key);
        if (binding != null) {
            changes.begin(Changes.ofKey(key));
            disarm(binding);
            dirty.put(new KeyId(use, orgId, key), Optional.empty());
        }
    }

    private void disarm(KeyBinding binding) {
        expiring.remove(binding.bucketMs(), binding.storeKey());
        binding.due().ifPresent(dues::remove); // of a binding from before there were buckets
    }

    /** Notes of a key that points to something that others may have it from now on. */
    void free(KeyUse use, UUID orgId, String key) {
        changes.begin(Changes.ofKey(key));
        KeyBinding bound = Objects.requireNonNull(get(use, orgId, key), "key");
        dirty.put(new KeyId(use, orgId, key), Optional.of(bound.free()));
    }

    void flush() {
        dirty.forEach((id, binding) -> storage.put(
                Table.KEYS,
                KeyBinding.storeKey(id.use(), id.orgId(), id.key()),
                binding.map(KeyBinding::encode).orElse(null)));
        dirty.clear();
    }
}
