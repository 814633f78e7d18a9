package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the partitions of a node repeat, is repeated whatever one of them does. */
class RepeaterTest {

    @Test
    void notEvenAnErrorOfOnePartitionSilencesTheOthers() throws Exception {
        CountDownLatch failures = new CountDownLatch(3);
        CountDownLatch said = new CountDownLatch(3);
        try (Repeater repeater = new Repeater(1)) {
            repeater.add(() -> {
                failures.countDown();
                throw new StackOverflowError("for the test");
            });
            repeater.add(said::countDown);
            repeater.start();
            assertTrue(failures.await(60, TimeUnit.SECONDS));
            assertTrue(said.await(60, TimeUnit.SECONDS));
        }
    }
}
