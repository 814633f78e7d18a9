package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.EndingCommand;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lets one workflow go on. */
@Command(name = "resume", description = "Lets a paused workflow be handed out again.")
final class WorkflowResumeCommand extends EndingCommand {

    @Mixin
    private SequenceOption seen = new SequenceOption();

    WorkflowResumeCommand(Invocation around) {
        super(around, Kind.WORKFLOW);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, seen.on("resume"), Map.of());
        out().println("workflow " + id() + (answer.flag("resumed") ? " resumed" : " was not paused"));
        return ExitCode.DONE;
    }
}
