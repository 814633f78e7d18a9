package io.millrace.ingest.http;

import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import java.util.Map;
import java.util.UUID;

/**
 * What goes on no more by itself, and waits for somebody: workflows that are handed out again and again, or ended so, and tasks that are
 * out of attempts. The answer names the queries that find them, by which lists and bulk jobs go on.
 */
final class DeadLetterRoutes {

    /** Delivered more than once in a row: each worker before died, fell silent, or reported what was refused. */
    static final String WORKFLOWS = "attempt > 1 AND status IN (PENDING, RUNNING, FAILED) AND successor IS NULL";

    static final String TASKS = "status = FAILED AND left = 0";

    private final ExecutionQueries queries;

    DeadLetterRoutes(ExecutionQueries queries) {
        this.queries = queries;
    }

    HttpReply get(HttpCall call) {
        UUID orgId = call.asked().caller().orgId();
        ExecutionFilter workflows =
                new ExecutionFilter(null, null, null, Map.of(), Search.parse(Subject.WORKFLOWS, WORKFLOWS));
        TaskFilter tasks = new TaskFilter(null, null, null, null, Search.parse(Subject.TASKS, TASKS));
        PageRequest first = PageRequest.first();
        long ofWorkflows = queries.executionCounts(orgId, workflows, Grouping.STATUS)
                .join()
                .total();
        Page<ExecutionRow> someWorkflows =
                queries.executions(orgId, workflows, first).join();
        long ofTasks = queries.taskCounts(orgId, tasks, Grouping.STATUS).join().total();
        Page<TaskRow> someTasks = queries.tasks(orgId, tasks, first).join();
        return HttpReply.json(
                200,
                Json.object(json -> json.object(
                                "workflows",
                                part -> part.text("query", WORKFLOWS)
                                        .number("total", ofWorkflows)
                                        .objects("first", someWorkflows.items(), ExecutionJson::row))
                        .object(
                                "tasks",
                                part -> part.text("query", TASKS)
                                        .number("total", ofTasks)
                                        .objects("first", someTasks.items(), TaskJson::row))));
    }
}
