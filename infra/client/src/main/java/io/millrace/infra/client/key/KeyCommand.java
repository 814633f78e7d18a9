package io.millrace.infra.client.key;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** API keys of the organisation. */
@Command(name = "key", description = "API keys: who has one, and until when.")
public final class KeyCommand extends CommandGroup {

    private KeyCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new KeyCommand()
                .with(
                        ApiKeys.LIST.command(around),
                        new KeyCreateCommand(around),
                        new KeyExpireCommand(around),
                        new KeyRevokeCommand(around));
    }
}
