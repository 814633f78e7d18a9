package io.millrace.dispatcher.replay.log;

import io.millrace.proto.v1.MacVerdict;
import org.jspecify.annotations.Nullable;

/**
 * A command beside what came of it. One of the two may be missing, which the log never does by itself.
 *
 * @param command null where the log of commands has none that belongs to the outcome
 * @param outcome null where the events topic has none of the command, but has those of later ones
 */
public record LogEntry(
        @Nullable LoggedCommand command, @Nullable LoggedOutcome outcome) {

    /** @return what the MAC of the command proved when it was decided; unchecked where there is no outcome */
    public MacVerdict verdict() {
        return outcome == null ? MacVerdict.MAC_UNCHECKED : outcome.verdict();
    }
}
