package io.millrace.proto.thread;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RecurringTest {

    @Test
    void goesOnWhateverATimeEndsWith() throws InterruptedException {
        AtomicInteger times = new AtomicInteger();
        CountDownLatch again = new CountDownLatch(2);
        List<Throwable> failures = List.of(new IllegalStateException("no"), new StackOverflowError());
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            Recurring.start(timer, Duration.ZERO, Duration.ofMillis(1), "a test's task fails", () -> {
                int time = times.getAndIncrement();
                if (time >= failures.size()) {
                    again.countDown();
                } else if (failures.get(time) instanceof Error error) {
                    throw error;
                } else {
                    throw (RuntimeException) failures.get(time);
                }
            });

            assertTrue(again.await(10, TimeUnit.SECONDS), "expected the task to be done again");
            timer.shutdownNow();
        }
    }
}
