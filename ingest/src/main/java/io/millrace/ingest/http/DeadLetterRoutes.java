package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.DeadLetters;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.JsonFields;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What goes on no more by itself, and waits for somebody, as {@link DeadLetters} says. The answer names the queries that find them, by which lists and bulk jobs go on.
 */
final class DeadLetterRoutes {

    private static final String WORKFLOWS = DeadLetters.query(Subject.WORKFLOWS);
    private static final String TASKS = DeadLetters.query(Subject.TASKS);
    private static final String REASON = "reason";
    private static final String ATTEMPT = "attempt";

    private final Operations operations;
    private final ExecutionQueries queries;

    DeadLetterRoutes(Operations operations, ExecutionQueries queries) {
        this.operations = operations;
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

    HttpReply dismissWorkflow(HttpCall call) {
        JsonFields body = call.fields(REASON, ATTEMPT);
        return dismissed(operations
                .deadLetters()
                .dismissWorkflow(
                        call.asked(), call.part("id"), body.text(REASON).orElse(""), attempt(body))
                .join());
    }

    HttpReply dismissTask(HttpCall call) {
        JsonFields body = call.fields(REASON, ATTEMPT);
        return dismissed(operations
                .deadLetters()
                .dismissTask(call.asked(), call.part("id"), body.text(REASON).orElse(""), attempt(body))
                .join());
    }

    private static OptionalInt attempt(JsonFields body) {
        return body.smallInteger(ATTEMPT).map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    private static HttpReply dismissed(boolean changed) {
        return HttpReply.json(
                200, Json.object(json -> json.flag("dismissed", true).flag("changed", changed)));
    }

    /** Adds who has dismissed it, or null. */
    static void dismissal(Json json, @Nullable Dismissal dismissal) throws IOException {
        if (dismissal == null) {
            json.text("dismissal", null);
            return;
        }
        json.object(
                "dismissal",
                inner -> inner.text("by", dismissal.by())
                        .text("reason", dismissal.reason())
                        .time("at", dismissal.atMs()));
    }
}
