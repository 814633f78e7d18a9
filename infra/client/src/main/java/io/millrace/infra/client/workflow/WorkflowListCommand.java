package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.PagedListCommand;
import io.millrace.infra.client.execution.FilterOptions;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.Metadata;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists workflow executions. */
@Command(
        name = "list",
        description = {
            "Lists workflow executions, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class WorkflowListCommand extends PagedListCommand {

    @Mixin
    private FilterOptions filter = new FilterOptions();

    @Option(
            names = "--metadata",
            paramLabel = "NAME=VALUE",
            description = "Only those with this entry in their metadata. May be repeated.")
    private Map<String, String> metadata = new LinkedHashMap<>();

    WorkflowListCommand(Invocation around) {
        super(around);
    }

    @Override
    protected void prepare(Api api) {
        filter.resolve(api, Kind.WORKFLOW);
    }

    @Override
    protected String path() {
        return Kind.WORKFLOW.path();
    }

    @Override
    protected String field() {
        return "workflowExecutions";
    }

    @Override
    protected Map<String, String> filter() {
        Map<String, String> query = filter.query();
        metadata.forEach((name, value) -> query.put("metadata[" + name + "]", value));
        return query;
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                whole("ID", "id"),
                text("KIND", "kind"),
                text("QUEUE", "queue"),
                Column.of("STATUS", WorkflowStatus::of),
                age("AGE", "createdAt"),
                took("createdAt", "closedAt"),
                text("VERSION", "workflowVersion").onlyWide(),
                number("HISTORY", "historyLength").onlyWide(),
                text("TERMINATED BY", "terminatedBy").onlyWide(),
                whole("PARENT", "parentExecutionId").onlyWide(),
                Column.<JsonObject>flexible("METADATA", item -> Cell.of(Metadata.entries(item.object("metadata"))))
                        .onlyWide(),
                text("ERROR", "error").onlyWide());
    }
}
