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

/** Has one task tried again. */
@Command(
        name = "retry",
        description = {
            "Gives a task its attempts and its time back, and hands it out at once.",
            "A task of a workflow that has heard of its end stays as it is: retry the workflow.",
        })
final class TaskRetryCommand extends EndingCommand {

    @Mixin
    private VersionOption seen = new VersionOption();

    TaskRetryCommand(Invocation around) {
        super(around, Kind.TASK);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, seen.on("retry"), Map.of());
        out().println(
                        answer.flag("retried")
                                ? "task " + id() + " is tried again"
                                : "task " + id() + " has all its attempts, and waits for a worker");
        return ExitCode.DONE;
    }
}
