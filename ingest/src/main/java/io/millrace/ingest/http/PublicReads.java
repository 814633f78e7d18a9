package io.millrace.ingest.http;

import io.millrace.ingest.queries.QueriesUnavailableException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets those who show no key read the logs, but only a few of them at a time. So others find a free connection, however
 * many come. Any thread.
 */
final class PublicReads {

    /** At the most; the database of the logs has more connections for readers. */
    static final int AT_A_TIME = 2;

    private final Semaphore turns = new Semaphore(AT_A_TIME);
    private final Duration longestWait;

    /** @param longestWait for the turn of a read */
    PublicReads(Duration longestWait) {
        this.longestWait = longestWait;
    }

    /**
     * Reads, when its turn comes.
     *
     * @throws QueriesUnavailableException if its turn does not come in time
     */
    <T> T read(Supplier<T> read) {
        try {
            if (!turns.tryAcquire(longestWait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new QueriesUnavailableException(
                        "expected at most " + AT_A_TIME
                                + " to read the transparency logs at a time, but there are more",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueriesUnavailableException("interrupted while waiting to read the transparency logs", e);
        }
        try {
            return read.get();
        } finally {
            turns.release();
        }
    }
}
