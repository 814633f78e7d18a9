package io.millrace.infra.client;

import io.millrace.infra.client.context.Contexts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Chooses a context. */
@Command(name = "use", description = "Lets a context be the one in use: commands that name none ask its server.")
final class ContextUseCommand extends ContextAction {

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name;

    ContextUseCommand(Surroundings around) {
        super(around);
    }

    @Override
    public Integer call() {
        Contexts contexts = contexts();
        contexts.use(known(contexts, name).name());
        out().println("context " + name + " in use");
        return 0;
    }
}
