package io.millrace.dispatcher.topology.group;

/** The time of day was set back, so the clients of a stream thread have to be made anew: see {@link SetBack}. */
public final class ClockSetBackException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** @param byMs by how much, milliseconds */
    public ClockSetBackException(long byMs) {
        super("expected the time of day to go on, but it was set back by " + byMs
                + " ms: Kafka's clients would send no heartbeats for so long, and are made anew");
    }
}
