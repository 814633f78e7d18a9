package io.millrace.ingest.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is let through when its turn comes. */
class TurnstileTest {

    private final List<String> gone = new ArrayList<>();

    @Test
    void oneThatFailsKeepsNoOtherFromItsTurnNorTheOneThatLeft() {
        Turnstile.Lane lane = new Turnstile(2, 0, new Pool(100).share()).lane();
        Turnstile.Ticket large = lane.ticket(2, () -> gone.add("large"));
        Turnstile.Ticket failing = lane.ticket(1, () -> {
            throw new IllegalStateException("meant to fail");
        });
        Turnstile.Ticket last = lane.ticket(1, () -> gone.add("last"));
        large.enter();
        failing.enter();
        last.enter();

        large.leave();

        assertEquals(List.of("large", "last"), gone);
        failing.leave();
        last.leave();
        assertEquals(0, lane.underWay());
    }

    @Test
    void whatDoesNotFitWaitsForWhatGoesBefore() {
        Turnstile.Lane lane = new Turnstile(1, 0, new Pool(100).share()).lane();
        Turnstile.Ticket first = lane.ticket(1, () -> gone.add("first"));
        Turnstile.Ticket second = lane.ticket(1, () -> gone.add("second"));

        first.enter();
        second.enter();
        assertEquals(List.of("first"), gone);

        first.leave();
        assertTrue(gone.contains("second"));
    }
}
