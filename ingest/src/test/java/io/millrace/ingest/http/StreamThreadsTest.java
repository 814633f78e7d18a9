package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Threads that write streams, when the server stops. */
class StreamThreadsTest {

    private final StreamThreads threads = new StreamThreads();
    private final CountDownLatch forEver = new CountDownLatch(1);

    private CompletableFuture<Boolean> write(CountDownLatch begun) {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                threads.write(() -> {
                    begun.countDown();
                    try {
                        forEver.await();
                        interrupted.complete(false);
                    } catch (InterruptedException e) {
                        interrupted.complete(true);
                    }
                });
            } catch (Exception e) {
                interrupted.completeExceptionally(e);
            }
        });
        return interrupted;
    }

    @Test
    void allThatWriteAreInterrupted() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CompletableFuture<Boolean> one = write(begun);
        CompletableFuture<Boolean> other = write(begun);
        begun.await();

        threads.end();

        assertTrue(one.get());
        assertTrue(other.get());
    }

    @Test
    void oneThatComesWhenTheServerStopsIsInterruptedAtOnce() throws Exception {
        threads.end();

        assertTrue(write(new CountDownLatch(1)).get());
    }
}
