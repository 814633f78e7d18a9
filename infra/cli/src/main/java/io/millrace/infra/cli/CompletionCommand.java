package io.millrace.infra.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a script by which a shell completes commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script by which Bash, or Zsh with bashcompinit, completes commands, options and their values.",
            "In Bash: source <(./millrace completion)"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("millrace", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
