package io.millrace.ingest.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

    @Test
    void aLaneThatIsClosedLetsNothingThroughAndGivesBackWhatItHas() {
        Pool.Share share = new Pool(4).share();
        Turnstile turnstile = new Turnstile(1, 0, share);
        Turnstile.Lane lane = turnstile.lane();
        Turnstile.Ticket first = lane.ticket(1, () -> gone.add("first"));
        Turnstile.Ticket second = lane.ticket(1, () -> gone.add("second"));
        Turnstile.Ticket late = lane.ticket(1, () -> gone.add("late"));
        first.enter();
        second.enter();

        lane.close();
        late.enter();
        late.leave();
        assertEquals(1, turnstile.charged()); // it is still under way, whoever waits for it
        first.leave();
        second.leave();

        assertEquals(List.of("first"), gone);
        assertEquals(0, lane.underWay());
        assertEquals(0, turnstile.charged());
    }

    @Test
    void aLaneThatIsClosedKeepsNoOtherFromItsTurn() {
        Turnstile turnstile = new Turnstile(10, 0, new Pool(10).share());
        Turnstile.Lane large = turnstile.lane();
        Turnstile.Ticket first = turnstile.lane().ticket(2, () -> gone.add("first"));
        first.enter();
        turnstile.lane().ticket(2, () -> gone.add("second")).enter();
        large.ticket(5, () -> gone.add("large")).enter();
        turnstile.lane().ticket(2, () -> gone.add("small")).enter();
        first.leave(); // now there is room for the small one, but it stands behind the large one
        assertEquals(List.of("first", "second"), gone);

        large.close();

        assertEquals(List.of("first", "second", "small"), gone);
    }

    @Test
    void aBusyLaneComesBehindThoseThatWaitForTheShareExceptWithWhatNeedsNoneOfIt() {
        Turnstile turnstile = new Turnstile(4, 2, new Pool(4).share());
        Turnstile.Lane busy = turnstile.lane();
        Turnstile.Ticket large = busy.ticket(4, () -> gone.add("large"));
        large.enter();
        turnstile.lane().ticket(5, () -> gone.add("first that waits")).enter();
        turnstile.lane().ticket(5, () -> gone.add("second that waits")).enter();
        busy.ticket(2, () -> gone.add("small")).enter();
        busy.ticket(4, () -> gone.add("large again")).enter();
        assertEquals(List.of("large"), gone);

        large.leave();

        assertEquals(List.of("large", "first that waits", "small"), gone);
    }

    @Test
    void whoDoesNotWantToWaitGoesThroughAtOnceOrNotAtAll() {
        Turnstile turnstile = new Turnstile(2, 0, new Pool(100).share());
        Turnstile.Lane lane = turnstile.lane();
        Turnstile.Ticket first = lane.ticket(2, () -> gone.add("first"));
        Turnstile.Ticket second = lane.ticket(1, () -> gone.add("second"));

        assertTrue(first.enterNow());
        assertFalse(second.enterNow());
        first.leave();
        second.leave();

        assertEquals(List.of(), gone);
        assertEquals(0, turnstile.charged());
    }
}
