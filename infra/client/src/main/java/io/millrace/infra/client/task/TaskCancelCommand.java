package io.millrace.infra.client.task;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.VersionOption;
import io.millrace.infra.client.execution.EndingCommand;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Cancels one task. */
@Command(
        name = "cancel",
        description = {
            "Cancels it at once, whatever its worker does.",
            "Exit code 1 if it had ended already: it stays as it is.",
            "Exit code 7 if somebody else has to approve it first: it is open until then."
        })
final class TaskCancelCommand extends EndingCommand {

    @Mixin
    private VersionOption seen = new VersionOption();

    TaskCancelCommand(Invocation around) {
        super(around, Kind.TASK);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = ask(api, seen.on("cancel"), Map.of(), "nothing is cancelled");
        if (answer == null) {
            return ExitCode.STILL_OPEN;
        }
        if (!answer.flag("cancelled")) {
            return hadEnded();
        }
        out().println("task " + id() + " cancelled");
        return ExitCode.DONE;
    }
}
