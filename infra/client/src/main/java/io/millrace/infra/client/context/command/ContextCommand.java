package io.millrace.infra.client.context.command;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Servers that the other commands ask, and the keys that they show. */
@Command(name = "context", description = "Servers that the other commands ask, and the keys that they show.")
public final class ContextCommand extends CommandGroup {

    private ContextCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new ContextCommand()
                .with(
                        new ContextSetCommand(around),
                        new ContextUseCommand(around),
                        new ContextListCommand(around),
                        new ContextShowCommand(around),
                        new ContextDeleteCommand(around));
    }
}
