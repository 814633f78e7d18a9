package io.millrace.ingest.http;

import java.util.concurrent.Semaphore;

/** The event streams that are open on this node: no more than so many. Safe from any thread. */
final class OpenStreams {

    private final int most;
    private final Semaphore free;

    /** @param most streams at a time */
    OpenStreams(int most) {
        this.most = most;
        free = new Semaphore(most);
    }

    /** @return the most that may be open at a time */
    int most() {
        return most;
    }

    /** @return whether there is room for another; it has to {@link #leave} in the end */
    boolean enter() {
        return free.tryAcquire();
    }

    void leave() {
        free.release();
    }
}
