package io.millrace.dispatcher.engine.state;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Work that belongs to a trace was handed out, or is its worker's no more. Not state: it tells those who watch what a command did.
 *
 * @param execution it, or the one that its task belongs to
 * @param task null for a workflow
 * @param claimId the claim
 * @param sinceMs since when it stood ready or was held, milliseconds since the epoch, by the partition's clock
 * @param untilMs up to when, in the same way
 * @param end the type of the event that ended the claim; empty: the claim began
 */
public record TracedWork(
        Execution execution, @Nullable Task task, UUID claimId, long sinceMs, long untilMs, String end) {

    /** @return whether the claim is over */
    public boolean ended() {
        return !end.isEmpty();
    }
}
