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

/** Terminates one workflow. */
@Command(
        name = "terminate",
        description = {
            "Ends it at once, with its open tasks and children. Its worker is not asked.",
            "Exit code 1 if it had ended already: it stays as it is.",
            "Exit code 7 if somebody else has to approve it first: it is open until then."
        })
final class WorkflowTerminateCommand extends EndingCommand {

    @Mixin
    private SequenceOption seen = new SequenceOption();

    WorkflowTerminateCommand(Invocation around) {
        super(around, Kind.WORKFLOW);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = ask(api, seen.on("terminate"), Map.of(), "nothing is terminated");
        if (answer == null) {
            return ExitCode.STILL_OPEN;
        }
        if (!answer.flag("terminated")) {
            return hadEnded();
        }
        out().println("workflow " + id() + " terminated");
        return ExitCode.DONE;
    }
}
