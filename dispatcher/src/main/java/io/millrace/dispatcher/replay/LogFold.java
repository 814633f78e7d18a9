package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.codec.OutcomeBytes;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import java.io.IOException;

/**
 * Makes the state of a partition of its outcomes alone, from the first one on: nothing is decided again. Of logs of rules 4 and newer it is
 * the state that the commands gave, byte for byte, but for the numbers of writers; see {@link EventFold}. One thread.
 */
public final class LogFold {

    private final EventFold fold;
    private final OutcomeBytes outcomes = new OutcomeBytes();

    /** Applies outcomes to this state, which nobody else changes. */
    public LogFold(PartitionState state) {
        this.fold = new EventFold(state);
    }

    /**
     * Applies the outcome that stands next in the log.
     *
     * @return how many events it has
     * @throws LogUnreadableException it is no outcome, an event cannot be read, or does not follow from those before
     */
    public int apply(LoggedOutcome outcome) {
        byte[] value = outcome.value();
        if (value == null) {
            throw outcome.isNone(null);
        }
        try {
            OutcomeBytes.Read read = outcomes.read(value);
            fold.apply(read.recorded(), read.events());
            return read.events().size();
        } catch (IOException e) {
            throw outcome.isNone(e);
        } catch (RuntimeException e) {
            throw new LogUnreadableException(
                    "expected the outcome of the command at offset " + outcome.commandOffset()
                            + " to follow from those before, but it does not: " + e,
                    e);
        }
    }
}
