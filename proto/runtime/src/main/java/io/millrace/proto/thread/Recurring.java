package io.millrace.proto.thread;

import io.millrace.proto.kafka.Outage;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A task that a timer does again and again, even if it fails. An executor by itself would stop after the first
 * exception, and tell nobody. The log says once that the task fails, and once that it works again.
 */
public final class Recurring implements Runnable {

    private final Runnable task;
    private final Outage outage;

    private Recurring(String failing, Runnable task) {
        this.task = task;
        this.outage = new Outage(failing);
    }

    /**
     * Does the task again and again until the timer is shut down.
     *
     * @param timer does the task on its thread
     * @param first time until the task is done first
     * @param pause time from the end of one run to the start of the next
     * @param failing text for the log when the task throws, also when it throws an error
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
            // Better not logged than never done again, as when memory is lacking.
        }
    }
}
