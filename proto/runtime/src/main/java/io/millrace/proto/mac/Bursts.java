package io.millrace.proto.mac;

import java.util.concurrent.TimeUnit;

/** Tells of records that no node wrote which ones are worth a line of the log: the first after a minute without any. Any thread. */
public final class Bursts {

    /** So long without any, and a burst is over. */
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long lastNanos;
    private boolean any;

    /** @return whether the one that came now is the first of a burst */
    public synchronized boolean begins() {
        long now = System.nanoTime();
        boolean first = !any || now - lastNanos > QUIET_NANOS;
        any = true;
        lastNanos = now;
        return first;
    }
}
