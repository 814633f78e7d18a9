package io.millrace.infra.client;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the version of this build. */
@Command(name = "version", description = "Prints the version of this build.")
final class VersionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Says what it does.")
    private boolean help;

    @Override
    public Integer call() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        spec.commandLine().getOut().println("millrace " + (version == null ? "(not packaged)" : version));
        return 0;
    }
}
