package io.millrace.ingest.queries;

import java.util.List;

/**
 * A part of what happened to an execution.
 *
 * @param events in the order of their chain sequences; it ends after the one with which it has {@link #MAX_BYTES} of data, or {@link
 *     #MAX_EVENTS}
 * @param more whether others come behind the last of them
 */
public record ToldPart(List<ToldEvent> events, boolean more) {

    /**
     * Bytes of data after which a part ends: as many as a history may have, since a node counts its memory for reads in those. What
     * stands in no history has no limit otherwise, such as the errors of attempts.
     */
    public static final int MAX_BYTES = 4_000_000;

    /** The same, in events. */
    public static final int MAX_EVENTS = 20_000;
}
