package io.millrace.infra.client.context.command;

import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.context.Contexts;
import picocli.CommandLine.Parameters;

/** Does something with one context, which has to be there. */
abstract class NamedContextAction extends ContextAction {

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name;

    NamedContextAction(Invocation around) {
        super(around);
    }

    @Override
    public final Integer call() {
        Contexts contexts = contexts();
        change(contexts, known(contexts, name).name());
        return ExitCode.DONE;
    }

    abstract void change(Contexts contexts, String name);
}
