package io.millrace.infra.client.workflow;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.CountCommand;
import io.millrace.infra.client.execution.DismissCommand;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.ResultCommand;
import io.millrace.infra.client.execution.WatchCommand;
import io.millrace.infra.client.execution.WhyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Workflow executions. */
@Command(name = "workflow", description = "Workflow executions.")
public final class WorkflowCommand extends CommandGroup {

    private WorkflowCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new WorkflowCommand()
                .with(
                        new WorkflowListCommand(around),
                        new CountCommand(around, Kind.WORKFLOW),
                        new WorkflowShowCommand(around),
                        new WhyCommand(around, Kind.WORKFLOW),
                        new WorkflowStartCommand(around),
                        new WorkflowSignalCommand(around),
                        new WorkflowSignalWithStartCommand(around),
                        new ResultCommand(around, Kind.WORKFLOW),
                        new WatchCommand(around, Kind.WORKFLOW),
                        new WorkflowEventsCommand(around),
                        new WorkflowStateCommand(around),
                        new WorkflowCancelCommand(around),
                        new WorkflowTerminateCommand(around),
                        new WorkflowAnnotateCommand(around),
                        new WorkflowPauseCommand(around),
                        new WorkflowResumeCommand(around),
                        new WorkflowResetCommand.Retry(around),
                        new WorkflowResetCommand.Reset(around),
                        new WorkflowResetCommand.Restart(around),
                        new WorkflowResetCommand.ContinueAsNew(around),
                        new DismissCommand(around, Kind.WORKFLOW));
    }
}
