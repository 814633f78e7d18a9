package io.millrace.infra.client.task;

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

/** Task executions. */
@Command(name = "task", description = "Task executions.")
public final class TaskCommand extends CommandGroup {

    private TaskCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new TaskCommand()
                .with(
                        new TaskListCommand(around),
                        new CountCommand(around, Kind.TASK),
                        new TaskShowCommand(around),
                        new WhyCommand(around, Kind.TASK),
                        new TaskSubmitCommand(around),
                        new ResultCommand(around, Kind.TASK),
                        new WatchCommand(around, Kind.TASK),
                        new TaskCancelCommand(around),
                        new TaskRetryCommand(around),
                        new DismissCommand(around, Kind.TASK));
    }
}
