package io.millrace.ingest.queries;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of the audit trail; null stands for any.
 *
 * @param principal id of who asked
 * @param executionId workflow execution or standalone task concerned
 * @param command name of the command, such as cancel_workflow
 * @param outcome DONE, ALREADY_CLOSED, UNCHANGED, or the reason of a refusal
 * @param queue queue named
 * @param fromMs decided at this time or later, milliseconds since the epoch
 * @param toMs decided before this time
 */
public record TrailFilter(
        @Nullable String principal,
        @Nullable UUID executionId,
        @Nullable String command,
        @Nullable String outcome,
        @Nullable String queue,
        @Nullable Long fromMs,
        @Nullable Long toMs) {

    /** @return the same, of this command only */
    public TrailFilter ofCommand(String only) {
        return new TrailFilter(principal, executionId, only, outcome, queue, fromMs, toMs);
    }
}
