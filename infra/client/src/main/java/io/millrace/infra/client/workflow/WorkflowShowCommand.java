package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.Metadata;
import io.millrace.infra.client.execution.ShowCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.Times;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;

/** Shows one workflow execution. */
@Command(name = "show", description = "Shows a workflow execution as it stands now.")
final class WorkflowShowCommand extends ShowCommand {

    WorkflowShowCommand(Invocation around) {
        super(around, Kind.WORKFLOW);
    }

    @Override
    protected Details details(JsonObject found, Instant now) {
        return new Details()
                .line("id", found.text("id"))
                .line("kind", found.text("kind"))
                .line("version", found.text("workflowVersion"))
                .line("queue", found.text("queue"))
                .line("status", WorkflowStatus.of(found))
                .line("terminated by", found.text("terminatedBy"))
                .line("started", Times.ago(found.time("createdAt"), now))
                .line("ended", Times.ago(found.time("closedAt"), now))
                .line("took", Times.between(found.time("createdAt"), found.time("closedAt")))
                .line("worker", found.text("workerId"))
                .line("cancelled", at(found))
                .line("paused", paused(found))
                .line("dismissed", dismissed(found, now))
                .line("goes on from", found.text("resetFrom"))
                .line("goes on as", found.text("resetTo"))
                .line("parent", found.text("parentExecutionId"))
                .line("name", found.text("childExecutionName"))
                .line("metadata", Metadata.entries(found.object("metadata")))
                .line(
                        "history",
                        found.number("historyLength")
                                .map(length -> length + (length == 1 ? " event" : " events"))
                                .orElse(""))
                .line("input", payload(found.value("input")))
                .line("output", payload(found.value("output")))
                .line("error", Cell.of(found.text("error")).as(Cell.Look.BAD))
                .line(
                        "broken",
                        found.flag("broken")
                                ? "an outcome on the log names it that does not fit what stands before"
                                : "");
    }

    /** The read model may be away, or not know the workflow yet, and the rest is there all the same. */
    @Override
    protected void further(Api api, UUID of, Details details) {
        try {
            api.get(WorkflowAnnotateCommand.path(of), Map.of())
                    .json()
                    .objects("annotations")
                    .forEach(each -> details.line(
                            "note", each.text("text") + " (" + each.text("by") + ", " + each.text("at") + ")"));
        } catch (ClientException e) {
            if (e.exitCode() != ExitCode.UNREACHABLE && e.exitCode() != ExitCode.NOT_FOUND) {
                throw e;
            }
            note("what was noted about it cannot be told now: " + e.getMessage());
        }
    }

    private static String at(JsonObject found) {
        String time = found.text("cancelledByForceAt");
        return time.isEmpty() ? "" : "by force at " + time + ", if it has not ended by then";
    }

    private static String paused(JsonObject found) {
        String since = found.text("pausedAt");
        String reason = found.text("pauseReason");
        return since.isEmpty()
                ? ""
                : "since " + since + " by " + found.text("pausedBy") + (reason.isEmpty() ? "" : ": " + reason);
    }
}
