package io.millrace.proto.reads;

import io.millrace.proto.v1.EventRecord;
import java.util.List;

/** Makes a state of events that were recorded, and decides nothing. Safe from any thread; takes the time that it takes. */
@FunctionalInterface
public interface PastStates {

    /**
     * @param events those of each execution from its first one on, one behind the other
     * @return how all of them stood behind the last of these
     * @throws IllegalArgumentException an event cannot be read, or does not follow from those before
     */
    PastState of(List<EventRecord> events);
}
