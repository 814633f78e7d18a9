package io.millrace.infra.client.audit;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Commands about the audit trail. Auditors' commands that ask no server, or ask Kafka itself, are elsewhere. */
@Command(name = "audit", description = "Who asked for what, and what came of it.")
public final class TrailCommands extends CommandGroup {

    private TrailCommands() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return addedTo(new TrailCommands().with(), around);
    }

    /** Adds its commands to a group that has others about the same. */
    public static CommandLine addedTo(CommandLine group, Invocation around) {
        return group.addSubcommand(new AuditListCommand(around)).addSubcommand(new AuditProofCommand(around));
    }
}
