package io.millrace.ingest.queries;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A workflow execution as lists show it, without payloads.
 *
 * @param id its id
 * @param kind workflow kind
 * @param queue queue it runs on
 * @param status status after the last event that the read model has seen
 * @param workflowVersion version given at the start; empty: none
 * @param metadata metadata given at the start
 * @param idempotencyKey key given at the start, or null
 * @param parentExecutionId parent of a child workflow, or null
 * @param childExecutionName name by which the parent knows it, or null
 * @param prioritySeconds priority given at the start
 * @param error text of the failure or cancellation, or null
 * @param terminatedBy who ended it without asking it, or null
 * @param resetFrom the run that it goes on from, or null
 * @param resetTo the run that goes on from it, or null
 * @param workerId worker that had it last, or null
 * @param startedAtMs when a worker first had it, milliseconds since the epoch; 0: not yet
 * @param deliveries how often in a row its work was handed out, the last time that it was; 0: not yet
 * @param createdAtMs time of the start, milliseconds since the epoch
 * @param closedAtMs time of the end, 0 while it is open
 * @param historyLength number of its history events
 * @param broken whether an outcome on the log names it that does not fit what stands before, and was not believed
 * @param dismissal that it waits for nobody, as somebody has said; null: nobody has, or something happened since
 */
public record ExecutionRow(
        UUID id,
        String kind,
        String queue,
        ExecutionStatus status,
        String workflowVersion,
        Map<String, String> metadata,
        @Nullable String idempotencyKey,
        @Nullable UUID parentExecutionId,
        @Nullable String childExecutionName,
        int prioritySeconds,
        @Nullable String error,
        @Nullable String terminatedBy,
        @Nullable UUID resetFrom,
        @Nullable UUID resetTo,
        @Nullable String workerId,
        long startedAtMs,
        int deliveries,
        long createdAtMs,
        long closedAtMs,
        int historyLength,
        boolean broken,
        @Nullable Dismissal dismissal) {}
