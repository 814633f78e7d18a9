package io.millrace.infra.client.task;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.PagedListCommand;
import io.millrace.infra.client.execution.FilterOptions;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists task executions. */
@Command(
        name = "list",
        description = {
            "Lists task executions, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class TaskListCommand extends PagedListCommand {

    @Mixin
    private FilterOptions filter = new FilterOptions();

    @Option(
            names = "--workflow",
            paramLabel = "ID",
            converter = IdConverter.class,
            description = "Only those of this workflow execution.")
    private UUID workflow;

    TaskListCommand(Invocation around) {
        super(around);
    }

    @Override
    protected void prepare(Api api) {
        filter.resolve(api, Kind.TASK);
    }

    @Override
    protected String path() {
        return Kind.TASK.path();
    }

    @Override
    protected String field() {
        return "taskExecutions";
    }

    @Override
    protected Map<String, String> filter() {
        Map<String, String> query = filter.query();
        GivenOptions.put(query, "workflowExecutionId", workflow == null ? null : workflow.toString());
        return query;
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                whole("ID", "id"),
                text("KIND", "kind"),
                text("QUEUE", "queue"),
                status(),
                Column.of("TRY", item -> Cell.of(attempts(item))),
                age("AGE", "createdAt"),
                took("startedAt", "completedAt").onlyWide(),
                whole("WORKFLOW", "workflowExecutionId").onlyWide(),
                text("WORKER", "workerId").onlyWide(),
                text("ERROR", "error").onlyWide());
    }

    /** @return how many attempts were made, and how many may be made */
    static String attempts(JsonObject task) {
        return task.number("executionCount").orElse(0L) + "/"
                + (1 + task.number("maxRetries").orElse(0L));
    }
}
