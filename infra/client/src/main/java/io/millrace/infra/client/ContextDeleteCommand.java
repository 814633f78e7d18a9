package io.millrace.infra.client;

import io.millrace.infra.client.context.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Forgets a context. */
@Command(name = "delete", description = "Forgets a context and its key.")
final class ContextDeleteCommand extends ContextAction {

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name;

    ContextDeleteCommand(Surroundings around) {
        super(around);
    }

    @Override
    public Integer call() {
        Contexts contexts = contexts();
        contexts.delete(known(contexts, name).name());
        out().println("context " + name + " deleted");
        return 0;
    }
}
