package io.millrace.ingest.http;

import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who has dismissed what as a dead letter. The read model alone knows, and follows the log at a distance, so of what is still in the stores a
 * dismissal counts only if both know of as many attempts. An execution can be seen without it: where the read model does not answer, nobody
 * has dismissed it. Safe from any thread, never blocks.
 */
final class Dismissals {

    private static final PageRequest ONE = new PageRequest(1, null);

    private final ExecutionQueries queries;

    Dismissals(ExecutionQueries queries) {
        this.queries = queries;
    }

    /** @return who has dismissed the workflow, null: nobody. The read model is asked only of those that may be dead letters */
    CompletableFuture<@Nullable Dismissal> of(UUID orgId, UUID id, ExecutionView live) {
        return live.getDeliveries() > 1
                ? ofWorkflow(orgId, id, row -> row.deliveries() == live.getDeliveries())
                : CompletableFuture.completedFuture(null);
    }

    /** @return who has dismissed the task, null: nobody. The read model is asked only of those that may be dead letters */
    CompletableFuture<@Nullable Dismissal> of(UUID orgId, UUID id, TaskView live) {
        return live.getStatus() == ExecutionStatus.FAILED
                ? ofTask(orgId, id, row -> row.executionCount() == live.getExecutionCount())
                : CompletableFuture.completedFuture(null);
    }

    /** @return who has dismissed the workflow, as far as the read model knows; null: nobody */
    CompletableFuture<@Nullable Dismissal> ofWorkflow(UUID orgId, UUID id) {
        return ofWorkflow(orgId, id, row -> true);
    }

    /** @return who has dismissed the task, as far as the read model knows; null: nobody */
    CompletableFuture<@Nullable Dismissal> ofTask(UUID orgId, UUID id) {
        return ofTask(orgId, id, row -> true);
    }

    private CompletableFuture<@Nullable Dismissal> ofWorkflow(UUID orgId, UUID id, Predicate<ExecutionRow> asSeen) {
        ExecutionFilter filter = new ExecutionFilter(null, null, null, Map.of(), named(Subject.WORKFLOWS, id));
        return queries.executions(orgId, filter, ONE)
                .handle((found, away) -> away == null ? first(found.items(), asSeen, ExecutionRow::dismissal) : null);
    }

    private CompletableFuture<@Nullable Dismissal> ofTask(UUID orgId, UUID id, Predicate<TaskRow> asSeen) {
        TaskFilter filter = new TaskFilter(null, null, null, null, named(Subject.TASKS, id));
        return queries.tasks(orgId, filter, ONE)
                .handle((found, away) -> away == null ? first(found.items(), asSeen, TaskRow::dismissal) : null);
    }

    private static Search named(Subject subject, UUID id) {
        return Search.parse(subject, "id = " + id);
    }

    private static <R> @Nullable Dismissal first(
            List<R> rows, Predicate<R> asSeen, Function<R, @Nullable Dismissal> dismissal) {
        return rows.isEmpty() || !asSeen.test(rows.getFirst()) ? null : dismissal.apply(rows.getFirst());
    }
}
