package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Holds one schedule back. */
@Command(
        name = "pause",
        description = {
            "Lets nothing of a schedule start but what is triggered.",
            "Runs go on. What is due meanwhile is not made up for."
        })
final class SchedulePauseCommand extends ScheduleAction {

    SchedulePauseCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "pause", Map.of());
        out().println("schedule " + name() + (answer.flag("paused") ? " paused" : " is paused already"));
        return ExitCode.DONE;
    }
}
