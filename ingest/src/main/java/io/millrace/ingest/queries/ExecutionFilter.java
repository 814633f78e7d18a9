package io.millrace.ingest.queries;

import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.v1.ExecutionStatus;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which workflow executions a list holds. Null and empty fields do not restrict it.
 *
 * @param status only this status
 * @param kind only this workflow kind
 * @param queue only this queue
 * @param metadata only those that have all these entries
 * @param search the query that says what else has to be so, and in which order they come
 */
public record ExecutionFilter(
        @Nullable ExecutionStatus status,
        @Nullable String kind,
        @Nullable String queue,
        Map<String, String> metadata,
        Search search) {

    /** Restricts nothing. */
    public static final ExecutionFilter ALL =
            new ExecutionFilter(null, null, null, Map.of(), Search.all(Subject.WORKFLOWS));
}
