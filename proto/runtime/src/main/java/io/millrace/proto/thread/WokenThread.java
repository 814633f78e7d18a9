package io.millrace.proto.thread;

import java.util.concurrent.locks.LockSupport;

/** A thread that looks after something again and again, and sleeps between until it is woken. Any thread. */
public final class WokenThread implements AutoCloseable {

    private static final long STOP_MS = 2_000;

    private final Thread thread;
    private volatile boolean running = true;

    /** @param body runs on it as long as {@link #running}; parks to sleep */
    public WokenThread(String name, Runnable body) {
        thread = Thread.ofPlatform().name(name).daemon(true).unstarted(body);
    }

    /** Lets the body begin. */
    public void start() {
        thread.start();
    }

    /** @return false once it is to end */
    public boolean running() {
        return running;
    }

    /** Lets it look at once, or again at once if it is looking. Cheap. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** Lets it end, and waits for that, 2 s at the most. */
    @Override
    public void close() {
        running = false;
        wake();
        try {
            thread.join(STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
