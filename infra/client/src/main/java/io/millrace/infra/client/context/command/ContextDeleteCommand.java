package io.millrace.infra.client.context.command;

import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.Contexts;
import picocli.CommandLine.Command;

/** Forgets a context. */
@Command(name = "delete", description = "Forgets a context and its key.")
final class ContextDeleteCommand extends NamedContextAction {

    ContextDeleteCommand(Invocation around) {
        super(around);
    }

    @Override
    void change(Contexts contexts, String name) {
        contexts.delete(name);
        out().println("context " + name + " deleted");
    }
}
