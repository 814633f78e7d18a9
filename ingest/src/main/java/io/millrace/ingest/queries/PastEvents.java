package io.millrace.ingest.queries;

import io.millrace.proto.v1.EventRecord;
import java.util.List;

/**
 * Events before a moment.
 *
 * @param events those of each execution from its first one on, one execution after the other
 * @param beganMs when the first outcome of the organisation was decided, milliseconds since the epoch; 0: there is none
 * @param more whether there are more than may be read at once; then none are here
 */
public record PastEvents(List<EventRecord> events, long beganMs, boolean more) {

    /** So many events are read at once, at the most. */
    public static final int MAX_EVENTS = 60_000;

    /** Their data have so many bytes, at the most, and those of the last one. */
    public static final int MAX_BYTES = 16 << 20;

    /** So many workflow executions and tasks without one, at the most. */
    public static final int MAX_EXECUTIONS = 5_000;

    /** So many tasks that were open, at the most, also where many are of one execution. */
    public static final int MAX_TASKS = 50_000;

    /** Copies the list. */
    public PastEvents {
        events = List.copyOf(events);
    }
}
