package io.millrace.infra.client.execution;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Queries that have names in the organisation. */
@Command(name = "query", description = "Queries that have names in the organisation.")
public final class QueryCommand extends CommandGroup {

    private QueryCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new QueryCommand()
                .with(SavedQueries.LIST.command(around), new QuerySaveCommand(around), new QueryDeleteCommand(around));
    }
}
