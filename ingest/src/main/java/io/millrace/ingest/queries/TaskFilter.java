package io.millrace.ingest.queries;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.UUID;

/**
 * Which task executions a list holds. Null fields do not restrict it.
 *
 * @param status only this status
 * @param kind only this task kind
 * @param queue only this queue
 * @param executionId only tasks of this workflow
 */
public record TaskFilter(ExecutionStatus status, String kind, String queue, UUID executionId) {

    /** Restricts nothing. */
    public static final TaskFilter ALL = new TaskFilter(null, null, null, null);
}
