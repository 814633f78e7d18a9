package io.millrace.infra.client.queue;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Kinds of work that are held back. */
@Command(name = "kind", description = "Kinds of work, held back or handed out.")
public final class KindCommand extends CommandGroup {

    private KindCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new KindCommand()
                .with(Kinds.LIST.command(around), new KindPauseCommand(around), new KindResumeCommand(around));
    }
}
