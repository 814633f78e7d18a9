package io.millrace.ingest.queries;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.UUID;

/**
 * A workflow execution or a task that a bulk job finds.
 *
 * @param createdAtMs milliseconds since the epoch
 */
public record BulkMatch(UUID id, String kind, String queue, ExecutionStatus status, long createdAtMs) {}
