package io.millrace.proto.directory;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AwaitedOffsetsTest {

    private final AwaitedOffsets offsets = new AwaitedOffsets();

    private CompletableFuture<Void> await(int partition, long offset) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        offsets.await(partition, offset, future);
        return future;
    }

    @Test
    void whoeverWaitsForARecordIsServedWhenTheReaderIsPastItThoughItNeverMetIt() {
        CompletableFuture<Void> compacted = await(0, 4);
        CompletableFuture<Void> later = await(0, 9);
        offsets.reached(0, 4);
        assertFalse(compacted.isDone(), "4 is the next one");
        offsets.reached(0, 7);
        assertTrue(compacted.isDone());
        assertFalse(later.isDone());
        offsets.reached(0, 10);
        assertTrue(later.isDone());
    }

    @Test
    void whoeverComesAfterTheReaderDoesNotWait() {
        offsets.reached(0, 5);
        assertTrue(await(0, 4).isDone());
        assertFalse(await(0, 5).isDone());
        assertFalse(await(1, 0).isDone(), "of another partition nothing is read");
    }

    @Test
    void severalMayWaitForOneRecord() {
        CompletableFuture<Void> one = await(0, 4);
        CompletableFuture<Void> other = await(0, 4);
        offsets.reached(0, 5);
        assertTrue(one.isDone() && other.isDone());
    }

    @Test
    void whoStillWaitsAtTheEndIsLetGo() {
        CompletableFuture<Void> waiter = await(0, 4);
        offsets.fail(new IllegalStateException("closed"));
        assertTrue(waiter.isCompletedExceptionally());
    }
}
