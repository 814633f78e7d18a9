package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.context.Choice;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that asks a server. */
abstract class ApiCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Says what it does, and its options.")
    private boolean help;

    private final Surroundings around;

    ApiCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws Exception {
        Choice choice = connection.choose(around);
        Api api = new Api(choice.target());
        if (choice.devData().isPresent()) {
            expectServerOf(choice.devData().get(), api);
        }
        return run(api);
    }

    /** The port may belong to another development server by now, which takes the same well-known keys. */
    private static void expectServerOf(Path data, Api api) {
        String told = api.open("/_/health").json().text("data");
        if (!told.isEmpty() && !Path.of(told).equals(data)) {
            throw new ClientException(
                    ExitCode.UNREACHABLE,
                    "expected the server of " + data + " at " + api.target().url() + ", but that of " + told
                            + " listens there; start the other by `millrace dev --data " + data + "`");
        }
    }

    /** @return the exit code */
    abstract int run(Api api) throws Exception;

    final Surroundings around() {
        return around;
    }

    final CommandSpec spec() {
        return spec;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints a note to standard error, apart from what was asked for. */
    final void note(String text) {
        err().println("millrace: " + text);
    }
}
