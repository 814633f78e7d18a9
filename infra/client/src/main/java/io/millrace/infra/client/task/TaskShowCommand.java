package io.millrace.infra.client.task;

import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.Metadata;
import io.millrace.infra.client.execution.ShowCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.Times;
import java.time.Instant;
import picocli.CommandLine.Command;

/** Shows one task execution. */
@Command(name = "show", description = "Shows a task execution as it stands now, with its log.")
final class TaskShowCommand extends ShowCommand {

    TaskShowCommand(Invocation around) {
        super(around, Kind.TASK);
    }

    @Override
    protected Details details(JsonObject found, Instant now) {
        Details details = new Details()
                .line("id", found.text("id"))
                .line("kind", found.text("kind"))
                .line("queue", found.text("queue"))
                .line("status", Cell.status(found.text("status")))
                .line("workflow", found.text("workflowExecutionId"))
                .line("attempts", TaskListCommand.attempts(found))
                .line("submitted", Times.ago(found.time("createdAt"), now))
                .line("started", Times.ago(found.time("startedAt"), now))
                .line("ended", Times.ago(found.time("completedAt"), now))
                .line("took", Times.between(found.time("startedAt"), found.time("completedAt")))
                .line("worker", found.text("workerId"))
                .line("dismissed", dismissed(found, now))
                .line("version", found.number("version").map(String::valueOf).orElse(""))
                .line("metadata", Metadata.entries(found.object("metadata")))
                .line("progress", payload(found.value("progress")))
                .line("details", found.text("progressDetails"))
                .line("input", payload(found.value("input")))
                .line("output", payload(found.value("output")))
                .line("error", Cell.of(found.text("error")).as(Cell.Look.BAD));
        for (JsonObject said : found.objects("log")) {
            details.line(
                    "log",
                    Times.clock(said.time("time"), around().zone()) + " " + said.text("level") + " "
                            + said.text("message"));
        }
        return details;
    }
}
