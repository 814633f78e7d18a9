package io.millrace.infra.client.workflow;

import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.StartingCommand;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts a workflow execution. */
@Command(
        name = "start",
        description = {
            "Starts a workflow execution, and prints its id.",
            "With --wait it prints the output instead, and ends as `workflow result` does."
        })
final class WorkflowStartCommand extends StartingCommand {

    @Mixin
    private WorkflowOptions options = new WorkflowOptions();

    WorkflowStartCommand(Invocation around) {
        super(around, Kind.WORKFLOW, "started");
    }

    @Override
    protected void addTo(Map<String, Object> body) {
        options.addTo(body);
    }
}
