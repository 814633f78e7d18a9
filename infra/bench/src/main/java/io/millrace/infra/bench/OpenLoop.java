package io.millrace.infra.bench;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/** Sends at a given rate, whether answers come or not. A late request counts from the time at which it was due. */
final class OpenLoop {

    private OpenLoop() {}

    /**
     * Blocks for the given time.
     *
     * @param send takes the intended time of each request, as of {@link System#nanoTime}
     */
    static void run(int perSecond, int seconds, LongConsumer send) {
        long interval = 1_000_000_000L / perSecond;
        long begun = System.nanoTime();
        long count = (long) perSecond * seconds;
        for (long i = 0; i < count; i++) {
            long intended = begun + i * interval;
            for (long wait = intended - System.nanoTime(); wait > 0; wait = intended - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            send.accept(intended);
        }
    }
}
