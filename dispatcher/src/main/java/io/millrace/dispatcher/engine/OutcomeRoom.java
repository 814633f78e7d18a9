package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventJson;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.List;

/** Room in an outcome, which has to go into one record. Reckons only where there may be much. One thread. */
final class OutcomeRoom {

    /** So few events of one decision cannot come to too much, since payloads and histories are limited. */
    private static final int FEW_EVENTS = 64;
    /** So little leaves room for any few events. */
    private static final long FEW_BYTES = 1024 * 1024;
    /** What an event costs in its record besides its data, at the most. */
    private static final int PER_EVENT_BYTES = 256;

    private final List<SealedEvent> events;
    /** Events whose bytes are counted already. */
    private int counted;

    private long bytes;

    /** @param events those of the outcome so far; it grows */
    OutcomeRoom(List<SealedEvent> events) {
        this.events = events;
    }

    /** @return whether there is room for the events of the decision */
    boolean has(Decision decision, int rules) {
        for (; counted < events.size(); counted++) {
            bytes += events.get(counted).data().length + PER_EVENT_BYTES;
        }
        if (decision.events().size() <= FEW_EVENTS && bytes <= FEW_BYTES) {
            return true;
        }
        long more = 0;
        for (Event event : decision.events()) {
            more += EventJson.data(event, rules).length + PER_EVENT_BYTES;
        }
        return bytes + more <= Rules.MAX_OUTCOME_BYTES;
    }
}
