package io.millrace.ingest.http;

import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.QueriesUnavailableException;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Looks whether lists have changed, for all on this node who want to know: one look at the database serves them all, however many
 * they are. Safe from any thread; a look waits for the database.
 */
final class ListChanges {

    /** Between two looks, milliseconds. */
    static final long LOOK_MS = 500;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(LOOK_MS);

    private final ExecutionQueries queries;
    private final ReentrantLock lock = new ReentrantLock();
    private OptionalLong last = OptionalLong.empty();
    private long lookedNanos = System.nanoTime() - LOOK_NANOS;

    ListChanges(ExecutionQueries queries) {
        this.queries = queries;
    }

    /** @return what the read model has taken in, as a number that is another one whenever lists may have changed; empty: it does not answer */
    OptionalLong look() throws InterruptedException {
        lock.lockInterruptibly();
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
