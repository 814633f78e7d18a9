package io.millrace.infra.client.schedule;

import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.PagedListCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists what became of the due times of a schedule. */
@Command(
        name = "runs",
        description = {
            "Lists what became of the due times of a schedule, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class ScheduleRunsCommand extends PagedListCommand {

    @Parameters(paramLabel = "NAME", description = "Name of the schedule.")
    private String name;

    ScheduleRunsCommand(Invocation around) {
        super(around);
    }

    @Override
    protected String path() {
        return ScheduleAction.path(name) + "/runs";
    }

    @Override
    protected String field() {
        return "runs";
    }

    @Override
    protected String id(JsonObject item) {
        return item.text("workflowExecutionId");
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                whole("DUE", "dueAt"),
                whole("DECISION", "decision"),
                whole("WHY", "skipReason"),
                whole("CAUSE", "cause"),
                Column.of("STATUS", item -> Cell.status(item.text("status"))),
                whole("WORKFLOW", "workflowExecutionId"),
                age("AGE", "decidedAt"),
                took("decidedAt", "closedAt"));
    }
}
