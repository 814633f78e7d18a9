package io.millrace.dispatcher.topology;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Lets threads wait until something has come to be, looked at whenever something has changed. */
final class ReadySignal {

    private long changes;

    synchronized void signal() {
        changes++;
        notifyAll();
    }

    /** @return false if it has not come to be after so long */
    boolean await(BooleanSupplier there, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            long seen;
            synchronized (this) {
                seen = changes;
            }
            if (there.getAsBoolean()) {
                return true;
            }
            synchronized (this) {
                while (changes == seen) {
                    long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                    if (leftMs <= 0) {
                        return false;
                    }
                    wait(leftMs);
                }
            }
        }
    }
}
