package io.millrace.dispatcher.partition;

import java.util.concurrent.TimeUnit;

/** Whether a node's dispatcher has had nothing to do for a moment. Any thread. */
public final class IdleDetector {

    private static final long LENGTH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private volatile long lastCommandNanos = System.nanoTime();

    /** A command has been carried out. */
    void commandDone() {
        lastCommandNanos = System.nanoTime();
    }

    /** @return whether no command came for a moment: whoever comes next hardly suffers from a commit now */
    boolean now() {
        return System.nanoTime() - lastCommandNanos > LENGTH_NANOS;
    }
}
