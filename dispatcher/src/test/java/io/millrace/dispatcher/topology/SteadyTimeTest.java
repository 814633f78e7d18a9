package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.time.SteadyClock;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;
import org.junit.jupiter.api.Test;

/** A node whose time of day is set back goes on ticking. */
class SteadyTimeTest {

    private static final long TICK_MS = 50;

    private long wallMs = 1_700_000_000_000L;
    private long nanos;
    private final Time time = new SteadyTime(new SteadyClock(() -> wallMs, () -> nanos));

    private void pass(long millis) {
        wallMs += millis;
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void beginsAtTheTimeOfDay() {
        assertEquals(wallMs, time.milliseconds());
        pass(7);
        assertEquals(wallMs, time.milliseconds());
    }

    @Test
    void whatIsDoneNowAndThenGoesOnWhenTheTimeOfDayIsSetBack() {
        Timer timer = time.timer(TICK_MS);
        pass(TICK_MS);
        timer.update();
        assertTrue(timer.isExpired());

        timer.reset(TICK_MS);
        wallMs -= TimeUnit.HOURS.toMillis(1);
        pass(TICK_MS);
        timer.update();
        assertTrue(timer.isExpired());
    }

    @Test
    void waitsUntilTheConditionHoldsAndNoLongerThanItIsTold() throws Exception {
        Time real = new SteadyTime(new SteadyClock());
        real.waitObject(this, () -> true, 0);
        long began = System.nanoTime();
        assertThrows(TimeoutException.class, () -> real.waitObject(this, () -> false, real.milliseconds() + TICK_MS));
        assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(TICK_MS - 1));
    }
}
