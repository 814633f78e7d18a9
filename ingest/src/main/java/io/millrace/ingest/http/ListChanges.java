package io.millrace.ingest.http;

import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.proto.proof.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Looks whether lists have changed, for all on this node who want to know: one look at the database serves them all, however many
 * they are. Safe from any thread; whoever looks waits for the database, and others meanwhile see what was there before.
 */
final class ListChanges {

    /** Between two looks, milliseconds. */
    static final long LOOK_MS = 500;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(LOOK_MS);

    private final ExecutionQueries queries;
    private final ReentrantLock lock = new ReentrantLock();
    private final byte[] key = new byte[32];
    private volatile OptionalLong last = OptionalLong.empty();
    private long lookedNanos = System.nanoTime() - LOOK_NANOS;

    ListChanges(ExecutionQueries queries) {
        this.queries = queries;
        new SecureRandom().nextBytes(key);
    }

    /** @return what the read model has taken in, as a number that is another one whenever lists may have changed; empty: it does not answer */
    OptionalLong look() throws InterruptedException {
        if (!lock.tryLock()) {
            return last;
        }
        try {
            if (System.nanoTime() - lookedNanos >= LOOK_NANOS) {
                last = ask();
                lookedNanos = System.nanoTime();
            }
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * @return names what {@link #look} told, to this node alone: the number itself would tell how much all organisations together do
     */
    String id(long taken) {
        MessageDigest digest = Sha256.digest();
        digest.update(key);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(taken).array());
        return HexFormat.of().formatHex(digest.digest(), 0, Long.BYTES);
    }

    private OptionalLong ask() throws InterruptedException {
        try {
            return OptionalLong.of(queries.taken().get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QueriesUnavailableException) {
                return OptionalLong.empty();
            }
            throw new IllegalStateException("expected the read model to tell what it has taken in", e.getCause());
        }
    }
}
