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

/** Holds one workflow back. */
@Command(
        name = "pause",
        description = {
            "Lets nothing of a workflow be handed out, neither itself nor its tasks.",
            "What workers have goes on, timers fire, and signals come in."
        })
final class WorkflowPauseCommand extends EndingCommand {

    @Mixin
    private SequenceOption seen = new SequenceOption();

    WorkflowPauseCommand(Invocation around) {
        super(around, Kind.WORKFLOW);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, seen.on("pause"), Map.of());
        out().println("workflow " + id() + (answer.flag("paused") ? " paused" : " is paused already"));
        return ExitCode.DONE;
    }
}
