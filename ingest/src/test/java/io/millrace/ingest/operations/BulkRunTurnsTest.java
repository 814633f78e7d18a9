package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An organisation with many bulk jobs waits as long for its next turn as one with few. */
class BulkRunTurnsTest {

    private static final UUID A = new UUID(1, 1);
    private static final UUID B = new UUID(1, 2);

    private final BulkRunTurns<String> turns = new BulkRunTurns<>(2);

    @Test
    void turnsGoRoundByOrganisation() throws InterruptedException {
        long now = System.nanoTime();
        turns.add(A, "a1", now - 5);
        turns.add(A, "a2", now - 4);
        turns.add(A, "a3", now - 3);
        turns.add(B, "b1", now - 2);
        turns.add(B, "b2", now - 1);

        assertEquals("a1", turns.take());
        assertEquals("b1", turns.take());
        assertEquals("a2", turns.take());
        assertEquals("b2", turns.take());

        turns.add(B, "b3", now);
        turns.done(B);
        assertEquals("b3", turns.take(), "an organisation has two turns at a time, and A has them");
        turns.done(A);
        assertEquals("a3", turns.take());
    }

    @Test
    void whatIsNotDueYetHoldsNobodyUp() throws InterruptedException {
        turns.add(A, "later", System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200));
        turns.add(A, "much later", System.nanoTime() + TimeUnit.HOURS.toNanos(1));
        turns.add(B, "now", System.nanoTime());

        assertEquals("now", turns.take());
        assertEquals("later", turns.take());
    }
}
