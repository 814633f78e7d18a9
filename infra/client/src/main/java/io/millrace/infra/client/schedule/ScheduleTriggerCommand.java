package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Starts a run of one schedule now. */
@Command(
        name = "trigger",
        description = {
            "Starts a run of a schedule now, as if it were due, and prints the id of the workflow.",
            "A run before it that is open counts as always, and so it may wait, or not start."
        })
final class ScheduleTriggerCommand extends ScheduleAction {

    ScheduleTriggerCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "trigger", Map.of());
        return switch (answer.text("decision")) {
            case "STARTED" -> {
                out().println(answer.text("workflowExecutionId"));
                yield ExitCode.DONE;
            }
            case "BUFFERED" -> {
                note("it starts when the run before it has ended");
                yield ExitCode.DONE;
            }
            default -> {
                note("expected that no run of " + name() + " is open, but one is, and nothing is started");
                yield ExitCode.FAILED;
            }
        };
    }
}
