package io.millrace.proto.time;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SleepDetectorTest {

    private final SleepDetector detector = new SleepDetector();

    private boolean at(long timeOfDayMs, long monotonicMs) {
        return detector.suspected(timeOfDayMs, TimeUnit.MILLISECONDS.toNanos(monotonicMs));
    }

    @Test
    void clocksThatGoTogetherTellOfNothing() {
        assertFalse(at(9_000_000, 5));
        assertFalse(at(9_001_000, 1_005));
        assertFalse(at(9_002_100, 2_005), "a clock that is being corrected");
        assertFalse(at(10_002_100, 1_002_005), "a thread that was held up");
    }

    @Test
    void aMachineThatSleptIsFoundOnce() {
        at(9_000_000, 5);
        assertTrue(at(9_061_000, 1_005));
        assertFalse(at(9_062_000, 2_005));
    }

    @Test
    void aTimeOfDayThatWasSetBackLooksTheSame() {
        at(9_000_000, 5);
        assertTrue(at(5_401_000, 1_005));
        assertFalse(at(5_402_000, 2_005));
    }
}
