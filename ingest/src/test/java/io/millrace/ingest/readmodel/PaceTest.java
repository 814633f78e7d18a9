package io.millrace.ingest.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long MS = 1_000_000L;

    @Test
    @DisplayName("a projector that keeps up takes one part in four of the time")
    void keepsUp() {
        assertEquals(30 * MS, Pace.restNanos(0, 10 * MS));
    }

    @Test
    @DisplayName("rows are never held back for longer than the limit")
    void isBounded() {
        assertEquals(Pace.LONGEST_NANOS, Pace.restNanos(Pace.BEHIND - 1, 5_000 * MS));
    }

    @Test
    @DisplayName("a projector that is behind does not rest")
    void catchesUp() {
        assertEquals(0, Pace.restNanos(Pace.BEHIND, 300 * MS));
    }

    @Test
    @DisplayName("where nothing came the next record is taken in at once")
    void waitsForNothing() {
        assertEquals(0, Pace.restNanos(0, 0));
    }
}
