package io.millrace.ingest.queries;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which task executions a list holds. Null fields do not restrict it.
 *
 * @param status only this status
 * @param kind only this task kind
 * @param queue only this queue
 * @param executionId only tasks of this workflow
 */
public record TaskFilter(
        @Nullable ExecutionStatus status,
        @Nullable String kind,
        @Nullable String queue,
        @Nullable UUID executionId) {

    /** Restricts nothing. */
    public static final TaskFilter ALL = new TaskFilter(null, null, null, null);
}
