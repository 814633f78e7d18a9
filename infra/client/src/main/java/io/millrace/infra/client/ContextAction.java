package io.millrace.infra.client;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.context.Contexts;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Does something with the file of contexts. */
abstract class ContextAction implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Says what it does, and its options.")
    private boolean help;

    private final Surroundings around;

    ContextAction(Surroundings around) {
        this.around = around;
    }

    final Surroundings around() {
        return around;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final Contexts contexts() {
        return Contexts.of(around.environment());
    }

    /** @return the context of that name, which has to exist */
    static Target known(Contexts contexts, String name) {
        return contexts.find(name)
                .orElseThrow(() -> new ClientException(
                        ExitCode.NOT_FOUND,
                        "expected a context, but there is none of the name '" + name
                                + "'; `millrace context list` shows all"));
    }
}
