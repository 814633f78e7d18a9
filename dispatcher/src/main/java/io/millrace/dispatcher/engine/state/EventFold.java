package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.List;

/**
 * Applies events that were recorded, and decides nothing. This is the second way to a state. It serves for logs of any
 * rules, and for the events of one execution alone. What the form of an event does not tell is not in the state either:
 * how long a closed execution and its keys are kept. One thread.
 */
public final class EventFold {

    private final PartitionState state;
    private final Applier applier;
    private final Sealer sealer;

    /** Applies events to this state, which nobody else changes. */
    public EventFold(PartitionState state) {
        this.state = state;
        this.applier = new Applier(state);
        this.sealer = new Sealer(state);
    }

    /**
     * Applies the events of one outcome, in their order.
     *
     * @param rules version of the rules that decided
     * @param timeMs time of the partition then, milliseconds since the epoch
     * @throws IllegalArgumentException an event cannot be read
     * @throws RuntimeException an event is about what the events before it do not tell of
     */
    public void apply(int rules, long timeMs, List<SealedEvent> events) {
        state.partition().at(timeMs, rules);
        for (SealedEvent sealed : events) {
            Event event = EventParser.parse(sealed);
            Execution before = sealed.executionId() == null ? null : state.execution(sealed.executionId());
            applier.apply(event);
            Execution subject =
                    before != null || sealed.executionId() == null ? before : state.execution(sealed.executionId());
            sealer.take(event, subject, sealed);
        }
    }
}
