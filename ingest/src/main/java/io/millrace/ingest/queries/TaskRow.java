package io.millrace.ingest.queries;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A task execution as lists show it, without payloads.
 *
 * @param id its id
 * @param executionId workflow it belongs to, or null for a standalone one
 * @param kind task kind
 * @param queue queue it runs on
 * @param status status after the last event that the read model has seen
 * @param executionCount number of attempts so far
 * @param maxRetries retries allowed after the first attempt
 * @param workerId worker of the last attempt, or null
 * @param error last error, or null
 * @param createdAtMs milliseconds since the epoch
 * @param startedAtMs start of the last attempt, 0: not yet
 * @param completedAtMs end, 0: not yet
 * @param dismissal that it waits for nobody, as somebody has said; null: nobody has, or something happened since
 */
public record TaskRow(
        UUID id,
        @Nullable UUID executionId,
        String kind,
        String queue,
        ExecutionStatus status,
        int executionCount,
        int maxRetries,
        @Nullable String workerId,
        @Nullable String error,
        long createdAtMs,
        long startedAtMs,
        long completedAtMs,
        @Nullable Dismissal dismissal) {}
