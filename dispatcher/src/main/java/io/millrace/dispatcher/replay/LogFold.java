package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.codec.OutcomeDecoder;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the state of a partition of its outcomes alone, from the first one on: nothing is decided again. Of logs of rules 4 and newer it is
 * the state that the commands gave, byte for byte, but for the numbers of writers; see {@link EventFold}. One thread.
 */
public final class LogFold {

    private final EventFold fold;

    /** Applies outcomes to this state, which nobody else changes. */
    public LogFold(PartitionState state) {
        this.fold = new EventFold(state);
    }

    /**
     * Applies the outcome that stands next in the log.
     *
     * @throws LogUnreadableException an event cannot be read, or does not follow from those before
     */
    public void apply(OutcomeRecord outcome) {
        try {
            List<SealedEvent> events = new ArrayList<>(outcome.getEventsCount());
            for (int i = 0; i < outcome.getEventsCount(); i++) {
                events.add(OutcomeDecoder.event(outcome.getEvents(i)));
            }
            fold.apply(OutcomeDecoder.recorded(outcome), events);
        } catch (RuntimeException e) {
            throw new LogUnreadableException(
                    "expected the outcome of the command at offset " + outcome.getCommandOffset()
                            + " to follow from those before, but it does not: " + e,
                    e);
        }
    }
}
