package io.millrace.ingest.queries;

import java.util.Map;
import java.util.UUID;

/**
 * A bulk job as the read model has it. Times are milliseconds since the epoch, durations milliseconds.
 *
 * @param status RUNNING, PAUSED, STOPPING, COMPLETED, STOPPED or FAILED
 * @param statusBy who paused, resumed or stopped it last; empty: nobody
 * @param statusReason why, or why it failed
 * @param action what is asked of each item
 * @param query what finds them
 * @param rate most items in a second
 * @param forceAfterMs how long workers have to end what is cancelled; 0: no time
 * @param expected how many were found when it was asked for
 * @param requestedBy in whose name each is asked for, with this role, by this key
 * @param begunMs when it began; what was created later is no item
 * @param changedMs when it was heard of last
 * @param done items that were done
 * @param refused items that were refused
 * @param skipped items that were so already
 * @param runner process of a node that carries it out; empty: none
 * @param claimedUntilMs until when no other may, by the clock of its partition
 * @param how what is asked of each besides, by name
 * @param version one more with each change of its status; 0: of a log in which jobs had none
 */
public record BulkJobRow(
        UUID orgId,
        UUID id,
        String status,
        String statusBy,
        String statusReason,
        String action,
        String query,
        int rate,
        long forceAfterMs,
        long expected,
        String reason,
        String requestedBy,
        String role,
        String credential,
        long begunMs,
        long changedMs,
        long done,
        long refused,
        long skipped,
        String runner,
        long claimedUntilMs,
        Map<String, String> how,
        long version) {

    /** @return whether it stays as it is */
    public boolean ended() {
        return status.equals("COMPLETED") || status.equals("STOPPED") || status.equals("FAILED");
    }
}
