package io.millrace.infra.client.queue;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Workers that have registered. */
@Command(name = "worker", description = "Workers that have registered.")
public final class WorkerCommand extends CommandGroup {

    private WorkerCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new WorkerCommand()
                .with(new WorkerListCommand(around), new WorkerDrainCommand(around), new WorkerUndrainCommand(around));
    }
}
