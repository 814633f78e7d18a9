package io.millrace.infra.door;

import io.millrace.ingest.limits.Turnstile;
import java.util.concurrent.Executor;

/**
 * The place of a call among the histories that are under way on its connection. It is kept until the client has taken the
 * history, or has given the call up. What is read for nobody takes its memory all the same. So a call that was given up keeps its place until the history has
 * been read, and until the transport has thrown away what was to be sent. Safe from any thread.
 */
final class HistoryPlace {

    private final Turnstile.Ticket ticket;
    private final Executor afterWrites;
    private boolean reading;
    private boolean answered;
    private boolean over;

    /**
     * @param lane of the connection
     * @param afterWrites does what it is given once all has been written that was given to the connection until then
     * @param read reads the history, and sees to it that {@link #answered} is called
     */
    HistoryPlace(Turnstile.Lane lane, Executor afterWrites, Runnable read) {
        this.afterWrites = afterWrites;
        ticket = lane.ticket(1, () -> {
            if (begins()) {
                read.run();
            }
        });
    }

    /** Lets it be read once there is room. */
    void enter() {
        ticket.enter();
    }

    private synchronized boolean begins() {
        reading = !answered && !over;
        return reading;
    }

    /** It has been read, or nobody will read it. */
    void answered() {
        boolean forNobody;
        synchronized (this) {
            answered = true;
            forNobody = over;
        }
        if (forNobody) {
            afterWrites.execute(this::leaveIfDone);
        }
    }

    /** Its client has taken it, or has given up. */
    void over() {
        synchronized (this) {
            over = true;
        }
        afterWrites.execute(this::leaveIfDone);
    }

    private void leaveIfDone() {
        boolean done;
        synchronized (this) {
            done = over && (answered || !reading);
        }
        if (done) {
            ticket.leave();
        }
    }
}
