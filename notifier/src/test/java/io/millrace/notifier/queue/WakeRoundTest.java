package io.millrace.notifier.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WakeRoundTest {

    private final WakeRound round = new WakeRound("echo");

    @Test
    void eachNewPieceWakesOne() {
        assertEquals(1, round.update(1, 400, 0));
        assertEquals(0, round.update(1, 400, 0));
        assertEquals(2, round.update(3, 400, 0));
        assertEquals(0, round.update(2, 400, 0));
        assertEquals(1, round.update(3, 400, 0));
    }

    @Test
    void neverMoreAreWokenThanThereAre() {
        assertEquals(3, round.update(10, 3, 0));
    }

    @Test
    void withoutProgressTwiceAsManyEachTimeUntilAllWereTold() {
        assertEquals(1, round.update(1, 10, 0));
        assertTrue(round.takeTimer());
        assertEquals(2, round.expire(10, 5));
        assertTrue(round.takeTimer());
        assertEquals(4, round.expire(10, 10));
        assertTrue(round.takeTimer());
        assertEquals(3, round.expire(10, 15));
        assertFalse(round.takeTimer(), "everybody was told");
    }

    @Test
    void workThatIsTakenStopsIt() {
        round.update(1, 10, 0);
        assertTrue(round.takeTimer());
        round.update(0, 10, 2);
        assertEquals(0, round.expire(10, 5));
        assertTrue(round.isIdle());
    }

    @Test
    void newerWorkGetsItsOwnDelay() {
        round.update(1, 10, 0);
        assertTrue(round.takeTimer());
        round.update(0, 10, 2);
        assertEquals(1, round.update(1, 10, 4));
        assertEquals(0, round.expire(10, 5));
        assertTrue(round.takeTimer());
        assertEquals(2, round.expire(10, 10));
    }

    @Test
    void whileWorkIsTakenTheCrowdIsLeftAlone() {
        round.update(100, 400, 0);
        assertTrue(round.takeTimer());
        for (int tick = 1; tick <= 50; tick++) {
            round.update(100 - tick, 400, tick * 5);
            assertEquals(1, round.expire(400, tick * 5), "one more at the most");
            assertTrue(round.takeTimer());
        }
    }

    @Test
    void aRepeatBeginsAnewOnlyAfterThePause() {
        round.update(1, 1, 0);
        assertFalse(round.takeTimer());
        assertEquals(0, round.repeat(1, 50, 100));
        assertEquals(1, round.repeat(1, 100, 100));
        assertEquals(0, round.repeat(1, 150, 100));
        assertEquals(1, round.repeat(1, 200, 100));
    }
}
