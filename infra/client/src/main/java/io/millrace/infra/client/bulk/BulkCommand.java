package io.millrace.infra.client.bulk;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Bulk jobs, which ask the same of everything that a query finds. */
@Command(name = "bulk", description = "Bulk jobs, which ask the same of everything that a query finds.")
public final class BulkCommand extends CommandGroup {

    private BulkCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new BulkCommand()
                .with(
                        new BulkBeginCommand(around),
                        BulkJobs.LIST.command(around),
                        new BulkShowCommand(around),
                        new BulkItemsCommand(around),
                        new BulkSteerCommand.Pause(around),
                        new BulkSteerCommand.Resume(around),
                        new BulkSteerCommand.Stop(around));
    }
}
