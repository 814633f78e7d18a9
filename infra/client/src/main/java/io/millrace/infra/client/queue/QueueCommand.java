package io.millrace.infra.client.queue;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Queues with work that waits. */
@Command(name = "queue", description = "Queues: what waits in them, and how it is handed out.")
public final class QueueCommand extends CommandGroup {

    private QueueCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new QueueCommand()
                .with(
                        Queues.LIST.command(around),
                        new QueueShowCommand(around),
                        new QueueWhyCommand(around),
                        new QueuePauseCommand(around),
                        new QueueResumeCommand(around),
                        new QueueLimitCommand(around),
                        new QueueUnlimitCommand(around));
    }
}
