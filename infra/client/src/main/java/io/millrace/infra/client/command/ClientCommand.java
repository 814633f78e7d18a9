package io.millrace.infra.client.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have: their help, where they print, and what they may look at. */
public abstract class ClientCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Says what it does, and its options.")
    private boolean help;

    private final Invocation around;

    protected ClientCommand(Invocation around) {
        this.around = around;
    }

    protected final Invocation around() {
        return around;
    }

    protected final CommandSpec spec() {
        return spec;
    }

    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    protected final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints a note to standard error, apart from what was asked for. */
    protected final void note(String text) {
        err().println("millrace: " + text);
    }
}
