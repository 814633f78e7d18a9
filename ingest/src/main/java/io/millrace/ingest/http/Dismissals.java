package io.millrace.ingest.http;

import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who has dismissed what as a dead letter. The read model alone knows, and follows the log at a distance, so of what is still in the stores a
 * dismissal counts only if both know of as many attempts. An execution can be seen without it: where the read model does not answer within a
 * few seconds, nobody has dismissed it. Safe from any thread, never blocks.
 */
final class Dismissals {

    /** So long the rest of an answer waits for it, milliseconds. */
    private static final long LONGEST_MS = 3_000;

    private static final PageRequest ONE = new PageRequest(1, null);

    private final ExecutionQueries queries;

    Dismissals(ExecutionQueries queries) {
        this.queries = queries;
    }

    /** @return who has dismissed the workflow, null: nobody. The read model is asked only of those that may be dead letters */
    CompletableFuture<@Nullable Dismissal> of(UUID orgId, UUID id, ExecutionView live) {
        return ofWorkflow(orgId, id, live.getDeliveries());
    }

    /** @return who has dismissed the task, null: nobody. The read model is asked only of those that may be dead letters */
    CompletableFuture<@Nullable Dismissal> of(UUID orgId, UUID id, TaskView live) {
        return live.getStatus() == ExecutionStatus.FAILED
                ? ofTask(orgId, id, row -> row.executionCount() == live.getExecutionCount())
                : CompletableFuture.completedFuture(null);
    }

    /**
     * @param deliveries how often in a row its work was handed out
     * @return who has dismissed the workflow, null: nobody. The read model is asked only of those that may be dead letters
     */
    CompletableFuture<@Nullable Dismissal> ofWorkflow(UUID orgId, UUID id, int deliveries) {
        return deliveries > 1
                ? ofWorkflow(orgId, id, row -> row.deliveries() == deliveries)
                : CompletableFuture.completedFuture(null);
    }

    /** @return who has dismissed the task, as far as the read model knows, which is where it was read as well; null: nobody */
    CompletableFuture<@Nullable Dismissal> ofTask(UUID orgId, UUID id) {
        return ofTask(orgId, id, row -> row.status() == ExecutionStatus.FAILED);
    }

    private CompletableFuture<@Nullable Dismissal> ofWorkflow(UUID orgId, UUID id, Predicate<ExecutionRow> asSeen) {
        ExecutionFilter filter = new ExecutionFilter(null, null, null, Map.of(), named(Subject.WORKFLOWS, id));
        return first(queries.executions(orgId, filter, ONE), asSeen, ExecutionRow::dismissal);
    }

    private CompletableFuture<@Nullable Dismissal> ofTask(UUID orgId, UUID id, Predicate<TaskRow> asSeen) {
        TaskFilter filter = new TaskFilter(null, null, null, null, named(Subject.TASKS, id));
        return first(queries.tasks(orgId, filter, ONE), asSeen, TaskRow::dismissal);
    }

    private static Search named(Subject subject, UUID id) {
        return Search.parse(subject, "id = " + id);
    }

    private static <R> CompletableFuture<@Nullable Dismissal> first(
            CompletableFuture<Page<R>> asked, Predicate<R> asSeen, Function<R, @Nullable Dismissal> dismissal) {
        return asked.handle((found, away) -> away != null
                        ? null
                        : found.items().stream()
                                .limit(1)
                                .filter(asSeen)
                                .findFirst()
                                .map(dismissal)
                                .orElse(null))
                .completeOnTimeout(null, LONGEST_MS, TimeUnit.MILLISECONDS);
    }
}
