package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lets one schedule go on. */
@Command(name = "resume", description = "Lets a paused schedule go on.")
final class ScheduleResumeCommand extends ScheduleAction {

    ScheduleResumeCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "resume", Map.of());
        out().println("schedule " + name() + (answer.flag("resumed") ? " resumed" : " was not paused"));
        return ExitCode.DONE;
    }
}
