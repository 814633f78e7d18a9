package io.millrace.ingest.encryption;

import io.millrace.proto.Failures;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** A data key in memory, which can be taken out of it. Safe from any thread. */
final class DataKey {

    private final UUID id;
    private final UUID orgId;
    private final byte[] secret;
    private boolean destroyed;

    /** @param secret is this object's from now on */
    DataKey(UUID id, UUID orgId, byte[] secret) {
        this.id = id;
        this.orgId = orgId;
        this.secret = secret;
    }

    /** @return a new one, of random bytes */
    static DataKey random(UUID id, UUID orgId) {
        return new DataKey(id, orgId, Gcm.random(Gcm.KEY_BYTES));
    }

    UUID id() {
        return id;
    }

    UUID orgId() {
        return orgId;
    }

    /**
     * @param use gets a copy of the key, which is overwritten afterwards
     * @return what that returns
     * @throws DestroyedException if the key was destroyed; nothing was done then
     */
    <T> T with(Function<byte[], T> use) {
        byte[] copy;
        synchronized (this) {
            if (destroyed) {
                throw new DestroyedException();
            }
            copy = secret.clone();
        }
        try {
            return use.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /** Overwrites the key. */
    synchronized void destroy() {
        destroyed = true;
        Arrays.fill(secret, (byte) 0);
    }

    /** @return what the action returns; it is done once more where a key left the memory under its hands */
    static <T> CompletableFuture<T> retrying(Supplier<CompletableFuture<T>> action) {
        return action.get()
                .exceptionallyCompose(failure -> Failures.cause(failure) instanceof DestroyedException
                        ? action.get()
                        : CompletableFuture.failedFuture(failure));
    }

    /** @return what a wrapped key is bound to */
    static byte[] associated(UUID orgId, UUID keyId) {
        return ByteBuffer.allocate(32)
                .putLong(orgId.getMostSignificantBits())
                .putLong(orgId.getLeastSignificantBits())
                .putLong(keyId.getMostSignificantBits())
                .putLong(keyId.getLeastSignificantBits())
                .array();
    }

    @Override
    public String toString() {
        return "DataKey[" + id + "]";
    }

    /** The key has left the memory; it can be unwrapped again, unless it was erased. */
    static final class DestroyedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private DestroyedException() {
            super("expected a data key in memory, but it was taken out", null, false, false);
        }
    }
}
