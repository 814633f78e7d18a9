package io.millrace.ingest.queries;

import java.util.UUID;

/**
 * Which entries of the audit trail; null stands for any.
 *
 * @param principal id of who asked
 * @param executionId workflow execution or standalone task concerned
 * @param command name of the command, such as cancel_workflow
 * @param outcome DONE, or the reason of a refusal
 * @param queue queue named
 * @param fromMs decided at this time or later, milliseconds since the epoch
 * @param toMs decided before this time
 */
public record TrailFilter(
        String principal, UUID executionId, String command, String outcome, String queue, Long fromMs, Long toMs) {

    /** @return the same, of this command only */
    public TrailFilter ofCommand(String only) {
        return new TrailFilter(principal, executionId, only, outcome, queue, fromMs, toMs);
    }
}
