package io.millrace.dispatcher.topology;

import io.millrace.proto.time.SteadyClock;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;

/**
 * The time by which Kafka Streams does things now and then: ticks, commits and all else. That is the time of a steady
 * clock. By the time of day itself nothing of that would be done for as long as that was set back by. Any thread.
 */
final class SteadyTime implements Time {

    private final SteadyClock clock;

    SteadyTime(SteadyClock clock) {
        this.clock = clock;
    }

    @Override
    public long milliseconds() {
        return clock.millis();
    }

    @Override
    public long nanoseconds() {
        return clock.nanoTime();
    }

    @Override
    public void sleep(long millis) {
        Utils.sleep(millis);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) throws InterruptedException {
        synchronized (object) {
            while (!condition.get()) {
                long leftMs = deadlineMs - milliseconds();
                if (leftMs <= 0) {
                    throw new TimeoutException("expected the condition to come about by " + deadlineMs + " ms");
                }
                object.wait(leftMs);
            }
        }
    }
}
