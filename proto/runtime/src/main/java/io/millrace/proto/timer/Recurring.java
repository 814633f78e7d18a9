package io.millrace.proto.timer;

import io.millrace.proto.kafka.Outage;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What a timer does again and again, whatever becomes of one time: an executor never again does a task that threw once, and
 * tells nobody. The log says once that it fails, and once that it works again.
 */
public final class Recurring implements Runnable {

    private final Runnable task;
    private final Outage outage;

    private Recurring(String failing, Runnable task) {
        this.task = task;
        this.outage = new Outage(failing);
    }

    /**
     * Does the task until the timer is shut down.
     *
     * @param timer whose thread does it
     * @param first time until it is done first
     * @param pause time from the end of one time to the next
     * @param failing what the log says when the task throws, be it an error
     */
    public static void start(
            ScheduledExecutorService timer, Duration first, Duration pause, String failing, Runnable task) {
        timer.scheduleWithFixedDelay(
                new Recurring(failing, task), first.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        try {
            task.run();
            outage.over();
        } catch (Throwable e) {
            say(e);
        }
    }

    private void say(Throwable failure) {
        try {
            outage.failed(failure);
        } catch (Throwable unsaid) {
            // Better unsaid, as where memory is lacking, than never done again.
        }
    }
}
