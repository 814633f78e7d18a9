package io.millrace.infra.client.context.command;

import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.Contexts;
import picocli.CommandLine.Command;

/** Chooses a context. */
@Command(name = "use", description = "Lets a context be the one in use: commands that name none ask its server.")
final class ContextUseCommand extends NamedContextAction {

    ContextUseCommand(Invocation around) {
        super(around);
    }

    @Override
    void change(Contexts contexts, String name) {
        contexts.use(name);
        out().println("context " + name + " in use");
    }
}
