package io.millrace.infra.client.promise;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Promises of workflows. */
@Command(name = "promise", description = "Promises of workflows.")
public final class PromiseCommand extends CommandGroup {

    private PromiseCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new PromiseCommand().with(new PromiseResolveCommand(around), new PromiseRejectCommand(around));
    }
}
