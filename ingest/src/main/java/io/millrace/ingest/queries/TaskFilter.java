package io.millrace.ingest.queries;

import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
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
 * @param search the query that says what else has to be so, and in which order they come
 */
public record TaskFilter(
        @Nullable ExecutionStatus status,
        @Nullable String kind,
        @Nullable String queue,
        @Nullable UUID executionId,
        Search search) {

    /** Restricts nothing. */
    public static final TaskFilter ALL = new TaskFilter(null, null, null, null, Search.all(Subject.TASKS));
}
